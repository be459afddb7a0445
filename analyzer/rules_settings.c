/* SPDX-License-Identifier: Apache-2.0 */
/* TC304: settings of the Agent that do something else than they seem to. */
#include "analyzer/rule_rows.h"

#include "analyzer/agent.h"
#include "analyzer/context.h"
#include "analyzer/emit.h"
#include "analyzer/rule_parts.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const settings_links[] = {
	"https://github.com/DataDog/datadog-agent/blob/main/pkg/security/probe/config/config.go",
	"https://github.com/DataDog/datadog-agent/blob/main/pkg/config/setup/"
	"system_probe_settings.go",
	RULE_LINK_DOCS, NULL};

/** What a check looks at. */
struct looking {
	const struct rule *rule;
	const struct context *ctx;
	struct findings *out;
	const struct release *version; /**< NULL: not known. */
};

static const char key_enabled[] = "network.enabled";
static const char key_priority[] = "network.classifier_priority";
static const char key_handle[] = "network.classifier_handle";
static const char key_raw_handle[] = "network.raw_classifier_handle";
static const char key_raw_enabled[] = "network.raw_packet.enabled";

/** Settings that exist in both sections and change what is attached. */
static const char *const keys[] = {key_enabled,    key_priority,    key_handle,
                                   key_raw_handle, key_raw_enabled, "network.ingress.enabled"};

/** A finding about settings; @p message NULL means that making it failed. */
static int report(const struct looking *at, enum severity severity, const char *kind,
                  const char *key, const char *message, const char *remedy)
{
	struct subject subject = {
		.place = EMIT_NOWHERE,
		.nowhere = true,
		.name = key,
		.name_len = strlen(key),
		.kind = kind,
	};
	struct finding *f = NULL;

	if (message == NULL) {
		return -ENOMEM;
	}

	int r = emit_open(at->ctx, at->rule, severity, &subject, at->out, &f);

	if (r <= 0) {
		return r;
	}
	f->message = message;
	if (remedy != NULL) {
		f->remedy = remedy;
	}
	r = emit_check(f);
	return r < 0 ? r : emit_evidence(at->out, f, "setting", key);
}

/** "event_monitoring_config.network.enabled = false (/etc/…/system-probe.yaml)". */
static const char *show(const struct looking *at, const struct snap_config *row)
{
	return arena_printf(&at->out->arena, "%s = %s (%s%s%s)", row->key, row->value,
	                    row->source != NULL ? row->source : "?", row->where != NULL ? " " : "",
	                    row->where != NULL ? row->where : "");
}

static bool has_split(const struct looking *at)
{
	return at->version == NULL || release_cmp(*at->version, AGENT_SPLIT) >= 0;
}

/** Two rows that say different things about one setting. */
static int check_outvoted(const struct looking *at, const char *key)
{
	struct agent_setting setting;

	if (!agent_setting_find(at->ctx->snap, at->version, key, &setting) ||
	    setting.outvoted == NULL) {
		return 0;
	}

	const char *winner = show(at, setting.row);
	const char *loser = show(at, setting.outvoted);

	if (winner == NULL || loser == NULL) {
		return -ENOMEM;
	}
	return report(
		at, SEV_WARN, "outvoted", key,
		arena_printf(&at->out->arena, "%s has no effect: %s counts", loser, winner),
		"Set the value in one place only, and in a file under the key that counts for "
		"this Agent.");
}

/** Both spellings in files, saying the same: harmless until one is changed. */
static int check_both_keys(const struct looking *at, const char *key)
{
	const struct snapshot *snap = at->ctx->snap;
	const struct snap_config *deprecated = agent_setting_in_file(snap, AGENT_OLD_SECTION, key);
	const struct snap_config *current = agent_setting_in_file(snap, AGENT_NEW_SECTION, key);

	if (!has_split(at) || deprecated == NULL || current == NULL ||
	    !text_eq(deprecated->value, current->value)) {
		return 0;
	}
	return report(
		at, SEV_INFO, "both", key,
		arena_printf(&at->out->arena,
	                     "%s is set under both %s and %s: the first, deprecated one counts",
	                     key, deprecated->key, current->key),
		"Remove the deprecated key.");
}

