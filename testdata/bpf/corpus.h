/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corpus.h - what the programs here share: sections, maps, helpers. Nothing but linux/bpf.h.
 */
#ifndef TCAUDIT_TESTDATA_BPF_CORPUS_H
#define TCAUDIT_TESTDATA_BPF_CORPUS_H

#include <linux/bpf.h>

#define SEC(name)     __attribute__((section(name), used))
#define TC            SEC("tc") int
#define XDP           SEC("xdp") int
#define GLOBAL        __attribute__((noinline))
#define STATIC        static __attribute__((noinline))
#define INLINE        static inline __attribute__((always_inline))
#define NAKED         __attribute__((naked))
#define LICENSE(name) const char terms[] SEC("license") = name
#define HIDE(var)     asm volatile("" : "+r"(var))
#define NULL          ((void *)0)
#define KFUNC         extern __attribute__((section(".ksyms")))

/* A map: MAP(name, type, flags, key, value, entries) */
#define MAP(name, kind, flags, k, v, n)                                                            \
	struct {                                                                                   \
		int (*type)[BPF_MAP_TYPE_##kind];                                                  \
		int (*map_flags)[flags];                                                           \
		int (*max_entries)[n];                                                             \
		k *key;                                                                            \
		v *value;                                                                          \
	} name SEC(".maps")
#define PROGS(name, n)                                                                             \
	struct {                                                                                   \
		int (*type)[BPF_MAP_TYPE_PROG_ARRAY];                                              \
		int (*max_entries)[n];                                                             \
		int (*key_size)[4];                                                                \
		int (*value_size)[4];                                                              \
	} name SEC(".maps")

/* Memory shared with user space; the number is a type that linux/bpf.h has since 6.9. */
#define ARENA(name, pages)                                                                         \
	struct {                                                                                   \
		int (*type)[33];                                                                   \
		int (*map_flags)[BPF_F_MMAPABLE];                                                  \
		int (*max_entries)[pages];                                                         \
		int (*map_extra)[0x40000000];                                                      \
	} name SEC(".maps")

/* One instruction by its bytes, for what the assembler does not know; regs: source, destination. */
#define RAW(code, regs, off, imm) ".byte " #code ", " #regs "\n.short " #off "\n.long " #imm "\n"

/* Codes of tc and of XDP. */
#define UNSPEC     (-1)
#define OK         0
#define RECLASSIFY 1
#define SHOT       2
#define PIPE       3
#define STOLEN     4
#define QUEUED     5
#define REPEAT     6
#define REDIRECT   7
#define TRAP       8

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef struct __sk_buff skb_t;

#define HELPER(ret, name, ...) static ret (*const name)(__VA_ARGS__) = (void *)BPF_FUNC_##name
HELPER(void *, map_lookup_elem, void *, const void *);
HELPER(long, map_update_elem, void *, const void *, const void *, u64);
HELPER(long, map_delete_elem, void *, const void *);
HELPER(u64, ktime_get_ns, void);
HELPER(u64, jiffies64, void);
HELPER(u32, get_prandom_u32, void);
HELPER(u32, get_smp_processor_id, void);
HELPER(long, skb_store_bytes, skb_t *, u32, const void *, u32, u64);
HELPER(long, skb_load_bytes, const void *, u32, void *, u32);
HELPER(long, skb_load_bytes_relative, const void *, u32, void *, u32, u32);
HELPER(long, l3_csum_replace, skb_t *, u32, u64, u64, u64);
HELPER(long, skb_pull_data, skb_t *, u32);
HELPER(long, skb_change_type, skb_t *, u32);
HELPER(long, skb_vlan_push, skb_t *, u16, u16);
HELPER(long, clone_redirect, skb_t *, u32, u64);
HELPER(u32, get_hash_recalc, skb_t *);
HELPER(u32, get_cgroup_classid, skb_t *);
HELPER(long, tail_call, void *, void *, u32);
HELPER(long, redirect, u32, u64);
HELPER(long, redirect_peer, u32, u64);
HELPER(long, redirect_neigh, u32, void *, int, u64);
HELPER(long, loop, u32, void *, void *, u64);
HELPER(long, for_each_map_elem, void *, void *, void *, u64);
HELPER(void *, map_lookup_percpu_elem, void *, const void *, u32);
HELPER(s64, csum_diff, void *, u32, void *, u32, u32);
HELPER(long, perf_event_output, void *, void *, u64, void *, u64);

/* Byte n of the packet, or -1 beyond its end. */
INLINE int byte_at(const skb_t *skb, u32 n)
{
	u8 *data = (u8 *)(long)skb->data;

	return data + n + 1 > (u8 *)(long)skb->data_end ? -1 : data[n];
}

/* A bit of the mark: a branch that nothing decides. */
#define COIN(skb, n) ((skb)->mark & (1u << (n)))

#endif
