/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

#include "analyzer/insn_text.h"
#include "bpf/source.h"

#include <stdlib.h>

/** One program. */
struct listed {
	uint32_t prog_id; /**< 0: free. */
	struct source source;
	struct arena arena;
	struct decoded code;
};

struct listings {
	struct listed progs[LISTINGS_KEPT];
	uint32_t next; /**< The place to use again. */
	char text[INSN_TEXT_BYTES];
};

struct listings *listings_new(void)
{
	return calloc(1, sizeof(struct listings));
}

static void listed_done(struct listed *p)
{
	source_done(&p->source);
	arena_done(&p->arena);
	*p = (struct listed){0};
}

void listings_free(struct listings *listings)
{
	if (listings == NULL) {
		return;
	}
	for (uint32_t i = 0; i < LISTINGS_KEPT; i++) {
		listed_done(&listings->progs[i]);
	}
	free(listings);
}

/** What cannot be read is listed without its instructions. */
static void listed_read(struct listed *p, uint32_t prog_id)
{
	p->prog_id = prog_id;
	arena_init(&p->arena, LISTINGS_ARENA_BYTES);
	if (source_read(prog_id, &p->source) < 0 ||
	    insn_decode(p->source.insns, p->source.n_insns, p->source.func_insns,
	                p->source.n_func_insns, &p->arena, &p->code) < 0) {
		p->code = (struct decoded){0};
	}
}

static struct listed *find(struct listings *listings, uint32_t prog_id)
{
	for (uint32_t i = 0; i < LISTINGS_KEPT; i++) {
		if (listings->progs[i].prog_id == prog_id) {
			return &listings->progs[i];
		}
	}
	struct listed *p = &listings->progs[listings->next];

	listings->next = (listings->next + 1) % LISTINGS_KEPT;
	listed_done(p);
	listed_read(p, prog_id);
	return p;
}

void listings_at(void *ctx, uint32_t prog_id, uint32_t pc, struct listing *ret)
{
	struct listings *listings = ctx;
	const struct listed *p = find(listings, prog_id);
	const struct source_mark *mark = source_at(&p->source, pc);

	*ret = (struct listing){0};
	if (pc < p->code.n) {
		ret->insn = insn_text(&p->code.insns[pc], listings->text);
	}
	if (mark != NULL) {
		ret->source = mark->text;
		ret->file = mark->file;
		ret->line = mark->line;
	}
}
