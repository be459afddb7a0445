/* SPDX-License-Identifier: Apache-2.0 */
/**
 * settings.h - the settings of the Datadog Agent that decide what it does to packets.
 *
 * Everything else in its files and environment (keys, tokens) is passed over and never kept.
 */
#ifndef TCAUDIT_NODE_SETTINGS_H
#define TCAUDIT_NODE_SETTINGS_H

#include "model/arena.h"
#include "model/attrs.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

/** Rows of the table of settings.c. */
#define N_SETTINGS 11

/** Each setting has two spellings: event_monitoring_config.X and runtime_security_config.X. */
#define N_SETTING_SLOTS ((size_t)2 * N_SETTINGS)

/** Longest key with its dots. */
#define SETTING_KEY_BYTES 128

/** Longest value that is kept; a longer one is an error where it is read. */
#define SETTING_VALUE_BYTES 4096

/** What one file or one environment says; a row of what it does not say has no key. */
struct settings {
	struct snap_config rows[N_SETTING_SLOTS]; /**< Texts in the arena it was read with. */
};

/** One setting as it was found: bytes from outside. */
struct setting_text {
	const char *key; /**< As it was spelled. */
	const char *value;
	const char *where; /**< Variable, or NULL. */
};

/** Slot of a whole key in dots, whatever its case; -1: not one that matters. */
int setting_slot(const char *key);

/** Could keys below this part of one matter? */
bool setting_is_part(const char *part);

/** Forget what was said of a key, or of all keys below a part of one. */
void setting_forget(struct settings *settings, const char *part);

/** Note a setting, in place of what was said of it before. @return 0, -E2BIG, -ENOMEM. */
ATTR_MUSTUSE int setting_set(struct settings *settings, size_t slot,
                             const struct setting_text *text, struct arena *arena);

/**
 * Settings in an environment as in /proc/PID/environ. Both prefixes of the variables set the newer
 * spelling, DD_EVENT_MONITORING_CONFIG_ before the other (eventMonitorBindEnvAndSetDefault() in
 * pkg/config/setup of the Agent), and an empty variable counts as none.
 *
 * @param env NUL-terminated at env[len], with a NUL behind each variable.
 * @return 0; -E2BIG: a value is too long; -ENOMEM.
 */
ATTR_MUSTUSE int settings_from_env(const char *env, size_t len, struct arena *arena,
                                   struct settings *settings);

/**
 * Append what was found to the Agent's settings, in the order of the table.
 *
 * @param source "file", "environment", "option-file"; static.
 * @param where path of the file, in the snapshot's arena; NULL: each row has its own.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int settings_keep(struct snapshot *snap, struct settings *settings, const char *source,
                               const char *where);

#endif
