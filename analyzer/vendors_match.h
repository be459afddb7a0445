/* SPDX-License-Identifier: Apache-2.0 */
/**
 * vendors_match.h - conditions on what was seen, as the table spells them and as they are tried.
 *
 * Between vendors_read.c, which fills them, and vendors.c, which asks; nobody else looks inside.
 */
#ifndef TCAUDIT_ANALYZER_VENDORS_MATCH_H
#define TCAUDIT_ANALYZER_VENDORS_MATCH_H

#include "analyzer/pattern.h"
#include "analyzer/vendors.h"

/** Numbers from min to max; has is false: no condition. */
struct vendor_span {
	bool has;
	uint32_t min, max;
};

/** One fingerprint or version hint: everything that is set has to hold for an entry. */
struct vendor_match {
	enum match_strength strength;  /**< Fingerprints. */
	struct release_range versions; /**< Hints. */
	const struct pattern *program; /**< Name of the program, whole or cut by the kernel. */
	const struct pattern *filter;  /**< Name of the filter. */
	const struct pattern *map;     /**< Name of one of the program's maps, whole or cut. */
	const struct pattern *pin;     /**< Path of a pin of the program, its link or its maps. */
	const struct pattern *tag;     /**< Tag of the program. */
	const struct pattern *device;  /**< Name of the interface. */
	const struct pattern *target;  /**< Interface that an action sends to. */
	const char *kind;              /**< Of the filter: "bpf", "u32". */
	const char *action;            /**< Kind of one of its actions: "mirred". */
	const char *qdisc;             /**< Kind of a qdisc of the interface. */
	uint32_t hooks;                /**< VENDOR_HOOK set; 0: any. */
	struct vendor_span pref, handle;
	bool direct_action;   /**< Must be. */
	bool nameless;        /**< There is a program, and it has no name. */
	bool nameless_maps;   /**< It has maps, and none of them has a name. */
	const char *evidence; /**< What to say in place of the conditions, or NULL. */
};

/** One pin by what it keeps. */
struct pin_key {
	enum pin_kind kind;
	uint32_t id;
	const char *path;
};

/** All pins of a snapshot, by kind and id. */
struct pin_index {
	const struct snapshot *snap;
	const struct pin_key *pins;
};

/** @return 0 or -ENOMEM. */
ATTR_MUSTUSE int pin_index_make(const struct snapshot *snap, struct arena *arena,
                                struct pin_index *ret);

/** Does everything hold for an entry of a sealed snapshot? */
bool vendor_match_holds(const struct vendor_match *match, const struct pin_index *pins,
                        const struct snap_entry *entry);

/**
 * What was recognised, without anything that differs between two runs of the same software:
 * "program name cil_from_contai, priority 1".
 *
 * @return NULL at the arena's limit.
 */
ATTR_MUSTUSE const char *vendor_match_evidence(const struct vendor_match *match,
                                               const struct snapshot *snap,
                                               const struct snap_entry *entry, struct arena *arena);

#endif
