/* SPDX-License-Identifier: Apache-2.0 */
/**
 * prog_fixture.h - what tests that load programs and maps share.
 */
#ifndef TCAUDIT_TESTS_UNIT_PROG_FIXTURE_H
#define TCAUDIT_TESTS_UNIT_PROG_FIXTURE_H

#include "bpf/code.h"
#include "bpf/progs.h"
#include "tests/unit/kernel_answers.h"

#include <bpf/bpf.h>
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <unistd.h>

static inline void need_root(void)
{
	if (geteuid() != 0) {
		cr_skip_test("needs root to load programs");
	}
	need_answers();
}

static inline uint32_t prog_id(int fd)
{
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	return info.id;
}

static inline uint32_t map_id(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);

	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	return info.id;
}

/** Read program @p id of the kernel, and its code; the caller frees both. */
static inline void collect_code(struct snapshot *snap, struct code_facts *code, uint32_t id)
{
	const struct snap_action action = {.kind = "bpf", .prog_id = id};

	snap_init(snap, SNAP_ARENA_BYTES);
	code_init(code, CODE_ARENA_BYTES);
	snap->facets = FACETS_ALL;
	cr_assert_eq(snap_add_action(snap, &action, NULL), 0);
	cr_assert_eq(progs_collect(snap, 0, code), 0);
}

#endif