static int check_priority_value(const struct looking *at)
{
	struct agent_setting setting;
	int64_t number = 0;

	if (!agent_setting_find(at->ctx->snap, at->version, key_priority, &setting)) {
		return 0;
	}

	const char *shown = show(at, setting.row);

	if (shown == NULL) {
		return -ENOMEM;
	}
	if (!agent_setting_number(setting.row, &number)) {
		return report(at, SEV_WARN, "no-number", key_priority,
		              arena_printf(&at->out->arena, "%s is no number", shown), NULL);
	}
	if (number >= 1 && number <= PREF_MAX) {
		return 0;
	}

	uint32_t cut = (uint32_t)((uint64_t)number & PREF_MAX);

	return report(at, SEV_WARN, "range", key_priority,
	              arena_printf(&at->out->arena,
	                           "%s is outside of 1 to 65535: the Agent uses priority %" PRIu32
	                           "%s",
	                           shown, cut != 0 ? cut : AGENT_ZERO_PRIORITY,
	                           number != 0 ? ", what is left in 16 bits" : " for 0"),
	              "Set a value from 1 to 65535; 0 does not mean \"before everything\".");
}

static int check_enabled(const struct looking *at)
{
	const struct snap_config *row = agent_network_off(at->ctx->snap, at->ctx->opts);

	if (row == NULL) {
		return 0;
	}

	const char *shown = show(at, row);

	if (shown == NULL) {
		return -ENOMEM;
	}
	return report(at, SEV_INFO, "off", key_enabled,
	              arena_printf(&at->out->arena,
	                           "network detections are switched off: %s; the Agent attaches "
	                           "nothing",
	                           shown),
	              "Nothing has to be done if that is wanted.");
}

static uint32_t handle_of(const struct looking *at, const char *key)
{
	enum priority_source source = PRIORITY_DEFAULT;
	uint32_t handle = 0;

	return agent_number(at->ctx->snap, at->version, key, &handle, &source) ? handle : 0;
}

/** With raw packets the Agent wants none, or two different handles. */
static int check_handle_pair(const struct looking *at)
{
	uint32_t plain = handle_of(at, key_handle);
	uint32_t raw = handle_of(at, key_raw_handle);
	struct agent_setting setting;

	if ((plain == 0 && raw == 0) || (plain != 0 && raw != 0 && plain != raw) ||
	    (agent_setting_find(at->ctx->snap, at->version, key_raw_enabled, &setting) &&
	     agent_setting_is_false(setting.row))) {
		return 0;
	}
	return report(at, SEV_FAIL, "handles", key_handle,
	              arena_printf(&at->out->arena,
	                           "%s is %" PRIu32 " and %s is %" PRIu32
	                           ": with raw packets on, the Agent refuses its configuration "
	                           "unless both are 0 or both are set and different",
	                           key_handle, plain, key_raw_handle, raw),
	              "Remove both keys, so that the kernel chooses the handles.");
}

static int check_settings(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	struct release version;
	bool known = agent_release(ctx->snap, ctx->opts, &version);
	const struct looking at = {rule, ctx, out, known ? &version : NULL};
	int r = 0;

	for (size_t i = 0; i < COUNT_OF(keys) && r == 0; i++) {
		r = check_outvoted(&at, keys[i]);
		if (r == 0) {
			r = check_both_keys(&at, keys[i]);
		}
	}
	if (r == 0) {
		r = check_priority_value(&at);
	}
	if (r == 0) {
		r = check_handle_pair(&at);
	}
	return r < 0 ? r : check_enabled(&at);
}

const struct rule rule_agent_settings = {
	.code = "TC304",
	.name = "agent-settings",
	.group = "agent",
	.severity = SEV_FAIL,
	.needs = FACET_AGENT,
	.check = check_settings,
	.title = "A setting of the Agent does something else than it seems to",
	.seen = "Settings of network detections contradict each other, are outside of their range, "
		"or are refused by the Agent.",
	.matters = "What is written is not what the Agent does: a priority of 0 is 50, a value "
		   "above 65535 wraps, and a variable can be outvoted by a key of the file.",
	.fact = "From 7.45 the Agent looks for runtime_security_config first and uses "
		"event_monitoring_config only when the deprecated key is absent; variables of both "
		"prefixes set the new key. The Helm chart always writes the deprecated "
		"network.enabled into the file. Priority and handles are cast to 16 bits; the "
		"attach "
		"library turns 0 into 50.",
	.fix = "Keep each setting in one place, under the key that counts for the Agent's version.",
	.safe = "Two spellings that say the same do no harm.",
	.links = settings_links,
};
