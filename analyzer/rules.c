/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rules.h"

#include "analyzer/rule_rows.h"
#include "model/attrs.h"

#include <strings.h>

const struct rule *const rules[] = {
	&rule_blocked_at_1,     &rule_blocked_in_front,
	&rule_priority_shared,  &rule_priority_refused,
	&rule_handle_taken,     &rule_tcx_ends,
	&rule_xdp_takes,        &rule_netkit_ends,
	&rule_classifier_ends,  &rule_shared_block,
	&rule_ingress_qdisc,    &rule_goto_chain,
	&rule_other_qdisc,      &rule_gap,
	&rule_returns_unproven,
};
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
