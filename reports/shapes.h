/* SPDX-License-Identifier: Apache-2.0 */
/**
 * shapes.h - links grouped by what runs on them, for the drawing.
 */
#ifndef TCAUDIT_REPORTS_SHAPES_H
#define TCAUDIT_REPORTS_SHAPES_H

#include "model/arena.h"
#include "reports/report.h"
#include "reports/rows.h"

/** Most memory that one rendering uses for itself. */
#define SHAPES_ARENA_BYTES ((size_t)512 << 20)

/** One link that is drawn. */
struct shape {
	const char *key; /**< Equal for links that are drawn alike; owned by the arena. */
	uint32_t link;   /**< Index into the snapshot. */
	uint32_t rank;   /**< How bad it looks for the Agent; equal for equal keys. */
};

/** Links with one key. */
struct group {
	uint32_t first; /**< Index into shapes.shape; members follow each other, by link. */
	uint32_t n;
};

struct shapes {
	struct arena arena;
	struct shape *shape; /**< Sorted by key, link. */
	uint32_t n, cap;
	struct group *group; /**< Worst for the Agent first, then by the first member's link. */
	uint32_t n_groups, cap_groups;
	bool *flagged; /**< One for each link: an open finding names it. */
};

/** Group the links worth drawing. @return 0 or -ENOMEM; to be freed either way. */
ATTR_MUSTUSE int shapes_init(struct shapes *shapes, const struct report *rep);
void shapes_done(struct shapes *shapes);

/** Is this way of a link drawn? */
bool shapes_draws(const struct shapes *shapes, const struct report *rep, uint32_t link,
                  const struct rows *rows, enum way way);

/** Name of an entry with the name of its link replaced by "*", so that names that carry it are
 *  equal on every link. @return NULL when @p arena is full. */
ATTR_MUSTUSE const char *shapes_name(struct arena *arena, const struct snapshot *snap,
                                     const struct row *row, const struct snap_link *link);

/** Word of the row's hook, also of a clsact that is not there yet; owned by @p arena. */
ATTR_MUSTUSE const char *shapes_hook(struct arena *arena, const struct row *row);

#endif
