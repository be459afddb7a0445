/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent_settings.h - the Agent's settings as the Agent reads them: two spellings, file and
 * environment.
 *
 * Through 7.44 there is only runtime_security_config, where the environment beats the file. From
 * 7.45 event_monitoring_config is canonical: both prefixes of variables set the new key, which they
 * know as their own before the deprecated one, and a file that has the deprecated key beats them
 * all. Source: getAllKeys() in pkg/security/probe/config/config.go of the Agent.
 */
#ifndef TCAUDIT_ANALYZER_AGENT_SETTINGS_H
#define TCAUDIT_ANALYZER_AGENT_SETTINGS_H

#include "model/findings.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

#define AGENT_OLD_SECTION "runtime_security_config."
#define AGENT_NEW_SECTION "event_monitoring_config."

/** First Agent with the new section. */
#define AGENT_SPLIT ((struct release){7, 45, 0})

/** One setting, decided. */
struct agent_setting {
	const struct snap_config *row;      /**< The row that counts. */
	const struct snap_config *outvoted; /**< One that says something else in vain, or NULL. */
	enum priority_source source;
};

/**
 * Find a setting that exists in both sections.
 *
 * @param version of the Agent; NULL: not known, 7.45 or later is assumed.
 * @param suffix  "network.classifier_priority": what follows the section.
 * @return false when no row counts.
 */
bool agent_setting_find(const struct snapshot *snap, const struct release *version,
                        const char *suffix, struct agent_setting *ret);

/** The row of a section and suffix from a file; NULL: there is none. */
const struct snap_config *agent_setting_in_file(const struct snapshot *snap, const char *section,
                                                const char *suffix);

/** A whole number as written. @return false when it is none. */
bool agent_setting_number(const struct snap_config *row, int64_t *ret);

/** "false", "no", "off", "0" as YAML and the Agent read them, whatever the case. */
bool agent_setting_is_false(const struct snap_config *row);

#endif
