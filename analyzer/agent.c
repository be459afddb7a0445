/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/agent.h"

#include "analyzer/context.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const filter_prefixes[] = {"classifier_ingress_security",
                                              "classifier_egress_security"};

/* Names of the programs' functions, whole and as the kernel cuts them to 15 characters. */
static const char *const prog_names[] = {"classifier_ingr", "classifier_ingress", "classifier_egre",
                                         "classifier_egress", "classifier_raw_"};
static const char raw_prog_prefix[] = "classifier_raw_packet";

/** Step back over `_` and a number that end before @p end. @return where `_` stands, or @p end. */
static size_t before_number(const char *text, size_t end)
{
	size_t at = end;

	while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') {
		at--;
	}
	return at < end && at > 0 && text[at - 1] == '_' ? at - 1 : end;
}

bool agent_filter_name(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(filter_prefixes); i++) {
		if (!text_starts(name, filter_prefixes[i])) {
			continue;
		}

		size_t len = strlen(name);
		size_t pid = before_number(name, len);
		size_t inode = before_number(name, pid);

		return pid < len && inode < pid && inode >= strlen(filter_prefixes[i]);
	}
	return false;
}

bool agent_prog_name(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(prog_names); i++) {
		if (text_eq(name, prog_names[i])) {
			return true;
		}
	}
	return text_starts(name, raw_prog_prefix);
}

bool agent_owns(const struct snapshot *snap, const struct snap_entry *entry)
{
	if (!entry->is_filter || !text_eq(entry->kind, "bpf")) {
		return false;
	}
	if (agent_filter_name(entry->name)) {
		return true;
	}

	const struct snap_prog *prog =
		entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;

	return prog != NULL && agent_prog_name(prog->name);
}

static bool last_component_is(const char *key, const char *want)
{
	const char *dot = key != NULL ? strrchr(key, '.') : NULL;

	return text_eq(dot != NULL ? dot + 1 : key, want);
}

/**
 * Which of two settings of one key counts. The Agent asks for the deprecated spelling first. The
 * environment only ever sets the new one, whatever its prefix, and is stronger than a file there.
 */
static int config_rank(const struct snap_config *row)
{
	bool deprecated = text_starts(row->key, "runtime_security_config.");
	bool environment = text_eq(row->source, "environment");

	if (deprecated) {
		return environment ? 3 : 4;
	}
	return environment ? 2 : 1;
}

/** A whole number, cast to 16 bits as the Agent does. */
static bool parse_u16(const char *text, uint32_t *ret_value)
{
	char *end = NULL;

	if (text == NULL || text[0] == '\0') {
		return false;
	}
	errno = 0;
	intmax_t number = strtoimax(text, &end, 10);

	if (errno != 0 || *end != '\0') {
		return false;
	}
	*ret_value = (uint32_t)((uintmax_t)number & 0xffffu);
	return true;
}

bool agent_setting(const struct snapshot *snap, const char *key, uint32_t *ret_value,
                   enum priority_source *ret_source)
{
	int best = 0;

	for (uint32_t i = 0; i < snap->agent.n_config; i++) {
		const struct snap_config *row = &snap->agent.config[i];
		int rank = config_rank(row);
		uint32_t value = 0;

		if (rank <= best || !last_component_is(row->key, key) ||
		    !parse_u16(row->value, &value)) {
			continue;
		}
		best = rank;
		*ret_value = value;
		*ret_source =
			text_eq(row->source, "environment") ? PRIORITY_ENVIRONMENT : PRIORITY_FILE;
	}
	return best > 0;
}

/** The priority most of the Agent's own filters have, the lower of equals; 0 for no filter. */
static int running_priority(const struct snapshot *snap, const bool *own, struct arena *scratch,
                            uint32_t *ret_pref)
{
	uint32_t *count = NULL;
	uint32_t best = 0;

	for (uint32_t i = 0; i < snap->n_entries; i++) {
		uint32_t pref = snap->entries[i].pref;

		if (!own[i] || pref == 0 || pref > PREF_MAX) {
			continue;
		}
		if (count == NULL) {
			count = arena_alloc(scratch, (PREF_MAX + 1) * sizeof(*count));
		}
		if (count == NULL) {
			return -ENOMEM;
		}
		count[pref]++;
		if (best == 0 || count[pref] > count[best] ||
		    (pref < best && count[pref] == count[best])) {
			best = pref;
		}
	}
	*ret_pref = best;
	return 0;
}

int agent_effective_priority(const struct snapshot *snap, const struct analyze_options *opts,
                             const bool *own, struct arena *scratch, struct agent_priority *ret)
{
	uint32_t value = 0;
	enum priority_source source = PRIORITY_DEFAULT;

	if (opts->priority != 0) {
		*ret = (struct agent_priority){opts->priority, PRIORITY_OPTION};
		return 0;
	}

	int r = running_priority(snap, own, scratch, &value);

	if (r < 0) {
		return r;
	}
	if (value != 0) {
		*ret = (struct agent_priority){value, PRIORITY_RUNNING};
	} else if (agent_setting(snap, "classifier_priority", &value, &source)) {
		*ret = (struct agent_priority){value != 0 ? value : AGENT_ZERO_PRIORITY, source};
	} else {
		*ret = (struct agent_priority){AGENT_DEFAULT_PRIORITY, PRIORITY_DEFAULT};
	}
	return 0;
}
