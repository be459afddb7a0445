/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/arena.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdalign.h>
#include <string.h>

Test(arena, alloc_is_aligned_and_zero)
{
	static const size_t sizes[] = {1, 3, 8, 17, 1000, 70000, 5, 0};
	struct arena arena;

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		unsigned char *got = arena_alloc(&arena, sizes[i]);

		cr_assert_not_null(got, "%zu bytes", sizes[i]);
		cr_expect_eq((uintptr_t)got % alignof(max_align_t), 0, "%zu bytes", sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++) {
			cr_assert_eq(got[k], 0, "%zu bytes: byte %zu", sizes[i], k);
		}
		memset(got, 0xee, sizes[i]);
	}
	arena_done(&arena);
	cr_expect_eq(arena.used_bytes, 0);
}

Test(arena, texts)
{
	struct arena arena;

	arena_init(&arena, 1 << 20);
	const char *copy = arena_strndup(&arena, "abcdef", 3);
	const char *text = arena_printf(&arena, "%s-%d", "x", 42);

	cr_expect_str_eq(copy, "abc");
	cr_expect_str_eq(text, "x-42");
	cr_expect_str_eq(arena_strndup(&arena, NULL, 0), "");
	cr_expect_null(arena_strndup(&arena, "", SIZE_MAX));
	arena_done(&arena);
}

Test(arena, limit_holds)
{
	for (size_t limit = 1; limit < 6000; limit += 13) {
		struct arena arena;
		size_t n = 0;

		arena_init(&arena, limit);
		while (n < limit && arena_alloc(&arena, 10)) {
			n++;
		}
		cr_expect_leq(arena.used_bytes, limit, "limit %zu", limit);
		cr_expect_leq(n * 10, limit, "limit %zu: %zu times 10 bytes", limit, n);
		cr_expect_null(arena_alloc(&arena, limit + 1), "limit %zu", limit);
		cr_expect_null(arena_alloc(&arena, SIZE_MAX), "limit %zu", limit);
		arena_done(&arena);
		cr_expect_eq(arena.used_bytes, 0, "limit %zu", limit);
	}
}

Test(arena, rewind_gives_back)
{
	struct arena arena;

	arena_init(&arena, 1 << 20);
	char *kept = arena_strndup(&arena, "kept", 4);
	size_t used = arena.used_bytes;
	struct arena_mark mark = arena_mark(&arena);

	for (int i = 0; i < 100; i++) {
		memset(arena_alloc(&arena, 700), 0xff, 700);
	}
	cr_expect_gt(arena.used_bytes, used);
	arena_rewind(&arena, mark);
	cr_expect_eq(arena.used_bytes, used);
	cr_expect_str_eq(kept, "kept");

	const char *again = arena_alloc(&arena, 700);

	for (int i = 0; i < 700; i++) {
		cr_assert_eq(again[i], 0, "byte %d is left from before", i);
	}
	arena_done(&arena);
}

Test(arena, rewind_to_empty)
{
	struct arena arena;

	arena_init(&arena, 1 << 20);
	struct arena_mark mark = arena_mark(&arena);

	cr_assert_not_null(arena_alloc(&arena, 5));
	arena_rewind(&arena, mark);
	cr_expect_eq(arena.used_bytes, 0);
	cr_expect_null(arena.last);
	arena_done(&arena);
}

Test(arena, vectors_are_charged)
{
	struct arena arena;
	void *rows = NULL;
	uint32_t cap = 0;
	uint32_t n = 0;

	arena_init(&arena, 4096);
	while (arena_reserve(&arena, &rows, n, &cap, 16) == 0) {
		((uint64_t *)rows)[2 * n] = n;
		n++;
	}
	cr_expect_eq(n, 256, "the last byte of the limit counts: %u rows", n);
	cr_expect_eq(arena.used_bytes, 4096);
	cr_expect_eq(cap, n);
	cr_expect_null(arena_alloc(&arena, 1));
	for (uint32_t i = 0; i < n; i++) {
		cr_assert_eq(((uint64_t *)rows)[2 * i], i);
	}

	struct arena_mark mark = arena_mark(&arena);

	arena_rewind(&arena, mark);
	cr_expect_eq(arena.used_bytes, 4096, "vectors survive a rewind");
	arena_release(&arena, &rows, &cap, 16);
	cr_expect_eq(arena.used_bytes, 0);
	cr_expect_null(rows);
	cr_expect_eq(cap, 0);
	arena_done(&arena);
}

Test(arena, reserve_refuses_overflow)
{
	struct arena arena;
	void *rows = NULL;
	uint32_t cap = 0;

	arena_init(&arena, SIZE_MAX);
	cr_expect_eq(arena_reserve(&arena, &rows, 0, &cap, SIZE_MAX / 2), -ENOMEM);
	cap = UINT32_MAX;
	cr_expect_eq(arena_reserve(&arena, &rows, UINT32_MAX, &cap, 1), -ENOMEM);
	cr_expect_eq(cap, UINT32_MAX);
	cr_expect_null(rows);
}

Test(arena, done_takes_anything)
{
	struct arena zero = {0};

	arena_done(NULL);
	arena_done(&zero);
	arena_done(&zero);
}
