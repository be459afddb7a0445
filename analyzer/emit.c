/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/emit.h"

#include "analyzer/describe.h"
#include "analyzer/outcome.h"
#include "analyzer/suppress.h"
#include "analyzer/vendors.h"
#include "model/text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct subject emit_about_hook(const struct context *ctx, uint32_t hook)
{
	const struct snap_hook *row = &ctx->snap->hooks[hook];

	return (struct subject){
		.place = {.netns = ctx->snap->links[row->link].netns,
	                  .link = row->link,
	                  .hook = hook,
	                  .entry = SNAP_NONE},
		.hook = hook_type_word(row->type),
	};
}

struct subject emit_about_entry(const struct context *ctx, uint32_t entry)
{
	const struct snap_entry *row = &ctx->snap->entries[entry];
	const struct vendor *vendor = vendors_of_entry(ctx->who, entry);
	struct slice name = describe_name(ctx->snap, row);
	struct subject subject = emit_about_hook(ctx, row->hook);

	subject.place.entry = entry;
	subject.place.prog_id = row->prog_id;
	subject.vendor = vendor != NULL ? vendor->id : NULL;
	subject.name = name.text;
	subject.name_len = name.len;
	subject.pref = row->is_filter ? row->pref : 0;
	subject.kind = outcome_is_bpf(row) ? NULL : row->kind;
	return subject;
}

static uint64_t fingerprint_of(const struct rule *rule, const struct subject *subject)
{
	uint64_t hash = text_hash_str(TEXT_HASH_SEED, rule->code);
	/* Byte by byte: the same on every machine. */
	const unsigned char pref[] = {
		(unsigned char)(subject->pref >> 24),
		(unsigned char)(subject->pref >> 16),
		(unsigned char)(subject->pref >> 8),
		(unsigned char)subject->pref,
	};

	hash = text_hash_str(hash, subject->vendor);
	hash = text_hash_str(hash, subject->hook);
	hash = text_hash_part(hash, subject->name, subject->name_len);
	hash = text_hash(hash, pref, sizeof(pref));
	return text_hash_str(hash, subject->kind);
}

static int new_row(const struct context *ctx, uint64_t key, struct findings *out,
                   struct finding **ret_row)
{
	void *rows = out->rows;
	int r = arena_reserve(&out->arena, &rows, out->n, &out->cap, sizeof(*out->rows));

	if (r < 0) {
		return r;
	}
	out->rows = rows;
	r = keytab_put(ctx->seen, key, out->n);
	if (r < 0) {
		return r;
	}
	*ret_row = &out->rows[out->n++];
	**ret_row = (struct finding){0};
	return 0;
}

/** Keep places[0] the one the texts speak of. */
static void add_place(struct finding *row, const struct subject *subject, bool first)
{
	row->count++;
	if (subject->nowhere) {
		return;
	}
	if (row->n_places < FINDING_MAX_PLACES) {
		row->n_places++;
	}
	if (first) {
		memmove(&row->places[1], &row->places[0],
		        (row->n_places - 1) * sizeof(row->places[0]));
		row->places[0] = subject->place;
	} else if (row->count <= FINDING_MAX_PLACES) {
		row->places[row->n_places - 1] = subject->place;
	}
}

/** @return 1, as emit_open(), or -ENOMEM. */
static int suppress_row(const struct ignore_row *by, struct finding *row, struct arena *arena)
{
	if (by == NULL) {
		return 1;
	}
	row->state = FINDING_SUPPRESSED;
	row->suppressed = suppress_reason(by, arena);
	return row->suppressed != NULL ? 1 : -ENOMEM;
}

