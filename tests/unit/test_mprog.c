/* SPDX-License-Identifier: Apache-2.0 */
/* layers: bpf model */
/*
 * TCX lists of this kernel, on the loopback device of a namespace that dies with the test.
 */
#include "bpf/mprog.h"
#include "model/abi.h"
#include "model/attrs.h"
#include "model/text.h"
#include "tests/unit/kernel_answers.h"

#include <bpf/bpf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_S  120
#define OTHER_USER 65534
#define LOOPBACK   1u /* ifindex of lo in every namespace */
#define NO_DEVICE  4242u
#define N_PROGS    3u

/** The part of union bpf_attr that BPF_PROG_ATTACH reads for TCX. */
struct attach_attr {
	uint32_t target_ifindex;
	uint32_t prog_fd;
	uint32_t attach_type;
	uint32_t flags;
};

/** Append a program to a TCX list of lo. @return 0 or a negative errno. */
static int attach(int prog_fd, uint32_t attach_type)
{
	union bpf_attr attr;
	const struct attach_attr want = {.target_ifindex = LOOPBACK,
	                                 .prog_fd = (uint32_t)prog_fd,
	                                 .attach_type = attach_type};

	memset(&attr, 0, sizeof(attr));
	memcpy(&attr, &want, sizeof(want));
	return syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

/** Load "r0 = result; exit". @return descriptor; its id in @p ret_id. */
static int load(int32_t result, uint32_t *ret_id)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = result},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tcaudit_mprog", "GPL", insns,
	                       COUNT_OF(insns), NULL);

	cr_assert_geq(fd, 0, "loading a program: %s", strerror(errno));
	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	*ret_id = info.id;
	return fd;
}

static struct mprog_features need_tcx(void)
{
	struct mprog_features features = {0};

	if (geteuid() != 0) {
		cr_skip_test("needs root to attach programs");
	}
	need_answers();
	if (unshare(CLONE_NEWNET) < 0) {
		cr_skip_test("needs a network namespace of its own");
	}
	mprog_probe(LOOPBACK, &features);
	if (!features.tcx) {
		cr_skip_test("this kernel has no TCX");
	}
	return features;
}

/** A snapshot with one link of the given number and kind. */
static void snap_with_link(struct snapshot *snap, uint32_t ifindex, const char *kind)
{
	const struct snap_link link = {.ifindex = ifindex, .name = "x", .kind = kind};

	snap_init(snap, SNAP_ARENA_BYTES);
	snap->facets = FACETS_ALL;
	cr_assert_eq(snap_add_link(snap, &link, NULL), 0);
}

Test(mprog, three_in_order, .timeout = TIMEOUT_S)
{
	const struct mprog_features features = need_tcx();
	uint32_t ids[N_PROGS];
	struct snapshot snap;

	for (uint32_t i = 0; i < N_PROGS; i++) {
		int fd = load(-1, &ids[i]);

		cr_assert_eq(attach(fd, ABI_TCX_INGRESS), 0);
		if (i == 1) {
			cr_assert_eq(attach(fd, ABI_TCX_EGRESS), 0);
		}
		(void)close(fd);
	}
	snap_with_link(&snap, LOOPBACK, NULL);
	cr_expect_eq(mprog_collect(&snap, 0, &features, "here"), 0);
	cr_expect_eq(snap.n_gaps, 0);
	cr_assert_eq(snap.n_hooks, 2);
	cr_expect_eq(snap.hooks[0].type, HOOK_TCX_INGRESS);
	cr_expect_eq(snap.hooks[1].type, HOOK_TCX_EGRESS);
	cr_expect(snap.hooks[0].has_revision && snap.hooks[1].has_revision);
	/* The first revision is 1, each of the changes adds one. */
	cr_expect_eq(snap.hooks[0].revision, 1 + N_PROGS);
	cr_expect_eq(snap.hooks[1].revision, 2);
	cr_assert_eq(snap.n_entries, N_PROGS + 1);
	for (uint32_t i = 0; i <= N_PROGS; i++) {
		const struct snap_entry *entry = &snap.entries[i];

		cr_expect_eq(entry->hook, i == N_PROGS ? 1 : 0);
		cr_expect_eq(entry->order, i == N_PROGS ? 0 : i);
		cr_expect_eq(entry->prog_id, ids[i == N_PROGS ? 1 : i], "entry %u", i);
		cr_expect_eq(entry->link_id, 0, "attached without a link");
		cr_expect(text_eq(entry->kind, "bpf"));
		cr_expect(entry->direct_action && !entry->is_filter);
	}
	snap_done(&snap);
}

Test(mprog, full_list, .timeout = TIMEOUT_S)
{
	const struct mprog_features features = need_tcx();
	struct snapshot snap;
	uint32_t id;
	uint32_t n = 0;

	while (n <= MPROG_MAX) {
		int fd = load(-1, &id);
		int r = attach(fd, ABI_TCX_INGRESS);

		(void)close(fd);
		if (r < 0) {
			break;
		}
		n++;
	}
	snap_with_link(&snap, LOOPBACK, NULL);
	cr_expect_eq(mprog_collect(&snap, 0, &features, "here"), 0);
	cr_expect_eq(snap.n_entries, n);
	cr_expect_geq(n, MPROG_MAX - 1, "%u", n);
	cr_expect_eq(snap.n_gaps, 0);
	snap_done(&snap);
}

