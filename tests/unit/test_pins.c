/* SPDX-License-Identifier: Apache-2.0 */
/* layers: bpf model */
/*
 * Pins in a BPF file system of the test's own mount namespace; maps only, which every kernel makes
 * without compiling anything. The snapshot's programs are invented.
 */
#include "bpf/pins.h"
#include "model/attrs.h"
#include "tests/unit/prog_fixture.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define TOP        "/mnt"
#define BPFFS      TOP "/sys/fs/bpf"
#define PATH_BYTES 512

#define TIMEOUT_S 60

static void make(const char *dir)
{
	cr_assert_eq(mkdir(dir, 0755), 0, "%s: %s", dir, strerror(errno));
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	cr_assert(file != NULL, "%s", path);
	(void)fputs(text, file);
	cr_assert_eq(fclose(file), 0);
}

/** An invented /proc and /sys, the latter with a BPF file system. */
static void set_up(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", TOP, "tmpfs", 0, NULL) < 0) {
		cr_skip_test("needs root and a mount namespace of its own");
	}
	make(TOP "/proc");
	make(TOP "/proc/1");
	make(TOP "/proc/1/root");
	put(TOP "/proc/1/mountinfo", "1 0 8:1 / / rw - ext4 x x\n");
	make(TOP "/sys");
	make(TOP "/sys/fs");
	make(BPFFS);
	if (mount("none", BPFFS, "bpf", 0, NULL) < 0) {
		cr_skip_test("needs a BPF file system");
	}
}

/** Made without libbpf, which loads programs to find out what the kernel can do. */
static int new_map(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
	                       .key_size = 4,
	                       .value_size = 4,
	                       .max_entries = 1,
	                       .map_name = "tcaudit_pin"};
	int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	return fd;
}

static void pin(int fd, const char *path)
{
	cr_assert_eq(bpf_obj_pin(fd, path), 0, "%s: %s", path, strerror(errno));
}

/** A snapshot with one program that has a map. */
static void init_snap(struct snapshot *snap, const uint32_t *map)
{
	const struct snap_prog prog = {.id = UINT32_MAX, .map_ids = map, .n_map_ids = 1};

	snap_init(snap, SNAP_ARENA_BYTES);
	cr_assert_eq(snap_add_prog(snap, &prog, NULL), 0);
}

TestSuite(pins, .init = set_up, .timeout = TIMEOUT_S);

Test(pins, of_the_snapshot_alone)
{
	struct snapshot snap;
	struct err err = {0};
	int fd = new_map();
	int other = new_map();
	uint32_t id = map_id(fd);

	make(BPFFS "/tc");
	make(BPFFS "/tc/globals");
	pin(fd, BPFFS "/tc/globals/a");
	pin(fd, BPFFS "/b");
	pin(other, BPFFS "/other");
	cr_assert_eq(symlink("b", BPFFS "/link"), 0);
	init_snap(&snap, &id);
	cr_assert_eq(pins_collect(&snap, TOP "/proc", TOP "/sys"), 0);
	cr_assert_eq(snap_seal(&snap, &err), 0, "%s", err.text);
	cr_expect_eq(snap.n_gaps, 0, "%s", snap.n_gaps ? snap.gaps[0].error : "");
	cr_assert_eq(snap.n_pins, 2, "%u", snap.n_pins);
	cr_expect_str_eq(snap.pins[0].path, "/sys/fs/bpf/b");
	cr_expect_str_eq(snap.pins[1].path, "/sys/fs/bpf/tc/globals/a");
	cr_expect_eq(snap.pins[1].kind, PIN_MAP);
	cr_expect_eq(snap.pins[1].id, id);
	snap_done(&snap);
	(void)close(fd);
	(void)close(other);
}

