/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Any bytes as an ignore file: an error that names the file and what is wrong, or rows that hold
 * what the header promises and that can be asked anything.
 */
#include "analyzer/ignore.h"
#include "analyzer/rules.h"
#include "model/text.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)8 << 20)

static void check_row(const struct ignore_row *row)
{
	FUZZ_PROMISE(row->code != NULL || row->vendor != NULL || row->device != NULL);
	FUZZ_PROMISE(row->code == NULL || rule_find(row->code) != NULL);
	FUZZ_PROMISE(row->device == NULL || text_glob_ok(row->device));
	FUZZ_PROMISE(row->reason[0] != '\0');
	FUZZ_PROMISE(row->expires == NULL || strlen(row->expires) == strlen("2026-12-31"));
	FUZZ_PROMISE(!ignore_expired(row, NULL) && !ignore_expired(row, "0000-00-00"));
	FUZZ_PROMISE(ignore_expired(row, "9999-99-99") == (row->expires != NULL));
}

/** A row finds itself, unless an earlier one does. */
static void check_match(const struct ignore_list *list, uint32_t i)
{
	const struct ignore_row *row = &list->rows[i];
	const char *device =
		row->device != NULL && strpbrk(row->device, "*?[\\") == NULL ? row->device : NULL;
	const struct ignore_row *found = ignore_find(list, row->code != NULL ? row->code : "TC101",
	                                             row->vendor, device, NULL);

	/* A pattern is no name that its own row would match: then only a later one may be found. */
	if (row->device == NULL || device != NULL) {
		FUZZ_PROMISE(found != NULL && found <= row);
	}
	(void)ignore_find(list, "TC101", row->vendor, row->reason, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ignore_list list = {0};
	struct arena arena;
	struct err err = {0};

	arena_init(&arena, LIMIT_BYTES);
	int r = ignore_parse((const char *)data, size, "file", &arena, &list, &err);

	FUZZ_PROMISE(r == err.code);
	if (r < 0) {
		FUZZ_PROMISE(r == -EBADMSG || r == -EFBIG || r == -ENOMEM);
		FUZZ_PROMISE(strncmp(err.text, "file: ", 6) == 0 && err.text[6] != '\0');
	}
	for (uint32_t i = 0; i < list.n; i++) {
		check_row(&list.rows[i]);
		if (i < 64) {
			check_match(&list, i);
		}
	}
	arena_done(&arena);
	return 0;
}
