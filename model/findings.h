/* SPDX-License-Identifier: Apache-2.0 */
/**
 * findings.h - what the analyzer says about a snapshot: findings, effects, recommendation.
 *
 * Filled by analyzer/, rendered by reports/; these two know each other through this header only.
 */
#ifndef TCAUDIT_MODEL_FINDINGS_H
#define TCAUDIT_MODEL_FINDINGS_H

#include "model/arena.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** How surely something was recognised. */
enum match_strength {
	MATCH_HINT,     /**< Could be. */
	MATCH_LIKELY,   /**< Strong, not decisive. */
	MATCH_DECISIVE, /**< Nothing else looks like this. */
};

enum severity {
	SEV_INFO,
	SEV_WARN,
	SEV_FAIL,
};

enum finding_state {
	FINDING_OPEN,
	FINDING_SUPPRESSED,    /**< By --skip, --only or --ignore-file; stays in JSON. */
	FINDING_NOT_EVALUATED, /**< What the rule needs could not be read everywhere. */
};

/** Places kept for one finding; count goes on. */
#define FINDING_MAX_PLACES 16

/** Where something was found. Indexes are into the snapshot, SNAP_NONE for "does not apply". */
struct place {
	uint32_t netns;
	uint32_t link;
	uint32_t hook;
	uint32_t entry;
	uint32_t prog_id; /**< 0 for none. */
};

/** One fact behind a finding, as key and text. */
struct evidence {
	const char *key;
	const char *value;
};

/** One finding; equal ones on many hooks are one row. Strings: arena of struct findings. */
struct finding {
	const char *code; /**< "TC101". */
	const char *name; /**< "blocked-at-priority-1". */
	enum severity severity;
	enum finding_state state;
	const char *vendor; /**< Id of the vendor it is about, or NULL. */
	/** Why it is suppressed: "--skip", "not in --only", or the ignore file's reason with its
	 *  last day. NULL in other states. */
	const char *suppressed;
	const char *message;      /**< One sentence: what was seen and what it means. */
	const char *remedy;       /**< What to do, one or two sentences. */
	const char *const *links; /**< NULL-terminated list of references, static. May be NULL. */
	struct place places[FINDING_MAX_PLACES];
	uint32_t n_places; /**< Used entries; places[0] is the finding's "where". */
	uint32_t count;    /**< All places. */
	struct evidence *evidence;
	uint32_t n_evidence;
	uint64_t fingerprint; /**< Of code, vendor, hook type, program name and priority. */
};

/** What an entry does to packets that it grants, on its hook. */
enum effect {
	EFFECT_NEVER,   /**< Does not run: skip_sw, or a priority without a filter. */
	EFFECT_ON,      /**< Every packet it does not drop goes on to the next entry. */
	EFFECT_MAY_END, /**< Some granted packets may end here: caution, not proven. */
	EFFECT_ENDS,    /**< Proven: granted packets end here (all, or those that match). */
	EFFECT_DROPS,   /**< Never lets a packet pass. */
};

/** What the Agent's classifier sees in one direction of one link. */
enum sight {
	SIGHT_FULL,   /**< Nothing in front of it ends a granted packet. */
	SIGHT_UNSURE, /**< Something in front of it may. */
	SIGHT_BLIND,  /**< Something in front of it does, or it cannot be attached. */
};

/** What the report tells the operator to do. */
enum action {
	ACTION_NONE,
	ACTION_SET_PRIORITY,
	ACTION_FIX_VENDOR,
	ACTION_UPGRADE_AGENT,
	ACTION_DISABLE_NETWORK,
	ACTION_INVESTIGATE,
};

enum priority_source {
	PRIORITY_DEFAULT,
	PRIORITY_FILE,
	PRIORITY_ENVIRONMENT,
	PRIORITY_OPTION,
	PRIORITY_RUNNING, /**< Read off the Agent's own filters. */
};

/** What stands in the way of full sight, once for equal causes. */
struct blocker {
	const char *vendor; /**< NULL when not identified. */
	struct place place; /**< One example. */
	uint32_t count;     /**< Directions of links it affects. */
	uint32_t pref;      /**< 0: the cause has no priority (TCX, block, qdisc). */
	bool proven;        /**< false: caution. */
	const char *why;    /**< One sentence. */
};

