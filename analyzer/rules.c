/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules.h"

#include "analyzer/rule_rows.h"
#include "model/attrs.h"

#include <strings.h>

#define ADDRESS_OF_ROW(row) &(row),
const struct rule *const rules[] = {RULE_ROWS(ADDRESS_OF_ROW)};
#undef ADDRESS_OF_ROW
const uint32_t n_rules = COUNT_OF(rules);

const struct rule *rule_find(const char *code)
{
	for (uint32_t i = 0; i < n_rules; i++) {
		if (code != NULL && strcasecmp(rules[i]->code, code) == 0) {
			return rules[i];
		}
	}
	return NULL;
}
