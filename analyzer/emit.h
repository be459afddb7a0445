/* SPDX-License-Identifier: Apache-2.0 */
/**
 * emit.h - how rules write findings: equal ones become one row while they are written.
 */
#ifndef TCAUDIT_ANALYZER_EMIT_H
#define TCAUDIT_ANALYZER_EMIT_H

#include "analyzer/context.h"
#include "analyzer/rules.h"
#include "model/attrs.h"
#include "model/findings.h"

#include <stddef.h>
#include <stdint.h>

/** Facts kept for one finding. */
#define EMIT_MAX_EVIDENCE 8u

/** What a finding is about: a place, and what stays the same when a pod is re-created. */
struct subject {
	struct place place;
	bool nowhere;       /**< No place: counted only. */
	const char *hook;   /**< Word of the type, or NULL. */
	const char *vendor; /**< or NULL. */
	const char *name;   /**< Need not end with NUL; or NULL. */
	size_t name_len;
	uint32_t pref;    /**< 0 for none. */
	const char *kind; /**< For kinds other than bpf, or a text that tells equals apart. */
};

/** A place of which everything is "none". */
#define EMIT_NOWHERE ((struct place){SNAP_NONE, SNAP_NONE, SNAP_NONE, SNAP_NONE, 0})

/** An entry as a subject. */
struct subject emit_about_entry(const struct context *ctx, uint32_t entry);

/** A hook as a subject. */
struct subject emit_about_hook(const struct context *ctx, uint32_t hook);

/**
 * Count a finding. Equal ones (by fingerprint) are one row with the worst severity and the text of
 * the first of that severity; those that a row of the ignore file covers are a row of their own.
 *
 * @return 1: a new row, or a worse one, whose texts the caller has to write into *ret_row (valid
 *         until the next call); 0: nothing to write; -ENOMEM.
 */
ATTR_MUSTUSE int emit_open(const struct context *ctx, const struct rule *rule,
                           enum severity severity, const struct subject *subject,
                           struct findings *out, struct finding **ret_row);

/** A new finding about one entry, and how to call the entry's place and the entry itself. */
struct told {
	struct finding *row;
	const char *where; /**< "eth0 in host, clsact/ingress". */
	const char *what;  /**< "cil_from_netdev (pref 1, handle 0x1, program 42)". */
};

/**
 * emit_open() for an entry, which is that of the subject's place.
 *
 * @return 1 and *ret; 0: counted with an equal finding; -ENOMEM.
 */
ATTR_MUSTUSE int emit_about(const struct context *ctx, const struct rule *rule,
                            enum severity severity, const struct subject *subject,
                            struct findings *out, struct told *ret);

/** Add a fact; @p value NULL means that making it failed. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int emit_evidence(struct findings *out, struct finding *row, const char *key,
                               const char *value);

/** Add what is known of an entry. @return 0 or -ENOMEM. */
ATTR_MUSTUSE int emit_entry_evidence(const struct context *ctx, uint32_t entry,
                                     struct findings *out, struct finding *row);

/** @return 0, or -ENOMEM when @p row lacks a text because making it failed. */
ATTR_MUSTUSE int emit_check(const struct finding *row);

#endif
