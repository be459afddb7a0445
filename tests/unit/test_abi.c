/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/abi.h"
#include "model/attrs.h"

#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/magic.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/version.h>

static const struct abi_case {
	const char *name;
	int64_t ours, theirs;
} abi_cases[] = {
	{"root", ABI_H_ROOT, TC_H_ROOT},
	{"clsact", ABI_H_CLSACT, TC_H_CLSACT},
	{"clsact is ingress", ABI_H_CLSACT, TC_H_INGRESS},
	{"minor of ingress", ABI_H_MIN_INGRESS, TC_H_MIN_INGRESS},
	{"minor of egress", ABI_H_MIN_EGRESS, TC_H_MIN_EGRESS},
	{"parent of ingress", ABI_H_INGRESS, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)},
	{"parent of egress", ABI_H_EGRESS, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)},
	{"block", ABI_IFINDEX_BLOCK, TCM_IFINDEX_MAGIC_BLOCK},
	{"unspec", ABI_ACT_UNSPEC, TC_ACT_UNSPEC},
	{"ok", ABI_ACT_OK, TC_ACT_OK},
	{"reclassify", ABI_ACT_RECLASSIFY, TC_ACT_RECLASSIFY},
	{"shot", ABI_ACT_SHOT, TC_ACT_SHOT},
	{"pipe", ABI_ACT_PIPE, TC_ACT_PIPE},
	{"stolen", ABI_ACT_STOLEN, TC_ACT_STOLEN},
	{"queued", ABI_ACT_QUEUED, TC_ACT_QUEUED},
	{"repeat", ABI_ACT_REPEAT, TC_ACT_REPEAT},
	{"redirect", ABI_ACT_REDIRECT, TC_ACT_REDIRECT},
	{"trap", ABI_ACT_TRAP, TC_ACT_TRAP},
	{"jump", (int64_t)ABI_ACT_JUMP << ABI_ACT_EXT_SHIFT, TC_ACT_JUMP},
	{"goto chain", (int64_t)ABI_ACT_GOTO << ABI_ACT_EXT_SHIFT, TC_ACT_GOTO_CHAIN},
	{"value of an extended control", ABI_ACT_EXT_VALUE, TC_ACT_EXT_VAL_MASK},
	{"array", ABI_MAP_ARRAY, BPF_MAP_TYPE_ARRAY},
	{"program array", ABI_MAP_PROG_ARRAY, BPF_MAP_TYPE_PROG_ARRAY},
	{"per-CPU array", ABI_MAP_PERCPU_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY},
	{"xdp aborted", ABI_XDP_ABORTED, XDP_ABORTED},
	{"xdp drop", ABI_XDP_DROP, XDP_DROP},
	{"xdp pass", ABI_XDP_PASS, XDP_PASS},
	{"xdp tx", ABI_XDP_TX, XDP_TX},
	{"xdp redirect", ABI_XDP_REDIRECT, XDP_REDIRECT},
	{"all protocols", ABI_ETH_P_ALL, ETH_P_ALL},
	{"nsfs", ABI_NSFS_MAGIC, NSFS_MAGIC},
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	{"tcx ingress", ABI_TCX_INGRESS, BPF_TCX_INGRESS},
	{"tcx egress", ABI_TCX_EGRESS, BPF_TCX_EGRESS},
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	{"netkit primary", ABI_NETKIT_PRIMARY, BPF_NETKIT_PRIMARY},
	{"netkit peer", ABI_NETKIT_PEER, BPF_NETKIT_PEER},
#endif
};

Test(abi, same_as_headers)
{
	for (size_t i = 0; i < COUNT_OF(abi_cases); i++) {
		const struct abi_case *c = &abi_cases[i];

		cr_expect_eq(c->ours, c->theirs, "%s: %jd, header %jd", c->name, (intmax_t)c->ours,
		             (intmax_t)c->theirs);
	}
}

/** Attach types only ever grow: on older headers ours must lie behind the last one there. */
Test(abi, attach_types_are_new)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	cr_expect_geq(ABI_TCX_INGRESS, __MAX_BPF_ATTACH_TYPE);
#endif
	cr_expect_eq(ABI_TCX_EGRESS, ABI_TCX_INGRESS + 1);
	cr_expect_eq(ABI_NETKIT_PEER, ABI_NETKIT_PRIMARY + 1);
}