/** One vendor as the node shows it. Strings: arena of struct findings. */
struct vendor_seen {
	const char *id;
	const char *name;
	const char *version; /**< "1.16 or later", "1.12 or earlier", "7.50.1"; NULL: not known. */
	enum match_strength strength; /**< The best of its entries. */
	uint32_t n_hooks;             /**< Hooks it is attached to. */
	uint32_t *prefs;              /**< Priorities of its tc filters, ascending. */
	uint32_t n_prefs;
	uint32_t hook_types;   /**< Set of 1u << enum hook_type. */
	uint32_t codes;        /**< CODE_BIT set of what its programs return, together. */
	bool exact;            /**< Proven for all of them. */
	uint32_t table_codes;  /**< What the table says they return; 0: no claim. */
	bool running;          /**< One of its processes was seen. */
	const char **evidence; /**< Distinct, sorted, at most 16. */
	uint32_t n_evidence;
};

/** A setting of a vendor that would help. Strings: arena of struct findings. */
struct vendor_advice {
	const char *vendor; /**< Id. */
	const char *name;   /**< Name for people. */
	const char *setting;
	const char *how;
	const char *paste; /**< or NULL. */
};

/** The answer of the solver, design.md section 5. Strings: arena of struct findings. */
struct recommendation {
	enum action action;
	uint32_t priority; /**< Best value; 0: none is better than the current one. */
	bool feasible;     /**< Values exist that satisfy every hook; the next three apply. */
	uint32_t feasible_min, feasible_max;
	uint32_t *excluded; /**< Values between them that some hook rules out, ascending. */
	uint32_t n_excluded;
	const char *reason;   /**< One or two sentences. */
	uint32_t hooks_total; /**< Directions of links on which the Agent attaches. */
	uint32_t seen_now;    /**< SIGHT_FULL at the current priority. */
	uint32_t seen_after;  /**< SIGHT_FULL at the recommended one (or the current). */
	uint32_t blind_after; /**< hooks_total - seen_after. */
	struct blocker *blocked_by;
	uint32_t n_blocked_by;
	struct vendor_advice *settings; /**< Of the vendors that are in the way. */
	uint32_t n_settings;
};

/** One question of the vendor checklist, answered. */
enum check_status {
	CHECK_PASS,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_UNKNOWN,
	CHECK_NOT_APPLICABLE,
};
struct check_item {
	const char *item;     /**< "return-codes". */
	const char *question; /**< As a person would ask it; static. */
	const char *answer;
	enum check_status status;
	uint32_t *because; /**< Indexes of findings, ascending. */
	uint32_t n_because;
};

/** Everything the analyzer says. */
struct findings {
	struct arena arena;
	struct finding *rows; /**< Sorted: severity falling, state, code, message, fingerprint. */
	uint32_t n, cap;
	uint32_t n_fail, n_warn, n_info; /**< Open ones. */

	uint32_t agent_priority; /**< The Agent's effective priority. */
	enum priority_source agent_source;
	const char *agent_version;   /**< NULL when unknown. */
	enum effect *effects;        /**< One for each entry of the snapshot; arena. */
	bool *own;                   /**< One for each entry: it is the Agent's own filter. */
	struct vendor_seen *vendors; /**< Sorted by id. */
	uint32_t n_vendors;
	const char **entry_vendors; /**< One for each entry of the snapshot: id or NULL; arena. */
	struct recommendation advice;
	struct check_item *checklist;
	uint32_t n_checklist;
	const char **expired; /**< Rows of the ignore file that hold no longer, one text each. */
	uint32_t n_expired;
};

void findings_init(struct findings *f, size_t limit_bytes);
void findings_done(struct findings *f);

/** Words of the contract; static. */
const char *severity_word(enum severity severity);
/** "hint", "likely", "decisive". */
const char *match_strength_word(enum match_strength strength);
const char *finding_state_word(enum finding_state state);
const char *effect_word(enum effect effect);
const char *action_word(enum action action);
const char *priority_source_word(enum priority_source source);
const char *check_status_word(enum check_status status);

#endif