/** Mount table of process 1: a second file system, the first one again, one that is covered. */
Test(pins, of_every_mount_once)
{
	struct snapshot snap;
	struct err err = {0};
	int fd = new_map();
	uint32_t id = map_id(fd);

	make(TOP "/proc/1/root/a b");
	make(TOP "/proc/1/root/again");
	make(TOP "/proc/1/root/covered");
	cr_assert_eq(mount("none", TOP "/proc/1/root/a b", "bpf", 0, NULL), 0);
	cr_assert_eq(mount(BPFFS, TOP "/proc/1/root/again", NULL, MS_BIND, NULL), 0);
	pin(fd, TOP "/proc/1/root/a b/x");
	pin(fd, BPFFS "/y");
	put(TOP "/proc/1/mountinfo", "1 0 8:1 / / rw - ext4 x x\n"
	                             "2 1 0:9 / /again rw - bpf x x\n"
	                             "3 1 0:8 / /a\\040b rw - bpf x x\n"
	                             "4 1 0:8 / /covered rw - bpf x x\n"
	                             "5 1 0:8 / /gone rw - bpf x x\n");
	init_snap(&snap, &id);
	cr_assert_eq(pins_collect(&snap, TOP "/proc", TOP "/sys"), 0);
	cr_assert_eq(snap_seal(&snap, &err), 0, "%s", err.text);
	cr_expect_eq(snap.n_gaps, 0, "%s", snap.n_gaps ? snap.gaps[0].error : "");
	cr_assert_eq(snap.n_pins, 2, "%u", snap.n_pins);
	cr_expect_str_eq(snap.pins[0].path, "/a b/x");
	cr_expect_str_eq(snap.pins[1].path, "/sys/fs/bpf/y");
	snap_done(&snap);
	(void)close(fd);
}

Test(pins, too_deep)
{
	struct snapshot snap;
	char path[PATH_BYTES] = BPFFS;
	int fd = new_map();
	uint32_t id = map_id(fd);

	for (size_t i = 0; i < PINS_MAX_DEPTH + 2; i++) {
		size_t len = strlen(path);

		cr_assert_lt(snprintf(path + len, sizeof(path) - len, "/d"),
		             (int)(sizeof(path) - len));
		make(path);
	}
	pin(fd, BPFFS "/d/z");
	init_snap(&snap, &id);
	cr_assert_eq(pins_collect(&snap, TOP "/proc", TOP "/sys"), 0);
	cr_expect_eq(snap.n_pins, 1);
	cr_assert_eq(snap.n_gaps, 1);
	cr_expect_eq(snap.gaps[0].kind, GAP_PINS_UNREADABLE);
	cr_expect_eq(snap.facets, FACETS_ALL & ~(uint32_t)FACET_PINS);
	snap_done(&snap);
	(void)close(fd);
}

Test(pins, nothing_to_look_for_or_at)
{
	struct snapshot snap;
	int fd = new_map();
	uint32_t id = map_id(fd);

	pin(fd, BPFFS "/x");
	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(pins_collect(&snap, TOP "/proc", TOP "/sys"), 0);
	cr_expect_eq(snap.n_pins, 0, "no program, no pin of one");
	snap_done(&snap);
	init_snap(&snap, &id);
	cr_assert_eq(pins_collect(&snap, TOP "/proc", TOP), 0);
	cr_expect_eq(snap.n_pins, 0);
	cr_expect_eq(snap.facets, FACETS_ALL, "no BPF file system is mounted");
	snap_done(&snap);
	init_snap(&snap, &id);
	cr_assert_eq(pins_collect(&snap, TOP "/none", TOP "/sys"), 0);
	cr_expect_eq(snap.n_pins, 1, "what can be seen");
	cr_expect_eq(snap.n_gaps, 1, "and what cannot");
	snap_done(&snap);
	(void)close(fd);
}

Test(pins, limits)
{
	int fd = new_map();
	uint32_t id = map_id(fd);
	int r = -ENOMEM;

	pin(fd, BPFFS "/x");
	for (size_t limit = 4096; r == -ENOMEM; limit += 509) {
		const struct snap_prog prog = {.id = 7, .map_ids = &id, .n_map_ids = 1};
		struct snapshot snap;

		snap_init(&snap, limit);
		r = snap_add_prog(&snap, &prog, NULL);
		r = r < 0 ? r : pins_collect(&snap, TOP "/proc", TOP "/sys");
		snap_done(&snap);
		cr_assert_lt(limit, 1 << 20, "never enough");
	}
	cr_expect_eq(r, 0);
	(void)close(fd);
}
