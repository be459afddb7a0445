/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/snippets.h"

#include "model/release.h"
#include "model/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * The Agent has two names for each setting. Through 7.44 only runtime_security_config existed;
 * from 7.45 event_monitoring_config is the canonical one and the old one is an alias that is asked
 * first: set anywhere in the file, it outvotes the new key and the environment, since both
 * variables are bound to the new key. The variable with the old prefix reaches every release.
 * Source: pkg/security/probe/config and pkg/config/setup of DataDog/datadog-agent.
 */
#define OLD_SECTION "runtime_security_config"
#define NEW_SECTION "event_monitoring_config"

#define PRIORITY_VARIABLE "DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY"
#define ENABLED_VARIABLE  "DD_RUNTIME_SECURITY_CONFIG_NETWORK_ENABLED"

/** First release with both sections. */
static const struct release split = {7, 45, 0};

/** When the Agent's release reads which section. */
enum era {
	ERA_OLD,     /**< runtime_security_config alone; the environment is stronger. */
	ERA_BOTH,    /**< Both, the old one first. */
	ERA_UNKNOWN, /**< No version, or of another product line. */
};

static enum era era_of(const char *version)
{
	struct release release = {0};

	if (!release_parse(version, &release) || release.major < split.major) {
		return ERA_UNKNOWN;
	}
	return release_cmp(release, split) < 0 ? ERA_OLD : ERA_BOTH;
}

/** "network.enabled" behind the section's name, from whichever section. */
static bool is_setting(const struct snap_config *row, const char *key)
{
	const char *dot = row->key != NULL ? strchr(row->key, '.') : NULL;

	return dot != NULL && text_starts(dot, ".network.") &&
	       strcmp(dot + strlen(".network."), key) == 0;
}

static bool is_from_environment(const struct snap_config *row)
{
	return text_eq(row->source, "environment");
}

/** Does a file of the node set the deprecated key? */
static bool file_sets_old(const struct snap_agent *agent, const char *key)
{
	for (uint32_t i = 0; i < agent->n_config; i++) {
		const struct snap_config *row = &agent->config[i];

		if (is_setting(row, key) && !is_from_environment(row) &&
		    text_starts(row->key, OLD_SECTION ".")) {
			return true;
		}
	}
	return false;
}

static const struct snap_config *set_in_environment(const struct snap_agent *agent, const char *key)
{
	for (uint32_t i = 0; i < agent->n_config; i++) {
		if (is_setting(&agent->config[i], key) && is_from_environment(&agent->config[i])) {
			return &agent->config[i];
		}
	}
	return NULL;
}

