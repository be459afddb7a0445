/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/rule_rows.h"

#include "analyzer/context.h"
#include "analyzer/describe.h"
#include "analyzer/emit.h"
#include "analyzer/outcome.h"
#include "analyzer/rule_parts.h"
#include "analyzer/vendors.h"

#include <errno.h>
#include <string.h>

static const char *const gap_links[] = {"https://man7.org/linux/man-pages/man7/capabilities.7.html",
                                        NULL};
static const char *const returns_links[] = {RULE_LINK_DOCS, RULE_LINK_TC_BPF, NULL};

static const char *gap_word(const struct snap_gap *gap)
{
	return gap->word != NULL ? gap->word : gap_kind_word(gap->kind);
}

static int report_gap(const struct rule *rule, const struct context *ctx,
                      const struct snap_gap *gap, struct findings *out)
{
	const char *word = gap_word(gap);
	const char *error = gap->error != NULL ? gap->error : "no reason given";
	const char *hint = gap->hint != NULL ? gap->hint : gap_kind_hint(gap->kind);
	struct subject subject = {
		.place = EMIT_NOWHERE,
		.nowhere = true,
		.name = word,
		.name_len = strlen(word),
		.kind = error,
	};
	struct finding *f = NULL;
	int r = emit_open(ctx, rule, rule->severity, &subject, out, &f);

	if (r <= 0) {
		return r;
	}
	f->message = arena_printf(&out->arena, "could not be read: %s: %s (%s)",
	                          gap->where != NULL ? gap->where : "something", error, word);
	if (hint != NULL) {
		f->remedy = arena_strndup(&out->arena, hint, strlen(hint));
	}
	r = emit_check(f);
	if (r == 0) {
		r = emit_evidence(out, f, "gap", arena_strndup(&out->arena, word, strlen(word)));
	}
	if (r == 0) {
		r = emit_evidence(out, f, "error",
		                  arena_strndup(&out->arena, error, strlen(error)));
	}
	return r;
}

static int check_gap(const struct rule *rule, const struct context *ctx, struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_gaps && r == 0; i++) {
		r = report_gap(rule, ctx, &ctx->snap->gaps[i], out);
	}
	return r;
}

/** Programs whose codes matter to the Agent; those of other qdiscs do not. */
static bool is_unproven(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];

	return !ctx->own[entry] && row->prog_id != 0 && !row->skip_sw &&
	       ctx->snap->hooks[row->hook].type != HOOK_QDISC &&
	       !outcome_returns(ctx->snap, row).exact;
}

static int report_unproven(const struct rule *rule, const struct context *ctx, uint32_t entry,
                           struct findings *out)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	struct snap_returns returns = outcome_returns(ctx->snap, row);
	const char *reason = returns.reason != NULL ? returns.reason : "not proven";
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	/* One finding for a program, wherever and however often it is attached. */
	subject.hook = NULL;
	subject.pref = 0;
	subject.kind = reason;

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}
	told.row->message = arena_printf(&out->arena, "%s: what %s returns could not be proven: %s",
	                                 told.where, told.what, reason);
	r = emit_check(told.row);
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int check_returns_unproven(const struct rule *rule, const struct context *ctx,
                                  struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		if (is_unproven(ctx, i)) {
			r = report_unproven(rule, ctx, i, out);
		}
	}
	return r;
}

/** What codes do on a hook, for packets that are let through. */
static bool ends_granted(const struct context *ctx, const struct snap_entry *row, uint32_t codes)
{
	return outcome_granted_codes(ctx->snap, row, codes) != 0;
}

/** Does the table claim something that the instructions rule out? */
static bool is_disagreement(const struct context *ctx, uint32_t entry, uint32_t *ret_claimed)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	struct snap_returns returns = outcome_returns(ctx->snap, row);

	if (ctx->who->entries[entry].strength != MATCH_DECISIVE || row->prog_id == 0 ||
	    returns.codes == CODES_ALL || (row->is_filter && !row->direct_action) ||
	    !vendors_returns(ctx->who, ctx->snap, entry, ret_claimed)) {
		return false;
	}
	/*
	 * The set is never smaller than the truth: what is not in it does not happen. A table that
	 * has both ways, as Calico's UNSPEC or redirect, is not contradicted by one of them.
	 */
	if (ends_granted(ctx, row, *ret_claimed) && !ends_granted(ctx, row, returns.codes) &&
	    !outcome_goes_on(ctx->snap, row, *ret_claimed)) {
		return outcome_goes_on(ctx->snap, row, returns.codes);
	}
	/* OK or UNSPEC is what the checklist asks; other ways to end are compared as one. */
	return returns.exact &&
	       ((returns.codes & ~*ret_claimed & CODE_BIT(CODE_OK)) != 0 ||
	        (ends_granted(ctx, row, returns.codes) && !ends_granted(ctx, row, *ret_claimed)));
}

