/* SPDX-License-Identifier: Apache-2.0 */
/**
 * vendor_fixture.h - small vendor tables in text, and slots that show a vendor, for
 * test_vendors*.c.
 */
#ifndef TCAUDIT_TESTS_VENDOR_FIXTURE_H
#define TCAUDIT_TESTS_VENDOR_FIXTURE_H

#include "analyzer/vendors.h"
#include "tests/unit/build.h"

#define IN  HOOK_CLSACT_INGRESS
#define OUT HOOK_CLSACT_EGRESS

/** A table with these rows. */
#define TABLE(rows) "{\"schema\": \"tcaudit.vendors/1\", \"vendors\": [" rows "]}"

/** One node with one entry for each row; everything else is up to the test. */
struct scene {
	struct snapshot snap;
	struct arena arena;
	struct identities who;
	uint32_t netns;
	uint32_t links;
};

static inline void scene_init(struct scene *s)
{
	*s = (struct scene){0};
	snap_init(&s->snap, BUILD_BYTES);
	arena_init(&s->arena, BUILD_BYTES);
	s->netns = build_netns(&s->snap, 1, true);
}

static inline void scene_done(struct scene *s)
{
	snap_done(&s->snap);
	arena_done(&s->arena);
}

/** A link of its own with one entry on one hook. @return the hook. */
static inline uint32_t scene_entry(struct scene *s, const char *dev, enum hook_type type,
                                   struct snap_entry entry)
{
	uint32_t link = build_link(&s->snap, s->netns, ++s->links, dev);
	uint32_t hook = build_hook(&s->snap, link, type);

	(void)build_entry(&s->snap, hook, entry);
	return hook;
}

static inline void scene_identify(struct scene *s, const struct vendors *table, const char *cilium)
{
	const struct vendor_versions versions = {.cilium = cilium};

	build_seal(&s->snap);
	cr_assert_eq(vendors_identify(table, &s->snap, &versions, &s->arena, &s->who), 0);
}

/** Index of a vendor of the table. */
static inline uint32_t vendor_index(const struct vendors *table, const char *id)
{
	const struct vendor *vendor = vendors_find(table, id);

	cr_assert_not_null(vendor, "%s", id);
	return (uint32_t)(vendor - table->rows);
}

#endif