/** Of the snapshot, so it may be anything: only what may stand in a file unquoted. */
static bool is_variable(const char *name)
{
	return text_starts(name, "DD_") &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

static enum snippet_goal goal_of(const struct recommendation *advice)
{
	switch (advice->action) {
	case ACTION_UPGRADE_AGENT:
	case ACTION_DISABLE_NETWORK:
		return SNIPPET_OFF;
	case ACTION_NONE:
	case ACTION_SET_PRIORITY:
	case ACTION_FIX_VENDOR:
	case ACTION_INVESTIGATE:
		break;
	}
	return advice->priority != 0 ? SNIPPET_PRIORITY : SNIPPET_NOTHING;
}

static void set_value(struct snippet *what, uint32_t priority)
{
	if (what->goal == SNIPPET_OFF) {
		(void)snprintf(what->value, sizeof(what->value), "false");
		return;
	}
	/* 0 would become 50 in the Agent, and values wrap at 16 bits: neither is ever written. */
	assert(priority >= 1 && priority <= UINT16_MAX);
	(void)snprintf(what->value, sizeof(what->value), "%u", priority & UINT16_MAX);
}

struct snippet snippet_of(const struct report *rep)
{
	const struct recommendation *advice = &rep->findings->advice;
	const struct snap_agent *agent = &rep->snap->agent;
	enum era era = era_of(rep->findings->agent_version);
	struct snippet what = {.goal = goal_of(advice)};

	if (what.goal == SNIPPET_NOTHING) {
		return what;
	}

	bool off = what.goal == SNIPPET_OFF;

	what.key = off ? "enabled" : "classifier_priority";

	bool old_set = file_sets_old(agent, what.key);
	const struct snap_config *variable = set_in_environment(agent, what.key);

	set_value(&what, advice->priority);
	what.variable = off ? ENABLED_VARIABLE : PRIORITY_VARIABLE;
	if (variable != NULL && is_variable(variable->where)) {
		what.variable = variable->where;
	}
	what.section = era == ERA_OLD || old_set ? OLD_SECTION : NEW_SECTION;
	what.both_sections = era == ERA_UNKNOWN && !old_set;
	what.file_wins = old_set && era != ERA_OLD;
	what.variable_wins = variable != NULL && !what.file_wins;
	what.until_upgrade = advice->action == ACTION_UPGRADE_AGENT;
	return what;
}

static void write_until(const struct snippet *what, struct out *o)
{
	if (what->until_upgrade) {
		out_str(o, "# Only until the Agent is " SNIPPET_UPGRADE_TO
		           " or later; then take this out again.\n");
	}
}

static void write_yaml(const struct snippet *what, struct out *o)
{
	write_until(what, o);
	if (what->both_sections) {
		out_str(o, "# Agents through 7.44 read " OLD_SECTION " here. Later ones\n"
		           "# read both, and the old key wins when both are set.\n");
	}
	if (what->file_wins) {
		out_str(o, "# The file has this deprecated key, which outvotes the new one and\n"
		           "# the environment: change it where it stands.\n");
	}
	if (what->variable_wins) {
		out_fmt(o,
		        "# %s is set in the\n# environment of system-probe and outvotes this file: "
		        "change it there.\n",
		        what->variable);
	}
	out_fmt(o, "%s:\n  network:\n    %s: %s\n", what->section, what->key, what->value);
}

/** What makes a variable useless on this node. */
static void write_outvoted(const struct snippet *what, struct out *o)
{
	if (what->file_wins) {
		out_fmt(o,
		        "# Without effect while this node's system-probe.yaml sets\n"
		        "# " OLD_SECTION ".network.%s,\n"
		        "# which outvotes the variable: take it out there.\n",
		        what->key);
	}
}

static void write_helm(const struct snippet *what, struct out *o)
{
	write_until(what, o);
	if (what->goal == SNIPPET_OFF) {
		/* templates/system-probe-configmap.yaml of the chart */
		out_str(o, "# This value, not a variable: the chart always writes the key into\n"
		           "# system-probe.yaml, and the file outvotes the environment.\n"
		           "datadog:\n  securityAgent:\n    runtime:\n      network:\n"
		           "        enabled: false\n");
		return;
	}
	write_outvoted(what, o);
	out_fmt(o,
	        "agents:\n  containers:\n    systemProbe:\n      envDict:\n"
	        "        %s: \"%s\"\n",
	        what->variable, what->value);
}

static void write_operator(const struct snippet *what, struct out *o)
{
	write_until(what, o);
	write_outvoted(what, o);
	out_str(o, "# Merge this into your DatadogAgent (its name may differ), or\n"
	           "#   kubectl patch datadogagent datadog --type merge --patch-file FILE\n"
	           "# (a patch replaces the whole env list: repeat what is in it).\n");
	out_str(o, "apiVersion: datadoghq.com/v2alpha1\nkind: DatadogAgent\n"
	           "metadata:\n  name: datadog\nspec:\n");
	if (what->goal == SNIPPET_OFF) {
		/* internal/controller/datadogagent/feature/cws: only true sets the variable */
		out_str(o, "  features:\n    cws:\n      network:\n"
		           "        enabled: false # sets nothing; the variable below does\n");
	}
	out_fmt(o,
	        "  override:\n    nodeAgent:\n      containers:\n        system-probe:\n"
	        "          env:\n            - name: %s\n              value: \"%s\"\n",
	        what->variable, what->value);
}

static void write_environment(const struct snippet *what, struct out *o)
{
	write_until(what, o);
	out_str(o, "# environment of the system-probe process\n");
	write_outvoted(what, o);
	if (what->goal == SNIPPET_OFF && !what->file_wins) {
		out_str(o, "# Not under Helm: its chart writes the key into system-probe.yaml,\n"
		           "# which outvotes this.\n");
	}
	out_fmt(o, "%s=%s\n", what->variable, what->value);
}

const struct snippet_row snippet_rows[N_SNIPPETS] = {
	[SNIPPET_YAML] = {"system_probe_yaml", "system-probe.yaml, on a host:", write_yaml},
	[SNIPPET_HELM] = {"helm_values", "Helm, values.yaml:", write_helm},
	[SNIPPET_OPERATOR] = {"operator", "Operator, DatadogAgent:", write_operator},
	[SNIPPET_ENV] = {"environment", "Environment of system-probe:", write_environment},
};
