/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "cli/input.h"

#include <stdlib.h>

static int load_file(const char *file, struct vendor_table *ret, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	int r = input_file(file, VENDORS_MAX_BYTES, &text, &len, err);

	if (r == 0) {
		r = vendors_parse(text, len, file, &ret->arena, &ret->vendors, err);
	}
	free(text);
	return r;
}

int table_load(const char *file, struct vendor_table *ret, struct err *err)
{
	*ret = (struct vendor_table){0};
	arena_init(&ret->arena, TABLE_ARENA_BYTES);
	if (file != NULL) {
		return load_file(file, ret, err);
	}
	return vendors_parse(vendors_builtin, vendors_builtin_bytes, "built-in vendor table",
	                     &ret->arena, &ret->vendors, err);
}

void table_done(struct vendor_table *table)
{
	arena_done(&table->arena);
}

int table_mark(const struct vendor_table *table, struct snapshot *snap)
{
	struct arena arena;
	struct identities who;

	arena_init(&arena, TABLE_ARENA_BYTES);
	int r = vendors_identify(&table->vendors, snap, NULL, &arena, &who);

	if (r == 0) {
		vendors_mark_programs(&who, snap);
	}
	arena_done(&arena);
	return r;
}
