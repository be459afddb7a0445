/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/agent.h"

#include "analyzer/context.h"
#include "model/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const filter_prefixes[] = {"classifier_ingress_security",
                                              "classifier_egress_security"};

/* Names of the programs' functions, whole and as the kernel cuts them to 15 characters. */
static const char *const prog_names[] = {"classifier_ingr", "classifier_ingress", "classifier_egre",
                                         "classifier_egress", "classifier_raw_"};
static const char raw_prog_prefix[] = "classifier_raw_packet";

/** Where a number that ends before @p end begins; @p end when there is none. */
static size_t number_start(const char *text, size_t end)
{
	size_t at = end;

	while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') {
		at--;
	}
	return at;
}

/** Step back over `_` and a number that end before @p end. @return where `_` stands, or @p end. */
static size_t before_number(const char *text, size_t end)
{
	size_t at = number_start(text, end);

	return at < end && at > 0 && text[at - 1] == '_' ? at - 1 : end;
}

static bool split_name(const char *name, size_t prefix, struct agent_filter *ret)
{
	size_t len = strlen(name);
	size_t pid = before_number(name, len);
	size_t inode = before_number(name, pid);

	if (pid == len || inode == pid || inode < prefix) {
		return false;
	}

	size_t ifindex = number_start(name, inode);

	*ret = (struct agent_filter){
		.pid = (uint32_t)strtoul(name + pid + 1, NULL, 10),
		.netns = strtoull(name + inode + 1, NULL, 10),
		.ifindex = ifindex < inode ? (uint32_t)strtoul(name + ifindex, NULL, 10) : 0,
		.own_len = ifindex,
	};
	return true;
}

bool agent_filter_parse(const char *name, struct agent_filter *ret)
{
	for (size_t i = 0; i < COUNT_OF(filter_prefixes); i++) {
		if (text_starts(name, filter_prefixes[i])) {
			return split_name(name, strlen(filter_prefixes[i]), ret);
		}
	}
	return false;
}

bool agent_filter_name(const char *name)
{
	struct agent_filter filter;

	return agent_filter_parse(name, &filter);
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

const struct release agent_network_since = {7, 36, 0};
const struct release agent_priority_since = {7, 39, 2};

bool agent_is_fixed(const char *version)
{
	struct release release = {0};

	return release_parse(version, &release) && release_cmp(release, agent_network_since) >= 0 &&
	       release_cmp(release, agent_priority_since) < 0;
}

const char *agent_version(const struct snapshot *snap, const struct analyze_options *opts)
{
	return opts->agent_version != NULL ? opts->agent_version : snap->agent.version;
}

bool agent_release(const struct snapshot *snap, const struct analyze_options *opts,
                   struct release *ret)
{
	return release_parse(agent_version(snap, opts), ret);
}

const struct snap_config *agent_network_off(const struct snapshot *snap,
                                            const struct analyze_options *opts)
{
	struct agent_setting setting;
	struct release version;
	bool known = agent_release(snap, opts, &version);

	if (!agent_setting_find(snap, known ? &version : NULL, "network.enabled", &setting) ||
	    !agent_setting_is_false(setting.row)) {
		return NULL;
	}
	return setting.row;
}

bool agent_number(const struct snapshot *snap, const struct release *version, const char *suffix,
                  uint32_t *ret_value, enum priority_source *ret_source)
{
	struct agent_setting setting;
	int64_t number = 0;

	if (!agent_setting_find(snap, version, suffix, &setting) ||
	    !agent_setting_number(setting.row, &number)) {
		return false;
	}
	*ret_value = (uint32_t)((uint64_t)number & 0xffffu); /* the Agent casts to 16 bits */
	*ret_source = setting.source;
	return true;
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
	struct release version;
	bool known = agent_release(snap, opts, &version);

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
	} else if (agent_is_fixed(agent_version(snap, opts))) {
		*ret = (struct agent_priority){AGENT_FIXED_PRIORITY, PRIORITY_DEFAULT};
	} else if (agent_number(snap, known ? &version : NULL, "network.classifier_priority",
	                        &value, &source)) {
		*ret = (struct agent_priority){value != 0 ? value : AGENT_ZERO_PRIORITY, source};
	} else {
		*ret = (struct agent_priority){AGENT_DEFAULT_PRIORITY, PRIORITY_DEFAULT};
	}
	return 0;
}
