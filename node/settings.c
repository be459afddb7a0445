/* SPDX-License-Identifier: Apache-2.0 */
#include "node/settings.h"

#include "model/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/** Both spellings of a setting, the newer one first: a pair of slots. */
#define BOTH(name) "event_monitoring_config." name, "runtime_security_config." name

/** Keys of the slots. NULL: the setting has kept its older spelling. */
static const char *const slot_keys[] = {
	BOTH("network.enabled"),
	BOTH("network.classifier_priority"),
	BOTH("network.classifier_handle"),
	BOTH("network.raw_classifier_handle"),
	BOTH("network.lazy_interface_prefixes"),
	BOTH("network.ingress.enabled"),
	BOTH("network.raw_packet.enabled"),
	BOTH("network.flow_monitor.enabled"),
	BOTH("network.flow_monitor.sk_storage.enabled"),
	NULL,
	"runtime_security_config.enabled",
	NULL,
	"runtime_security_config.enforcement.enabled",
};
_Static_assert(COUNT_OF(slot_keys) == N_SETTING_SLOTS, "two slots for every setting");

int setting_slot(const char *key)
{
	for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
		if (slot_keys[i] && strcasecmp(key, slot_keys[i]) == 0) {
			return (int)i;
		}
	}
	return -1;
}

/** Is the key of a slot below @p part, or @p part itself? */
static bool is_below(size_t slot, const char *part, bool or_equal)
{
	const char *key = slot_keys[slot];
	size_t n = strlen(part);

	return key && strncasecmp(key, part, n) == 0 &&
	       (key[n] == '.' || (or_equal && key[n] == '\0'));
}

bool setting_is_part(const char *part)
{
	for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
		if (is_below(i, part, false)) {
			return true;
		}
	}
	return false;
}

void setting_forget(struct settings *settings, const char *part)
{
	for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
		if (is_below(i, part, true)) {
			settings->rows[i].key = NULL;
		}
	}
}

/** "DD_RUNTIME_SECURITY_CONFIG_NETWORK_ENABLED" for the key of a slot. */
static void slot_variable(size_t slot, char name[SETTING_KEY_BYTES])
{
	(void)snprintf(name, SETTING_KEY_BYTES, "DD_%s", slot_keys[slot]);
	for (char *at = name; *at != '\0'; at++) {
		if (*at == '.') {
			*at = '_';
		} else if (*at >= 'a' && *at <= 'z') {
			*at = (char)(*at ^ 0x20); /* to upper case */
		}
	}
}

/** Value of a variable; NULL when it is not set, or empty. The first of equal names counts. */
static const char *env_value(const char *env, size_t len, const char *name)
{
	size_t n = strlen(name);

	for (size_t at = 0; at < len; at += strlen(env + at) + 1) {
		if (strncmp(env + at, name, n) == 0 && env[at + n] == '=') {
			return env[at + n + 1] != '\0' ? env + at + n + 1 : NULL;
		}
	}
	return NULL;
}

int setting_set(struct settings *settings, size_t slot, const struct setting_text *text,
                struct arena *arena)
{
	struct snap_config row = {0};

	if (strlen(text->value) >= SETTING_VALUE_BYTES) {
		return -E2BIG;
	}
	row.key = text_import(arena, text->key, SIZE_MAX);
	row.value = text_import(arena, text->value, SIZE_MAX);
	row.where = text->where ? text_import(arena, text->where, SIZE_MAX) : NULL;
	if (!row.key || !row.value || (text->where && !row.where)) {
		return -ENOMEM;
	}
	settings->rows[slot] = row;
	return 0;
}

int settings_from_env(const char *env, size_t len, struct arena *arena, struct settings *settings)
{
	int r = 0;

	for (size_t i = 0; i < N_SETTING_SLOTS && r == 0; i++) {
		char name[SETTING_KEY_BYTES];

		if (!slot_keys[i]) {
			continue;
		}
		slot_variable(i, name);

		const char *newer = slot_keys[i & ~(size_t)1];
		const struct setting_text text = {
			.key = newer ? newer : slot_keys[i],
			.value = env_value(env, len, name),
			.where = name,
		};

		r = text.value ? setting_set(settings, i, &text, arena) : 0;
	}
	return r;
}

int settings_keep(struct snapshot *snap, struct settings *settings, const char *source,
                  const char *where)
{
	struct snap_agent *agent = &snap->agent;
	size_t n = agent->n_config + N_SETTING_SLOTS;
	struct snap_config *rows = arena_alloc(&snap->arena, n * sizeof(*rows));
	uint32_t at = agent->n_config;

	if (!rows) {
		return -ENOMEM;
	}
	if (at > 0) {
		memcpy(rows, agent->config, at * sizeof(*rows));
	}
	for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
		struct snap_config row = settings->rows[i];

		if (row.key) {
			row.source = source;
			row.where = where ? where : row.where;
			rows[at++] = row;
		}
	}
	agent->config = rows;
	agent->n_config = at;
	return 0;
}