int emit_open(const struct context *ctx, const struct rule *rule, enum severity severity,
              const struct subject *subject, struct findings *out, struct finding **ret_row)
{
	const struct ignore_row *ignored = suppress_find(ctx, rule->code, subject);
	uint64_t fingerprint = fingerprint_of(rule, subject);
	uint64_t key = suppress_key(ctx, fingerprint, ignored);
	uint32_t known = keytab_find(ctx->seen, key);
	struct finding *row = NULL;

	assert(severity <= rule->severity);
	if (known != SNAP_NONE && severity <= out->rows[known].severity) {
		add_place(&out->rows[known], subject, false);
		return 0;
	}
	if (known != SNAP_NONE) {
		row = &out->rows[known];
	} else {
		int r = new_row(ctx, key, out, &row);

		if (r < 0) {
			return r;
		}
	}
	add_place(row, subject, true);
	row->code = rule->code;
	row->name = rule->name;
	row->vendor = subject->vendor;
	row->severity = severity;
	row->fingerprint = fingerprint;
	row->state = FINDING_OPEN;
	row->message = NULL;
	row->remedy = rule->fix;
	row->links = rule->links;
	row->evidence = NULL;
	row->n_evidence = 0;
	*ret_row = row;
	return suppress_row(ignored, row, &out->arena);
}

int emit_about(const struct context *ctx, const struct rule *rule, enum severity severity,
               const struct subject *subject, struct findings *out, struct told *ret)
{
	const struct snap_entry *entry = &ctx->snap->entries[subject->place.entry];
	struct told told = {0};
	int r = emit_open(ctx, rule, severity, subject, out, &told.row);

	if (r <= 0) {
		return r;
	}
	told.where = describe_hook(ctx->snap, entry->hook, &out->arena);
	told.what = describe_entry_of(ctx->snap, entry, subject->vendor, &out->arena);
	if (told.where == NULL || told.what == NULL) {
		return -ENOMEM;
	}
	*ret = told;
	return 1;
}

int emit_check(const struct finding *row)
{
	return row->message != NULL && row->remedy != NULL ? 0 : -ENOMEM;
}

int emit_evidence(struct findings *out, struct finding *row, const char *key, const char *value)
{
	if (value == NULL) {
		return -ENOMEM;
	}
	if (row->evidence == NULL) {
		row->evidence =
			arena_alloc(&out->arena, EMIT_MAX_EVIDENCE * sizeof(*row->evidence));
	}
	if (row->evidence == NULL) {
		return -ENOMEM;
	}
	assert(row->n_evidence < EMIT_MAX_EVIDENCE);
	row->evidence[row->n_evidence++] = (struct evidence){key, value};
	return 0;
}

static int program_evidence(const struct context *ctx, const struct snap_entry *entry,
                            struct findings *out, struct finding *row)
{
	struct snap_returns returns = outcome_returns(ctx->snap, entry);
	const char *codes = returns.codes == CODES_ALL
	                            ? "unknown"
	                            : describe_codes(returns.codes, ", ", &out->arena);
	int r = emit_evidence(out, row, "returns", codes);

	if (r == 0 && !returns.exact) {
		/* Findings outlive the snapshot's text only if they own theirs. */
		const char *reason = returns.reason != NULL ? returns.reason : "not proven";

		r = emit_evidence(out, row, "reason",
		                  arena_strndup(&out->arena, reason, strlen(reason)));
	}
	return r;
}

static int filter_evidence(const struct context *ctx, const struct snap_entry *entry,
                           struct findings *out, struct finding *row)
{
	char word[64];
	const char *protocol = protocol_word(entry->protocol, word, sizeof(word));
	int r = emit_evidence(out, row, "protocol",
	                      arena_strndup(&out->arena, protocol, strlen(protocol)));

	if (r == 0) {
		r = emit_evidence(out, row, "chain", arena_printf(&out->arena, "%u", entry->chain));
	}
	if (r == 0 && outcome_is_bpf(entry)) {
		r = emit_evidence(out, row, "direct_action", entry->direct_action ? "yes" : "no");
	}
	if (r == 0 && !entry->direct_action) {
		r = emit_evidence(out, row, "actions",
		                  describe_actions(ctx->snap, entry, &out->arena));
	}
	return r;
}

int emit_entry_evidence(const struct context *ctx, uint32_t entry, struct findings *out,
                        struct finding *row)
{
	const struct snap_entry *e = &ctx->snap->entries[entry];
	const char *kind = e->kind != NULL ? e->kind : "?";
	int r = emit_evidence(out, row, "kind", arena_strndup(&out->arena, kind, strlen(kind)));

	if (r == 0 && outcome_is_bpf(e) && (!e->is_filter || e->handle != 0)) {
		r = program_evidence(ctx, e, out, row);
	}
	if (r == 0 && e->is_filter) {
		r = filter_evidence(ctx, e, out, row);
	}
	return r;
}
