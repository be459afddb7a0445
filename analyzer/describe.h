/* SPDX-License-Identifier: Apache-2.0 */
/**
 * describe.h - words for entries, hooks and result codes, as findings and recommendation say them.
 *
 * Every function that returns text allocates it in @p arena and returns NULL at its limit.
 */
#ifndef TCAUDIT_ANALYZER_DESCRIBE_H
#define TCAUDIT_ANALYZER_DESCRIBE_H

#include "analyzer/context.h"
#include "model/arena.h"
#include "model/attrs.h"

#include <stddef.h>
#include <stdint.h>

/** Part of a text; NULL and 0 for none. */
struct slice {
	const char *text;
	size_t len;
};

/**
 * Name of the software behind an entry that stays the same when a pod is re-created: the program's,
 * else the filter's without what attach libraries append (":[42]", "-eth0").
 */
struct slice describe_name(const struct snapshot *snap, const struct snap_entry *entry);

/** "cil_from_netdev", "u32 filter", "nameless program": without numbers. */
ATTR_MUSTUSE const char *describe_actor(const struct snapshot *snap, const struct snap_entry *entry,
                                        struct arena *arena);

/** "cil_from_netdev (pref 1, handle 0x1, program 42)". */
ATTR_MUSTUSE const char *describe_entry(const struct snapshot *snap, const struct snap_entry *entry,
                                        struct arena *arena);

/** "cil_from_netdev (cilium, pref 1, handle 0x1, program 42)". @param vendor id, or NULL. */
ATTR_MUSTUSE const char *describe_entry_of(const struct snapshot *snap,
                                           const struct snap_entry *entry, const char *vendor,
                                           struct arena *arena);

/** "eth0 in host". */
ATTR_MUSTUSE const char *describe_link(const struct snapshot *snap, uint32_t link,
                                       struct arena *arena);

/** "eth0 in host, clsact/ingress". */
ATTR_MUSTUSE const char *describe_hook(const struct snapshot *snap, uint32_t hook,
                                       struct arena *arena);

/** "ok, shot" with @p joint between the words. */
ATTR_MUSTUSE const char *describe_codes(uint32_t codes, const char *joint, struct arena *arena);

/** "mirred redirect stolen, gact ok"; "none". */
ATTR_MUSTUSE const char *describe_actions(const struct snapshot *snap,
                                          const struct snap_entry *entry, struct arena *arena);

/** How packets end at an entry of EFFECT_ENDS or EFFECT_MAY_END: "returns ok". */
ATTR_MUSTUSE const char *describe_ending(const struct context *ctx, uint32_t index,
                                         struct arena *arena);

#endif
