/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report.h"

#include <assert.h>
#include <inttypes.h>

/*
 * The Agent has two names for the setting. Through 7.44 only runtime_security_config existed;
 * from 7.45 event_monitoring_config is the canonical one, the old one is an alias, and the alias
 * wins when the file sets both. In the environment both prefixes reach the setting in later
 * Agents, but only the old prefix reaches it in all of them.
 */
#define OLD_SECTION "runtime_security_config"
#define NEW_SECTION "event_monitoring_config"
#define VARIABLE    "DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY"

/** The Agent's major version the split happened in, and the first minor version that has it. */
#define SPLIT_MAJOR 7u
#define SPLIT_MINOR 45u

/** Largest number taken for a part of a version; anything above is not one. */
#define VERSION_PART_MAX 99999u

enum spelling {
	SPELLING_OLD,
	SPELLING_NEW,
	SPELLING_UNKNOWN, /**< The version is not known: explain both. */
};

/** Read digits at *text and step over them. */
static bool read_number(const char **text, uint32_t *ret)
{
	const char *at = *text;
	uint32_t value = 0;

	while (*at >= '0' && *at <= '9') {
		value = value * 10 + (uint32_t)(*at - '0');
		if (value > VERSION_PART_MAX) {
			return false;
		}
		at++;
	}
	if (at == *text) {
		return false;
	}
	*text = at;
	*ret = value;
	return true;
}

/** What may follow MAJOR.MINOR: nothing, a patch level, or a pre-release or package suffix. */
static bool ends_minor(char c)
{
	return c == '\0' || c == '.' || c == '-' || c == '+' || c == '~';
}

/** "7.44.1", "v7.50", "7.45.0-rc.3", and "1:7.44.1-1" as package managers write it. */
static bool parse_version(const char *text, uint32_t *ret_major, uint32_t *ret_minor)
{
	uint32_t major;
	uint32_t minor;

	if (text == NULL) {
		return false;
	}
	if (*text == 'v') {
		text++;
	}
	if (!read_number(&text, &major)) {
		return false;
	}
	if (*text == ':') { /* that was the package's epoch */
		text++;
		if (!read_number(&text, &major)) {
			return false;
		}
	}
	if (*text != '.') {
		return false;
	}
	text++;
	if (!read_number(&text, &minor) || !ends_minor(*text)) {
		return false;
	}
	*ret_major = major;
	*ret_minor = minor;
	return true;
}

static enum spelling spelling_for(const char *agent_version)
{
	uint32_t major;
	uint32_t minor;

	if (!parse_version(agent_version, &major, &minor) || major < SPLIT_MAJOR) {
		return SPELLING_UNKNOWN;
	}
	return major == SPLIT_MAJOR && minor < SPLIT_MINOR ? SPELLING_OLD : SPELLING_NEW;
}

/** 0 would become 50 in the Agent, and values wrap at 16 bits: neither is ever written. */
static void assert_priority(uint32_t priority)
{
	assert(priority >= 1 && priority <= UINT16_MAX);
	(void)priority;
}

void snippet_system_probe_yaml(uint32_t priority, const char *agent_version, struct out *o)
{
	enum spelling spelling = spelling_for(agent_version);

	assert_priority(priority);
	if (spelling == SPELLING_UNKNOWN) {
		out_str(o, "# Agents through 7.44 read " OLD_SECTION " in place of " NEW_SECTION
		           ".\n# Later ones read both, and the old key wins when both are set.\n");
	}
	out_fmt(o, "%s:\n  network:\n    classifier_priority: %" PRIu32 "\n",
	        spelling == SPELLING_OLD ? OLD_SECTION : NEW_SECTION, priority);
}

void snippet_helm_values(uint32_t priority, const char *agent_version, struct out *o)
{
	(void)agent_version; /* the chart has no value for it; the variable suits every version */
	assert_priority(priority);
	out_fmt(o,
	        "agents:\n  containers:\n    systemProbe:\n      envDict:\n"
	        "        " VARIABLE ": \"%" PRIu32 "\"\n",
	        priority);
}

void snippet_operator(uint32_t priority, const char *agent_version, struct out *o)
{
	(void)agent_version;
	assert_priority(priority);
	out_fmt(o,
	        "# kind: DatadogAgent\n"
	        "spec:\n  override:\n    nodeAgent:\n      containers:\n        system-probe:\n"
	        "          env:\n            - name: " VARIABLE "\n"
	        "              value: \"%" PRIu32 "\"\n",
	        priority);
}

void snippet_environment(uint32_t priority, const char *agent_version, struct out *o)
{
	(void)agent_version;
	assert_priority(priority);
	out_fmt(o,
	        "# environment of the system-probe process\n"
	        "" VARIABLE "=%" PRIu32 "\n",
	        priority);
}
