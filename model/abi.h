/* SPDX-License-Identifier: Apache-2.0 */
/**
 * abi.h - kernel constants under our own names, for pure code and for old headers.
 *
 * tests/unit/test_abi.c compares them with the system's headers where these have them.
 */
#ifndef TCAUDIT_MODEL_ABI_H
#define TCAUDIT_MODEL_ABI_H

#include <stdint.h>

/* Parents and handles, linux/pkt_sched.h. */
#define ABI_H_ROOT        UINT32_C(0xFFFFFFFF) /**< TC_H_ROOT. */
#define ABI_H_CLSACT      UINT32_C(0xFFFFFFF1) /**< TC_H_CLSACT = TC_H_INGRESS. */
#define ABI_H_MIN_INGRESS UINT32_C(0xFFF2)     /**< TC_H_MIN_INGRESS. */
#define ABI_H_MIN_EGRESS  UINT32_C(0xFFF3)     /**< TC_H_MIN_EGRESS. */
#define ABI_H_INGRESS     UINT32_C(0xFFFFFFF2) /**< clsact's ingress parent, ffff:fff2. */
#define ABI_H_EGRESS      UINT32_C(0xFFFFFFF3) /**< clsact's egress parent, ffff:fff3. */

/** TCM_IFINDEX_MAGIC_BLOCK, linux/rtnetlink.h: tcm_parent is then a block index. */
#define ABI_IFINDEX_BLOCK UINT32_C(0xFFFFFFFF)

/* Return codes of classifiers and actions, linux/pkt_cls.h (TC_ACT_*). */
#define ABI_ACT_UNSPEC     (-1)
#define ABI_ACT_OK         0
#define ABI_ACT_RECLASSIFY 1
#define ABI_ACT_SHOT       2
#define ABI_ACT_PIPE       3
#define ABI_ACT_STOLEN     4
#define ABI_ACT_QUEUED     5
#define ABI_ACT_REPEAT     6
#define ABI_ACT_REDIRECT   7
#define ABI_ACT_TRAP       8

/** Upper 4 bits of an action's control, linux/pkt_cls.h: jump and goto chain. */
#define ABI_ACT_EXT_SHIFT 28
#define ABI_ACT_JUMP      1 /**< __TC_ACT_EXT(1); low 28 bits: how many actions to skip. */
#define ABI_ACT_GOTO      2 /**< __TC_ACT_EXT(2); low 28 bits: chain. */
#define ABI_ACT_EXT_VALUE UINT32_C(0x0FFFFFFF)

/* Return codes of XDP programs, linux/bpf.h (enum xdp_action). */
#define ABI_XDP_ABORTED  0
#define ABI_XDP_DROP     1
#define ABI_XDP_PASS     2
#define ABI_XDP_TX       3
#define ABI_XDP_REDIRECT 4

/* Types of maps, linux/bpf.h (enum bpf_map_type). */
#define ABI_MAP_ARRAY        2u
#define ABI_MAP_PROG_ARRAY   3u
#define ABI_MAP_PERCPU_ARRAY 6u

/* Attach types, linux/bpf.h of 6.6 and 6.7; Debian 12's header ends before them. */
#define ABI_TCX_INGRESS    46 /**< BPF_TCX_INGRESS. */
#define ABI_TCX_EGRESS     47 /**< BPF_TCX_EGRESS. */
#define ABI_NETKIT_PRIMARY 54 /**< BPF_NETKIT_PRIMARY. */
#define ABI_NETKIT_PEER    55 /**< BPF_NETKIT_PEER. */

/** ETH_P_ALL, linux/if_ether.h, host order. */
#define ABI_ETH_P_ALL UINT16_C(0x0003)

/** NSFS_MAGIC, linux/magic.h. */
#define ABI_NSFS_MAGIC 0x6e736673

/** LINKTYPE_NETLINK of pcap files. */
#define ABI_LINKTYPE_NETLINK 253

#endif
