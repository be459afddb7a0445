/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/helpers.h"

#include "model/attrs.h"

#include <stddef.h>
#include <string.h>

const struct helper helper_unlisted = {.result = HELPER_ANYTHING, .calls = HELPER_CALLS_ANY};

#define PURE(n, r)                                                                                 \
	{                                                                                          \
		n, r, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_NOTHING, HELPER_CTX_PURE           \
	}
#define QUIET(n, r)                                                                                \
	{                                                                                          \
		n, r, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_NOTHING, HELPER_CTX_KEEPS          \
	}
#define FILLS(n, r, to, size)                                                                      \
	{                                                                                          \
		n, r, HELPER_WRITES_RANGE, to, size, HELPER_CALLS_NOTHING, HELPER_CTX_PURE         \
	}

/*
 * Sources: the comments of include/uapi/linux/bpf.h and the functions themselves (net/core/
 * filter.c, kernel/bpf/helpers.c), kernels 5.10 to 6.18.
 */
static const struct helper helpers[] = {
	PURE("__htab_map_lookup_elem", HELPER_ANYTHING),
	PURE("array_map_delete_elem", HELPER_ERROR),
	PURE("array_map_lookup_elem", HELPER_ANYTHING),
	PURE("array_map_update_elem", HELPER_ERROR),
	PURE("array_of_map_lookup_elem", HELPER_ANYTHING),
	QUIET("bpf_clone_redirect", HELPER_CODE),
	QUIET("bpf_csum_diff", HELPER_ANYTHING),
	QUIET("bpf_csum_level", HELPER_ANYTHING),
	QUIET("bpf_csum_update", HELPER_ANYTHING),
	PURE("bpf_event_output_data", HELPER_ERROR),
	{"bpf_for_each_array_elem", HELPER_LOOPS, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_EACH,
         HELPER_CTX_PURE},
	{"bpf_for_each_hash_elem", HELPER_LOOPS, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_EACH,
         HELPER_CTX_PURE},
	{"bpf_for_each_map_elem", HELPER_LOOPS, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_EACH,
         HELPER_CTX_PURE},
	PURE("bpf_get_cgroup_classid", HELPER_UNSIGNED),
	QUIET("bpf_get_hash_recalc", HELPER_UNSIGNED),
	PURE("bpf_get_numa_node_id", HELPER_UNSIGNED),
	PURE("bpf_get_raw_cpu_id", HELPER_CPU),
	PURE("bpf_get_route_realm", HELPER_UNSIGNED),
	PURE("bpf_get_smp_processor_id", HELPER_CPU),
	PURE("bpf_get_socket_cookie", HELPER_ANYTHING),
	PURE("bpf_get_socket_uid", HELPER_UNSIGNED),
	PURE("bpf_jiffies64", HELPER_ANYTHING),
	PURE("bpf_ktime_get_boot_ns", HELPER_ANYTHING),
	PURE("bpf_ktime_get_coarse_ns", HELPER_ANYTHING),
	PURE("bpf_ktime_get_ns", HELPER_ANYTHING),
	PURE("bpf_ktime_get_tai_ns", HELPER_ANYTHING),
	QUIET("bpf_l3_csum_replace", HELPER_ERROR),
	QUIET("bpf_l4_csum_replace", HELPER_ERROR),
	{"bpf_loop", HELPER_LOOPS, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_LOOP, HELPER_CTX_PURE},
	PURE("bpf_map_delete_elem", HELPER_ERROR),
	PURE("bpf_map_lookup_elem", HELPER_ANYTHING),
	PURE("bpf_map_lookup_percpu_elem", HELPER_ANYTHING),
	PURE("bpf_map_push_elem", HELPER_ERROR),
	PURE("bpf_map_update_elem", HELPER_ERROR),
	PURE("bpf_msg_apply_bytes", HELPER_ZERO),
	PURE("bpf_percpu_array_update", HELPER_ERROR),
	PURE("bpf_perf_event_output", HELPER_ERROR),
	FILLS("bpf_probe_read_kernel", HELPER_ERROR, 1, 2),
	FILLS("bpf_probe_read_user", HELPER_ERROR, 1, 2),
	QUIET("bpf_redirect", HELPER_REDIRECT),
	QUIET("bpf_redirect_neigh", HELPER_REDIRECT_NEIGH),
	QUIET("bpf_redirect_peer", HELPER_REDIRECT_PEER),
	PURE("bpf_ringbuf_discard", HELPER_ANYTHING),
	PURE("bpf_ringbuf_output", HELPER_ERROR),
	PURE("bpf_ringbuf_query", HELPER_ANYTHING),
	PURE("bpf_ringbuf_reserve", HELPER_ANYTHING),
	PURE("bpf_ringbuf_submit", HELPER_ANYTHING),
	QUIET("bpf_set_hash", HELPER_ZERO),
	QUIET("bpf_set_hash_invalid", HELPER_ZERO),
	QUIET("bpf_sk_assign", HELPER_ERROR),
	PURE("bpf_sk_fullsock", HELPER_ANYTHING),
	PURE("bpf_sk_lookup_tcp", HELPER_ANYTHING),
	PURE("bpf_sk_lookup_udp", HELPER_ANYTHING),
	PURE("bpf_sk_release", HELPER_ZERO),
	PURE("bpf_skb_ancestor_cgroup_id", HELPER_ANYTHING),
	PURE("bpf_skb_cgroup_id", HELPER_ANYTHING),
	QUIET("bpf_skb_adjust_room", HELPER_ERROR),
	QUIET("bpf_skb_change_head", HELPER_ERROR),
	QUIET("bpf_skb_change_proto", HELPER_ERROR),
	QUIET("bpf_skb_change_tail", HELPER_ERROR),
	QUIET("bpf_skb_change_type", HELPER_ERROR),
	QUIET("bpf_skb_ecn_set_ce", HELPER_BOOL_OR_ERROR),
	PURE("bpf_skb_event_output", HELPER_ERROR),
	FILLS("bpf_skb_fib_lookup", HELPER_CODE, 2, 3),
	FILLS("bpf_skb_get_tunnel_key", HELPER_ERROR, 2, 3),
	FILLS("bpf_skb_get_tunnel_opt", HELPER_SIZE, 2, 3),
	FILLS("bpf_skb_load_bytes", HELPER_ZERO_OR_FAULT, 3, 4),
	FILLS("bpf_skb_load_bytes_relative", HELPER_ZERO_OR_FAULT, 3, 4),
	PURE("bpf_skb_load_helper_16", HELPER_HALF),
	PURE("bpf_skb_load_helper_16_no_cache", HELPER_HALF),
	PURE("bpf_skb_load_helper_32", HELPER_ANYTHING),
	PURE("bpf_skb_load_helper_32_no_cache", HELPER_ANYTHING),
	PURE("bpf_skb_load_helper_8", HELPER_BYTE),
	PURE("bpf_skb_load_helper_8_no_cache", HELPER_BYTE),
	QUIET("bpf_skb_pull_data", HELPER_ERROR),
	{"bpf_skb_set_tstamp", HELPER_ERROR, HELPER_WRITES_NOTHING, 0, 0, HELPER_CALLS_NOTHING,
         HELPER_CTX_WRITES},
	QUIET("bpf_skb_set_tunnel_key", HELPER_ERROR),
	QUIET("bpf_skb_set_tunnel_opt", HELPER_ERROR),
	QUIET("bpf_skb_store_bytes", HELPER_ERROR),
	PURE("bpf_skb_under_cgroup", HELPER_BOOL_OR_ERROR),
	QUIET("bpf_skb_vlan_pop", HELPER_ERROR),
	QUIET("bpf_skb_vlan_push", HELPER_ERROR),
	PURE("bpf_skc_lookup_tcp", HELPER_ANYTHING),
	PURE("bpf_spin_lock", HELPER_ANYTHING),
	PURE("bpf_spin_unlock", HELPER_ANYTHING),
	PURE("bpf_tc_sk_lookup_tcp", HELPER_ANYTHING),
	PURE("bpf_tc_sk_lookup_udp", HELPER_ANYTHING),
	PURE("bpf_tc_skc_lookup_tcp", HELPER_ANYTHING),
	PURE("bpf_tcp_check_syncookie", HELPER_ERROR),
	PURE("bpf_trace_printk", HELPER_SIZE),
	PURE("bpf_trace_vprintk", HELPER_SIZE),
	PURE("bpf_user_rnd_u32", HELPER_UNSIGNED),
	QUIET("bpf_xdp_adjust_head", HELPER_ERROR),
	QUIET("bpf_xdp_adjust_meta", HELPER_ERROR),
	QUIET("bpf_xdp_adjust_tail", HELPER_ERROR),
	PURE("bpf_xdp_event_output", HELPER_ERROR),
	FILLS("bpf_xdp_fib_lookup", HELPER_CODE, 2, 3),
	PURE("bpf_xdp_get_buff_len", HELPER_ANYTHING),
	FILLS("bpf_xdp_load_bytes", HELPER_ERROR, 3, 4),
	QUIET("bpf_xdp_redirect", HELPER_XDP_REDIRECT),
	PURE("bpf_xdp_sk_lookup_tcp", HELPER_ANYTHING),
	PURE("bpf_xdp_sk_lookup_udp", HELPER_ANYTHING),
	PURE("bpf_xdp_skc_lookup_tcp", HELPER_ANYTHING),
	QUIET("bpf_xdp_store_bytes", HELPER_ERROR),
	QUIET("cpu_map_redirect", HELPER_XDP_MAP),
	QUIET("dev_hash_map_redirect", HELPER_XDP_MAP),
	QUIET("dev_map_hash_redirect", HELPER_XDP_MAP),
	QUIET("dev_map_redirect", HELPER_XDP_MAP),
	PURE("htab_lru_map_delete_elem", HELPER_ERROR),
	PURE("htab_lru_map_lookup_elem", HELPER_ANYTHING),
	PURE("htab_lru_map_update_elem", HELPER_ERROR),
	PURE("htab_lru_percpu_map_lookup_elem", HELPER_ANYTHING),
	PURE("htab_lru_percpu_map_update_elem", HELPER_ERROR),
	PURE("htab_map_delete_elem", HELPER_ERROR),
	PURE("htab_map_lookup_elem", HELPER_ANYTHING),
	PURE("htab_map_update_elem", HELPER_ERROR),
	PURE("htab_of_map_lookup_elem", HELPER_ANYTHING),
	PURE("htab_percpu_map_lookup_elem", HELPER_ANYTHING),
	PURE("htab_percpu_map_update_elem", HELPER_ERROR),
	PURE("percpu_array_map_lookup_elem", HELPER_ANYTHING),
	PURE("sock_hash_lookup", HELPER_ANYTHING),
	PURE("sock_map_lookup", HELPER_ANYTHING),
	PURE("trie_delete_elem", HELPER_ERROR),
	PURE("trie_lookup_elem", HELPER_ANYTHING),
	PURE("trie_update_elem", HELPER_ERROR),
	QUIET("xsk_map_redirect", HELPER_XDP_MAP),
};

const struct helper *helper_find(const char *name)
{
	/* The table is short and each name is looked up once for each analysis. */
	for (size_t i = 0; i < COUNT_OF(helpers); i++) {
		if (strcmp(helpers[i].name, name) == 0) {
			return &helpers[i];
		}
	}
	return NULL;
}
