/* SPDX-License-Identifier: Apache-2.0 */
/**
 * vendors.h - what is known of other software that attaches to packets: how it is recognised, what
 * it returns, what it takes away from others, and which of its settings help.
 *
 * The table is data (analyzer/vendors.json, or the file of --vendors). vendors_parse() checks all
 * of it before anything is judged; vendors_identify() finds the vendors of a sealed snapshot.
 */
#ifndef TCAUDIT_ANALYZER_VENDORS_H
#define TCAUDIT_ANALYZER_VENDORS_H

#include "model/arena.h"
#include "model/attrs.h"
#include "model/codes.h"
#include "model/err.h"
#include "model/findings.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Hooks as a set: 1u << enum hook_type. */
#define VENDOR_HOOK(type) (1u << (type))

/** Versions of a vendor for which a row holds; without ends: all. */
struct vendor_when {
	struct release_range versions;
	uint32_t hooks; /**< VENDOR_HOOK set: only where it is attached there; 0: anywhere. */
};

/** What its programs return for packets they let through. */
struct vendor_returns {
	struct vendor_when when;
	uint32_t codes;     /**< CODE_BIT set. */
	bool depends;       /**< On more than the version (a gadget, a rule): no claim is made. */
	const char *note;   /**< One sentence, or NULL. */
	const char *source; /**< Where that was read. */
};

/** What is lost when it acts. */
enum vendor_scope {
	TAKES_DIRECTION, /**< Every tc filter of one device and direction. */
	TAKES_CLSACT,    /**< The clsact with both directions. */
	TAKES_SLOT,      /**< The filter at its priority and handle: overwritten. */
	TAKES_HANDLE,    /**< The first filter with its handle, whatever the priority. */
	TAKES_INGRESS,   /**< A plain `ingress` qdisc. */
};
#define N_VENDOR_SCOPES (TAKES_INGRESS + 1)

/** When it acts; a set. */
enum vendor_event {
	ON_ATTACH = 1u << 0, /**< Each time it attaches or updates a program. */
	ON_START = 1u << 1,
	ON_STOP = 1u << 2,
	ON_REMOVAL = 1u << 3, /**< Of a pod, endpoint or device. */
	ON_UPGRADE = 1u << 4,
	ON_CONFIG = 1u << 5, /**< Its configuration changes. */
};

/** One way in which it removes what others attached. */
struct vendor_take {
	struct vendor_when when;
	enum vendor_scope scope;
	uint32_t events;            /**< enum vendor_event set. */
	uint32_t directions;        /**< 1: receive, 2: send, 3: both. */
	const char *const *devices; /**< Patterns (analyzer/pattern.h) of interface names it does
	                                 this to; none: those it is attached to. */
	uint32_t n_devices;
	uint32_t pref, handle; /**< TAKES_SLOT, TAKES_HANDLE; pref 0: the one seen. */
	const char *text;      /**< One sentence: when what is lost. */
	const char *source;
};

/** Which of its settings moves it out of the way. */
enum vendor_purpose {
	SETTING_PRIORITY, /**< Of its tc filters. */
	SETTING_ATTACH,   /**< TCX, netkit or tc. */
	SETTING_POSITION, /**< In a TCX list. */
	SETTING_OFF,      /**< The feature that attaches. */
};
#define N_VENDOR_PURPOSES (SETTING_OFF + 1)

struct vendor_setting {
	struct vendor_when when;
	enum vendor_purpose purpose;
	const char *name;  /**< "bpf-filter-priority". */
	const char *how;   /**< One or two sentences to act on, with the value. */
	const char *paste; /**< Text to paste, or NULL. */
	const char *source;
};

/** Where and how it attaches. */
struct vendor_attach {
	struct vendor_when when; /**< hooks: where. */
	const char *text;        /**< One sentence: how, at which priority and handle. */
	const char *source;
};

struct vendor;

/** The whole table. */
struct vendors {
	struct vendor *rows; /**< Sorted by id. */
	uint32_t n;
	const char *file; /**< Its name in messages. */
	/** Distinct process names that tell a vendor's presence, for the collector. */
	const char *const *processes;
	uint32_t n_processes;
};

/** A condition on what was seen, a fingerprint, a version hint: private to vendors_match.h. */
struct vendor_match;

/** One vendor. */
struct vendor {
	const char *id;       /**< "cilium". */
	const char *name;     /**< "Cilium". */
	const char *note;     /**< One or two sentences, or NULL. */
	bool uses_tc;         /**< false: known not to attach classifiers; never identified. */
	bool agent;           /**< The Datadog Agent itself. */
	bool generic;         /**< A tool that loads programs of others: evidence, never an id. */
	bool both_directions; /**< It is always on both directions of an interface. */
	bool needs_ingress;   /**< It adds a plain `ingress` qdisc and fails where a clsact is. */
	const char *const *processes; /**< comm of its processes, at most 15 characters. */
	uint32_t n_processes;
	const struct vendor_match *matches; /**< Fingerprints. */
	uint32_t n_matches;
	const struct vendor_match *hints; /**< Versions, by what was seen. */
	uint32_t n_hints;
	const struct vendor_attach *attaches;
	uint32_t n_attaches;
	const struct vendor_returns *returns;
	uint32_t n_returns;
	const struct vendor_take *takes;
	uint32_t n_takes;
	const struct vendor_setting *settings;
	uint32_t n_settings;
	const char *const *sources;
	uint32_t n_sources;
};