Test(mprog, link_id, .timeout = TIMEOUT_S)
{
	const struct mprog_features features = need_tcx();
	struct snapshot snap;
	uint32_t id;
	int prog = load(-1, &id);
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)prog;
	attr.link_create.target_ifindex = LOOPBACK;
	attr.link_create.attach_type = (enum bpf_attach_type)ABI_TCX_EGRESS;

	int link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	struct bpf_link_info info = {0};
	uint32_t len = sizeof(info);

	cr_assert_geq(link, 0, "%s", strerror(errno));
	cr_assert_eq(bpf_obj_get_info_by_fd(link, &info, &len), 0);
	snap_with_link(&snap, LOOPBACK, NULL);
	cr_expect_eq(mprog_collect(&snap, 0, &features, "here"), 0);
	cr_assert_eq(snap.n_entries, 1);
	cr_expect_eq(snap.entries[0].link_id, info.id);
	cr_expect_eq(snap.entries[0].prog_id, id);
	snap_done(&snap);
	(void)close(link);
	(void)close(prog);
}

static const struct plain_case {
	const char *name;
	uint32_t ifindex;
	const char *kind;
	struct mprog_features features;
	int want;
	uint32_t n_gaps;
	enum gap_kind gap;
} plain_cases[] = {
	{"nothing attached", LOOPBACK, NULL, {.tcx = true}, 0, 0, 0},
	{"no such device", NO_DEVICE, NULL, {.tcx = true}, -ENODEV, 0, 0},
	{"kernel without both", NO_DEVICE, "netkit", {0}, 0, 0, 0},
	{"netkit is not asked of others", NO_DEVICE, "veth", {.netkit = true}, 0, 0, 0},
	{"netkit is not asked of a nameless kind", NO_DEVICE, NULL, {.netkit = true}, 0, 0, 0},
};

Test(mprog, nothing_to_see, .timeout = TIMEOUT_S)
{
	(void)need_tcx();
	for (size_t i = 0; i < COUNT_OF(plain_cases); i++) {
		const struct plain_case *c = &plain_cases[i];
		struct snapshot snap;

		snap_with_link(&snap, c->ifindex, c->kind);
		cr_expect_eq(mprog_collect(&snap, 0, &c->features, "here"), c->want, "%s", c->name);
		cr_expect_eq(snap.n_hooks, 0, "%s: hooks", c->name);
		cr_expect_eq(snap.n_entries, 0, "%s: entries", c->name);
		cr_expect_eq(snap.n_gaps, c->n_gaps, "%s: gaps", c->name);
		snap_done(&snap);
	}
}

/** What a kernel says that has no netkit, or a device that is none: whatever, not a hook. */
Test(mprog, netkit_in_name_only, .timeout = TIMEOUT_S)
{
	const struct mprog_features features = need_tcx();
	const struct mprog_features all = {.tcx = true, .netkit = true};
	struct snapshot snap;

	snap_with_link(&snap, LOOPBACK, "netkit");
	cr_expect_eq(mprog_collect(&snap, 0, &all, "here"), 0);
	cr_expect_eq(snap.n_hooks, 0);
	if (features.netkit) {
		cr_expect_eq(snap.n_gaps, 0, "ENXIO is no gap");
	} else {
		cr_expect_eq(snap.n_gaps, 2, "EINVAL is one, for each direction");
		cr_expect_eq(snap.gaps[0].kind, GAP_NETKIT_UNREADABLE);
	}
	snap_done(&snap);
}

/** In a child without rights: 0 when all is as it should be, else the number of the check. */
static int unprivileged(bool has_tcx)
{
	const struct snap_link link = {.ifindex = LOOPBACK, .name = "lo"};
	const struct mprog_features all = {.tcx = true, .netkit = true};
	struct mprog_features features;
	struct snapshot snap;

	if (setresgid(OTHER_USER, OTHER_USER, OTHER_USER) < 0 ||
	    setresuid(OTHER_USER, OTHER_USER, OTHER_USER) < 0) {
		return 1;
	}
	mprog_probe(LOOPBACK, &features);
	if (features.tcx != has_tcx) {
		return 2; /* decided by the kernel's release */
	}
	snap_init(&snap, SNAP_ARENA_BYTES);
	snap.facets = FACETS_ALL;
	if (snap_add_link(&snap, &link, NULL) < 0 ||
	    mprog_collect(&snap, 0, &all, "a namespace") != 0 ||
	    mprog_collect(&snap, 0, &all, "a namespace") != 0) {
		return 3;
	}
	if (snap.n_gaps != 1 || snap.gaps[0].kind != GAP_TCX_UNREADABLE ||
	    !strstr(snap.gaps[0].error, "CAP_NET_ADMIN") || (snap.facets & FACET_TCX)) {
		return 4; /* one gap for both directions of all links */
	}
	snap_done(&snap);
	return 0;
}

Test(mprog, without_rights, .timeout = TIMEOUT_S)
{
	const struct mprog_features features = need_tcx();
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		_exit(unprivileged(features.tcx));
	}
	cr_expect_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "check %d", WEXITSTATUS(status));
}
