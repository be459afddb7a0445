/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/suppress.h"

#include "model/text.h"

#include <errno.h>
#include <strings.h>

const struct ignore_row *suppress_find(const struct context *ctx, const char *code,
                                       const struct subject *subject)
{
	const struct ignore_list *list = ctx->opts->ignore;
	const char *device = NULL;

	if (list == NULL) {
		return NULL;
	}
	if (!subject->nowhere && subject->place.link != SNAP_NONE) {
		device = ctx->snap->links[subject->place.link].name;
	}
	return ignore_find(list, code, subject->vendor, device, ctx->opts->today);
}

uint64_t suppress_key(const struct context *ctx, uint64_t fingerprint, const struct ignore_row *row)
{
	if (row == NULL) {
		return fingerprint;
	}

	uint64_t idx = (uint64_t)(row - ctx->opts->ignore->rows);

	return text_hash(fingerprint, &idx, sizeof(idx));
}

const char *suppress_reason(const struct ignore_row *row, struct arena *arena)
{
	if (row->expires == NULL) {
		return arena_printf(arena, "%s", row->reason);
	}
	return arena_printf(arena, "%s (until %s)", row->reason, row->expires);
}

static bool is_listed(const char *const *codes, uint32_t n, const char *code)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcasecmp(codes[i], code) == 0) {
			return true;
		}
	}
	return false;
}

void suppress_by_options(const struct analyze_options *opts, struct findings *ret)
{
	for (uint32_t i = 0; i < ret->n; i++) {
		struct finding *f = &ret->rows[i];
		const char *by = NULL;

		if (opts->n_only > 0 && !is_listed(opts->only, opts->n_only, f->code)) {
			by = "not in --only";
		} else if (is_listed(opts->skip, opts->n_skip, f->code)) {
			by = "--skip";
		}
		/* The reason that somebody wrote down says more than an option. */
		if (by != NULL && f->state != FINDING_SUPPRESSED) {
			f->state = FINDING_SUPPRESSED;
			f->suppressed = by;
		}
	}
}

/** ", device veth*": one member of a row, or nothing. */
static const char *with_member(const char *text, const char *name, const char *value,
                               struct arena *arena)
{
	if (text == NULL || value == NULL) {
		return text;
	}
	return arena_printf(arena, "%s%s%s %s", text, text[0] != '\0' ? ", " : "", name, value);
}

static const char *expired_text(const struct ignore_list *list, uint32_t idx, struct arena *arena)
{
	const struct ignore_row *row = &list->rows[idx];
	const char *what = with_member("", "code", row->code, arena);

	what = with_member(what, "vendor", row->vendor, arena);
	what = with_member(what, "device", row->device, arena);
	if (what == NULL) {
		return NULL;
	}
	return arena_printf(arena, "%s: ignore[%u] (%s) holds no longer: it expired on %s",
	                    list->file, idx, what, row->expires);
}

int suppress_list_expired(const struct analyze_options *opts, struct findings *ret)
{
	const struct ignore_list *list = opts->ignore;
	const char **texts = NULL;

	if (list == NULL || list->n == 0) {
		return 0;
	}
	texts = arena_alloc(&ret->arena, list->n * sizeof(*texts));
	if (texts == NULL) {
		return -ENOMEM;
	}
	ret->expired = texts;
	for (uint32_t i = 0; i < list->n; i++) {
		if (!ignore_expired(&list->rows[i], opts->today)) {
			continue;
		}
		texts[ret->n_expired] = expired_text(list, i, &ret->arena);
		if (texts[ret->n_expired] == NULL) {
			return -ENOMEM;
		}
		ret->n_expired++;
	}
	return 0;
}
