/* SPDX-License-Identifier: Apache-2.0 */
/**
 * agent_yaml.h - a system-probe.yaml in memory: the settings in it that matter.
 *
 * Reads what the Agent's own parser reads: the first document, keys in any case and nested or with
 * dots, the last of equal keys, anchors, aliases and merge keys. The bytes come from a container.
 */
#ifndef TCAUDIT_NODE_AGENT_YAML_H
#define TCAUDIT_NODE_AGENT_YAML_H

#include "model/arena.h"
#include "model/err.h"
#include "node/settings.h"

#include <stddef.h>

/** Largest file. */
#define AGENT_YAML_BYTES ((size_t)1 << 20)

/** Deepest nesting; libyaml's time grows with it. */
#define AGENT_YAML_DEPTH 64

/** Most anchors, and most keys and values looked at, again where aliases lead to them. */
#define AGENT_YAML_ANCHORS 1024u
#define AGENT_YAML_VISITS  2000000u

/**
 * Read settings.
 *
 * @param ret zeroed by the caller; texts go to @p arena.
 * @return 0; -EBADMSG: it does not parse, or is no mapping; -EFBIG: larger or deeper than is read;
 *         -ENOMEM. @p err says it, with the line.
 */
ATTR_MUSTUSE int agent_yaml_read(const char *bytes, size_t len, struct arena *arena,
                                 struct settings *ret, struct err *err);

#endif
