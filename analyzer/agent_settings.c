/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/agent_settings.h"

#include "model/attrs.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool has_key(const struct snap_config *row, const char *section, const char *suffix)
{
	return text_starts(row->key, section) && text_eq(row->key + strlen(section), suffix);
}

static bool from_environment(const struct snap_config *row)
{
	return text_eq(row->source, "environment");
}

/** Variables of both prefixes set the new key: their own name tells them apart. */
static bool is_deprecated(const struct snap_config *row, const char *suffix)
{
	if (from_environment(row) && row->where != NULL) {
		return text_starts(row->where, "DD_RUNTIME_SECURITY_CONFIG_");
	}
	return has_key(row, AGENT_OLD_SECTION, suffix);
}

/** How much a row counts; 0: not at all. */
static int rank_of(const struct snap_config *row, const struct release *version, const char *suffix)
{
	bool environment = from_environment(row);
	bool deprecated = is_deprecated(row, suffix);

	if (row->value == NULL || (!has_key(row, AGENT_OLD_SECTION, suffix) &&
	                           !has_key(row, AGENT_NEW_SECTION, suffix))) {
		return 0;
	}
	if (version != NULL && release_cmp(*version, AGENT_SPLIT) < 0) {
		return !deprecated ? 0 : environment ? 2 : 1;
	}
	if (deprecated) {
		return environment ? 2 : 4;
	}
	return environment ? 3 : 1;
}

bool agent_setting_find(const struct snapshot *snap, const struct release *version,
                        const char *suffix, struct agent_setting *ret)
{
	const struct snap_config *best = NULL;
	const struct snap_config *other = NULL;
	int best_rank = 0;

	for (uint32_t i = 0; i < snap->agent.n_config; i++) {
		const struct snap_config *row = &snap->agent.config[i];
		int rank = rank_of(row, version, suffix);

		if (rank > best_rank) {
			other = best != NULL ? best : other;
			best = row;
			best_rank = rank;
		} else if (rank > 0) {
			other = other == NULL || !text_eq(row->value, best->value) ? row : other;
		}
	}
	if (best == NULL) {
		return false;
	}
	*ret = (struct agent_setting){
		.row = best,
		.outvoted = other != NULL && !text_eq(other->value, best->value) ? other : NULL,
		.source = from_environment(best) ? PRIORITY_ENVIRONMENT : PRIORITY_FILE,
	};
	return true;
}

const struct snap_config *agent_setting_in_file(const struct snapshot *snap, const char *section,
                                                const char *suffix)
{
	for (uint32_t i = 0; i < snap->agent.n_config; i++) {
		const struct snap_config *row = &snap->agent.config[i];

		if (!from_environment(row) && has_key(row, section, suffix)) {
			return row;
		}
	}
	return NULL;
}

bool agent_setting_number(const struct snap_config *row, int64_t *ret)
{
	char *end = NULL;

	if (row->value == NULL || row->value[0] == '\0') {
		return false;
	}
	errno = 0;
	intmax_t number = strtoimax(row->value, &end, 10);

	if (errno != 0 || *end != '\0') {
		return false;
	}
	*ret = number;
	return true;
}

bool agent_setting_is_false(const struct snap_config *row)
{
	static const char *const words[] = {"false", "no", "off", "0", "f", "n"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (row->value != NULL && strcasecmp(row->value, words[i]) == 0) {
			return true;
		}
	}
	return false;
}
