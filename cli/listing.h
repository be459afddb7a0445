/* SPDX-License-Identifier: Apache-2.0 */
/**
 * listing.h - instructions of this kernel's programs as text, for `explain --program`.
 */
#ifndef TCAUDIT_CLI_LISTING_H
#define TCAUDIT_CLI_LISTING_H

#include "reports/program_text.h"

/** Programs kept at once; a path through more of them reads some again. */
#define LISTINGS_KEPT 16u

/** Most memory for the decoded form of one program. */
#define LISTINGS_ARENA_BYTES ((size_t)128 << 20)

struct listings;

/** @return NULL without memory. */
struct listings *listings_new(void);
void listings_free(struct listings *listings);

/** A listing_fn over a struct listings. */
listing_fn listings_at;

#endif