/** The built-in table as text. */
extern const char vendors_builtin[];
extern const size_t vendors_builtin_bytes;

/**
 * Check and read a table. Unknown keys, ids that repeat, expressions that do not compile, words
 * that mean nothing: all are errors.
 *
 * @param file  name for messages; kept.
 * @param arena of everything that @p ret points to.
 * @return 0; -EBADMSG with "FILE: vendors[3].match[0].value: ..." in @p err; -EFBIG; -ENOMEM.
 */
ATTR_MUSTUSE int vendors_parse(const char *text, size_t len, const char *file, struct arena *arena,
                               struct vendors *ret, struct err *err);

/** @return the vendor with an id (case does not matter), or NULL. */
const struct vendor *vendors_find(const struct vendors *table, const char *id);

/**
 * Who is behind one entry. Hints alone name nobody: vendor is SNAP_NONE then, and the evidence
 * says what it could be, or which tool loaded it.
 */
struct vendor_id {
	uint32_t vendor; /**< Index into the table, or SNAP_NONE. */
	enum match_strength strength;
	/** "program name cil_from_contai"; NULL: none. Without ids, numbers of interfaces and
	 *  names of single pods, so that it is the same after these were re-created. */
	const char *evidence;
};

/** Who is who in one snapshot. */
struct identities {
	const struct vendors *table;
	const struct vendor_id *entries; /**< One for each entry of the snapshot. */
	/** Possible versions of each vendor of the table: from hints, or as told. */
	const struct release_range *versions;
	const bool *running;   /**< For each vendor: one of its processes was seen. */
	const uint32_t *hooks; /**< For each vendor: VENDOR_HOOK set of where it was seen. */
};

/** Versions that the caller knows better than the node shows. */
struct vendor_versions {
	const char *cilium; /**< --cilium-version, or NULL. */
};

/**
 * Recognise the vendors of a sealed snapshot. An entry whose evidence points to two vendors with
 * the same strength belongs to neither.
 *
 * @param arena of everything that @p ret points to.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int vendors_identify(const struct vendors *table, const struct snapshot *snap,
                                  const struct vendor_versions *versions, struct arena *arena,
                                  struct identities *ret);

/** The vendor of an entry, or NULL; also when @p who is NULL. */
const struct vendor *vendors_of_entry(const struct identities *who, uint32_t entry);

/** Give every program of the snapshot that @p who was made from its vendor's id. Ids point into
 *  the table. Programs that nobody was recognised by keep what they have. */
void vendors_mark_programs(const struct identities *who, struct snapshot *snap);

/** One line for each identified vendor, sorted by id, the Agent among them. Texts of the table
 *  are not copied. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int vendors_summary(const struct identities *who, const struct snapshot *snap,
                                 struct arena *arena, struct vendor_seen **ret, uint32_t *ret_n);

/** Largest table that is read. */
#define VENDORS_MAX_BYTES ((size_t)1 << 20)

/** Does it take filters away on an interface of this name? */
bool vendor_takes_on(const struct vendor_take *take, const char *device);

/** Does a row hold for the vendor as it was seen, on a hook (N_HOOK_TYPES: any of those that it is
 *  attached to)? */
enum release_fit vendors_applies(const struct identities *who, uint32_t vendor,
                                 const struct vendor_when *when, enum hook_type hook);

/**
 * What the table says of an entry's returns.
 *
 * @return false when the vendor is not known, or the table makes no claim for it.
 */
bool vendors_returns(const struct identities *who, const struct snapshot *snap, uint32_t entry,
                     uint32_t *ret_codes);

/** "1.16 or later", "1.13.1 to 1.13", "1.12 or earlier", "7.50.1"; NULL: any version, or no memory
 *  (then *failed is set). */
const char *vendors_range_text(const struct release_range *range, struct arena *arena,
                               bool *failed);

/** The conditions of one fingerprint in words, for `explain`. @return NULL: no memory. */
const char *vendor_match_text(const struct vendor *vendor, uint32_t index, struct arena *arena,
                              enum match_strength *ret_strength);
/** The same for a version hint. */
const char *vendor_hint_text(const struct vendor *vendor, uint32_t index, struct arena *arena,
                             const struct release_range **ret_versions);

/** "direction", "clsact", ... as in the table. Static. */
const char *vendor_scope_word(enum vendor_scope scope);
/** "priority", "attach", "position", "off". Static. */
const char *vendor_purpose_word(enum vendor_purpose purpose);
/** "attach", "start", ... of one event. Static. */
const char *vendor_event_word(enum vendor_event event);

#endif