static int report_disagreement(const struct rule *rule, const struct context *ctx, uint32_t entry,
                               uint32_t claimed, struct findings *out)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	const struct vendor *vendor = &ctx->who->table->rows[ctx->who->entries[entry].vendor];
	struct subject subject = emit_about_entry(ctx, entry);
	struct told told;

	/* One finding for a program, wherever and however often it is attached. */
	subject.hook = NULL;
	subject.pref = 0;

	int r = emit_about(ctx, rule, rule->severity, &subject, out, &told);

	if (r <= 0) {
		return r;
	}

	const char *table = describe_codes(claimed, ", ", &out->arena);
	const char *proven =
		describe_codes(outcome_returns(ctx->snap, row).codes, ", ", &out->arena);

	if (table == NULL || proven == NULL) {
		return -ENOMEM;
	}
	told.row->message = arena_printf(&out->arena,
	                                 "%s: %s returns %s by its instructions, while %s is known "
	                                 "to return %s for packets it grants",
	                                 told.where, told.what, proven, vendor->name, table);
	r = emit_check(told.row);
	if (r == 0) {
		r = emit_evidence(out, told.row, "table", table);
	}
	return r < 0 ? r : emit_entry_evidence(ctx, entry, out, told.row);
}

static int check_disagreement(const struct rule *rule, const struct context *ctx,
                              struct findings *out)
{
	int r = 0;

	for (uint32_t i = 0; i < ctx->snap->n_entries && r == 0; i++) {
		uint32_t claimed = 0;

		if (!ctx->own[i] &&
		    ctx->snap->hooks[ctx->snap->entries[i].hook].type != HOOK_QDISC &&
		    is_disagreement(ctx, i, &claimed)) {
			r = report_disagreement(rule, ctx, i, claimed, out);
		}
	}
	return r;
}

const struct rule rule_gap = {
	.code = "TC901",
	.name = "not-readable",
	.group = "sight",
	.severity = SEV_WARN,
	.needs = 0,
	.check = check_gap,
	.title = "Something could not be read",
	.seen = "A namespace, interface, list or program exists and could not be examined.",
	.matters =
		"Silence about what was not read is no proof that it is fine. Rules that depend on "
		"it say \"not evaluated\".",
	.fact = "Namespaces need CAP_SYS_ADMIN to enter and CAP_SYS_PTRACE to find; TCX and netkit "
		"lists need CAP_NET_ADMIN or CAP_SYS_ADMIN; instructions of programs need "
		"CAP_SYS_ADMIN or CAP_PERFMON.",
	.fix = "Run with the missing privilege, and with the host's /proc and /sys when in a "
	       "container.",
	.safe = "When the place is known and no Agent is expected there.",
	.links = gap_links,
};

const struct rule rule_returns_unproven = {
	.code = "TC902",
	.name = "returns-unproven",
	.group = "sight",
	.severity = SEV_INFO,
	.needs = 0,
	.check = check_returns_unproven,
	.title = "A program's return codes could not be proven",
	.seen = "A program on a hook that matters to the Agent was not proven to return certain "
		"codes "
		"only.",
	.matters = "It counts as if it might end packets. Findings that rest on it are cautions.",
	.fact = "What a program returns is worked out from its translated instructions, its tail "
		"calls included. The message names the instruction at which that was lost, and "
		"why. Codes known only assuming private scratch memory hold while nobody else "
		"writes the element of the per-CPU array that the program uses as such: user "
		"space, or a program that runs in between on the same CPU.",
	.fix = "`tcaudit explain --program ID` shows the place; as root no call stays without a "
	       "name. Else look up the return codes of the software, or ask its maker.",
	.safe = "When the software is known to return TC_ACT_UNSPEC for packets it grants.",
	.links = returns_links,
};

const struct rule rule_table_disagrees = {
	.code = "TC903",
	.name = "table-disagrees",
	.group = "sight",
	.severity = SEV_WARN,
	.needs = FACET_PROGS,
	.check = check_disagreement,
	.title = "A program returns something else than its vendor is known for",
	.seen = "A program was recognised beyond doubt, and its instructions end packets where the "
		"vendor table says that the vendor lets them go on, or the other way round.",
	.matters = "Either the vendor changed its ways, or the program is not what its name says. "
		   "Everything else in the report rests on the instructions.",
	.fact = "The table is what was read in the vendor's source for certain versions; the "
		"instructions are what this kernel runs.",
	.fix = "Compare the versions (tcaudit explain --vendor NAME), see tcaudit explain "
	       "--program "
	       "ID for the paths, and correct the vendor table.",
	.safe = "When a newer version of the vendor is known to behave so.",
	.links = returns_links,
};
