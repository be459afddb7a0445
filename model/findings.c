/* SPDX-License-Identifier: Apache-2.0 */
#include "model/findings.h"

void findings_init(struct findings *f, size_t limit_bytes)
{
	*f = (struct findings){0};
	arena_init(&f->arena, limit_bytes);
}

void findings_done(struct findings *f)
{
	if (!f) {
		return;
	}

	void *rows = f->rows;

	arena_release(&f->arena, &rows, &f->cap, sizeof(*f->rows));
	arena_done(&f->arena);
	*f = (struct findings){.arena.limit_bytes = f->arena.limit_bytes};
}
