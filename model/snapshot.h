/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snapshot.h - what one run saw of everything that can touch a packet, as plain data.
 *
 * Filled by the collectors (netlink/, bpf/) or by the loader (snapshot_json.h), then sealed:
 * dead links leave, every table is sorted, ranges are computed. Read-only from then on. Rows
 * refer to each other by table index. Text went through text_import(), so it is valid UTF-8.
 */
#ifndef TCAUDIT_MODEL_SNAPSHOT_H
#define TCAUDIT_MODEL_SNAPSHOT_H

#include "model/arena.h"
#include "model/code.h"
#include "model/codes.h"
#include "model/err.h"

#include <stdbool.h>
#include <stdint.h>

/** "No row" as a table index. */
#define SNAP_NONE UINT32_MAX

/** Process ids kept for each namespace. */
#define SNAP_MAX_PIDS 8

/** Default limit of a snapshot's arena. */
#define SNAP_ARENA_BYTES ((size_t)1 << 30)

/** One network namespace. */
struct snap_netns {
	uint64_t dev;       /**< st_dev of the opened nsfs descriptor; 0 from a file. */
	uint64_t inode;     /**< st_ino of it; with dev its identity. */
	bool host;          /**< The namespace of process 1 of the examined /proc. */
	const char **names; /**< Sorted; of `ip netns`, or the path of a bind mount. */
	uint32_t n_names;
	uint32_t pids[SNAP_MAX_PIDS]; /**< Ascending, the smallest ones, as the examined /proc
	                                 counts. */
	uint32_t n_kept_pids;         /**< Used entries of pids. */
	uint32_t n_pids;              /**< All processes found inside. */
	const char *process;          /**< comm of pids[0]; NULL when there is none. */
	const char *container;        /**< Container id of pids[0]'s cgroup, or NULL. */
	const char *pod_uid;          /**< Pod uid of pids[0]'s cgroup, or NULL. */
	uint32_t first_link;          /**< Set by sealing. */
	uint32_t n_links;             /**< Set by sealing. */
};

/** One network interface. Source: RTM_NEWLINK. */
struct snap_link {
	uint32_t netns;         /**< Index into netns. */
	uint32_t ifindex;       /**< > 0, unique within the namespace. */
	const char *name;       /**< IFLA_IFNAME. */
	const char *kind;       /**< IFLA_INFO_KIND, or NULL (lo, hardware). */
	bool up;                /**< IFF_UP. */
	bool dead;              /**< Vanished during the scan; sealing drops it and its rows. */
	bool has_peer;          /**< veth, netkit or vxcan whose other end is known by number. */
	uint32_t peer_ifindex;  /**< IFLA_LINK, when has_peer. */
	uint64_t peer_inode;    /**< Inode of the peer's namespace; 0 when that is not known. */
	uint32_t master;        /**< IFLA_MASTER, 0 for none. */
	int32_t netnsid;        /**< IFLA_LINK_NETNSID, -1 for none. Not kept in files. */
	uint32_t lower_ifindex; /**< IFLA_LINK whatever the kind, 0 for none. Not kept in files. */
	uint32_t peer;          /**< Index of the peer's row or SNAP_NONE; set by sealing. */
	uint32_t first_hook;    /**< Set by sealing. */
	uint32_t n_hooks;       /**< Set by sealing. */
	uint32_t first_qdisc;   /**< Set by sealing. */
	uint32_t n_qdiscs;      /**< Set by sealing. */
};

/** One queueing discipline. Source: RTM_NEWQDISC. */
struct snap_qdisc {
	uint32_t link;          /**< Index into links. */
	const char *kind;       /**< TCA_KIND. */
	uint32_t handle;        /**< tcm_handle: major << 16 | minor. */
	uint32_t parent;        /**< tcm_parent: same shape, or ABI_H_ROOT, ABI_H_CLSACT. */
	uint32_t ingress_block; /**< TCA_INGRESS_BLOCK, 0 for none. */
	uint32_t egress_block;  /**< TCA_EGRESS_BLOCK, 0 for none. */
};

/** Where entries hang; the order is the order of the words and of sorting. */
enum hook_type {
	HOOK_XDP,
	HOOK_TCX_INGRESS,
	HOOK_CLSACT_INGRESS,
	HOOK_INGRESS, /**< Plain `ingress` qdisc in clsact's place. */
	HOOK_TCX_EGRESS,
	HOOK_CLSACT_EGRESS,
	HOOK_QDISC, /**< Any other qdisc or class; see snap_hook.classid. */
	HOOK_NETKIT_PRIMARY,
	HOOK_NETKIT_PEER,
};
#define N_HOOK_TYPES (HOOK_NETKIT_PEER + 1)

/** One list of entries on one interface. */
struct snap_hook {
	uint32_t link; /**< Index into links. */
	enum hook_type type;
	uint32_t classid;  /**< HOOK_QDISC: handle of the qdisc or class; else 0. */
	uint32_t block;    /**< Shared block index; 0: the block is the device's own. */
	uint64_t revision; /**< TCX, netkit: mprog revision when has_revision. */
	bool has_revision;
	const uint32_t *chains; /**< Chains that exist here, ascending; arena. */
	uint32_t n_chains;
	uint32_t first_entry; /**< Set by sealing. */
	uint32_t n_entries;   /**< Set by sealing. */
};

/** Does a filter look at every packet? */
enum snap_match {
	MATCH_UNKNOWN, /**< Not decoded. */
	MATCH_SOME,    /**< It has a condition on the packet. */
	MATCH_ALL,     /**< No condition besides the protocol. */
};

/** One filter or attached program. Source: RTM_NEWTFILTER, IFLA_XDP, BPF_PROG_QUERY. */
struct snap_entry {
	uint32_t hook;      /**< Index into hooks. */
	uint32_t order;     /**< Position in the hook, from 0, in order of execution. */
	const char *kind;   /**< TCA_KIND; "bpf" for TCX, netkit, XDP. */
	bool is_filter;     /**< tc filter: pref, handle, chain, protocol apply. */
	uint16_t protocol;  /**< Host order, ABI_ETH_P_ALL for all. */
	uint32_t pref;      /**< Priority, 1..65535. */
	uint32_t handle;    /**< tcm_handle as the kernel gives it. 0: the kernel lists the
	                         priority as held, with no filter in it. */
	uint32_t chain;     /**< TCA_CHAIN, 0 by default. */
	bool direct_action; /**< bpf: TCA_BPF_FLAG_ACT_DIRECT. TCX, netkit, XDP: true. */
	bool skip_sw;       /**< TCA_CLS_FLAGS_SKIP_SW. */
	bool skip_hw;
	bool in_hw;             /**< TCA_CLS_FLAGS_IN_HW. */
	uint32_t classid;       /**< Where a match leads, 0 for none. */
	enum snap_match match;  /**< For kinds other than bpf. */
	const char *name;       /**< TCA_BPF_NAME; program's name for TCX, netkit, XDP; or NULL. */
	const char *tag;        /**< TCA_BPF_TAG, hex, or NULL. */
	uint32_t prog_id;       /**< 0 for none (and for classic bytecode). */
	uint32_t link_id;       /**< BPF link, 0 for none. */
	const char *mode;       /**< XDP: "native", "generic", "offload"; else NULL. */
	const char *classic;    /**< cls_bpf with classic bytecode: "n,code jt jf k,..." or NULL. */
	uint32_t classic_codes; /**< Results of the classic bytecode as CODE_BIT set; 0 if none. */
	uint32_t first_action;  /**< Set by sealing. */
	uint32_t n_actions;     /**< Set by sealing. */
};

/** What an action does to the packet, in words of the kernel's TC_ACT_* and extensions. */
enum act_control {
	ACT_UNSPEC, /**< "continue" in tc: go on with the next filter. */
	ACT_OK,
	ACT_RECLASSIFY,
	ACT_SHOT,
	ACT_PIPE, /**< Next action; after the last one the packet is delivered. */
	ACT_STOLEN,
	ACT_QUEUED,
	ACT_REPEAT,
	ACT_REDIRECT,
	ACT_TRAP,
	ACT_JUMP,       /**< Skip actions: control_arg of them. */
	ACT_GOTO_CHAIN, /**< Go on in chain control_arg, never to come back. */
	ACT_UNKNOWN,    /**< A number this version does not know, or not decoded. */
};
#define N_ACT_CONTROLS (ACT_UNKNOWN + 1)

/** One action of a filter. Source: TCA_*_ACT. */
struct snap_action {
	uint32_t entry;           /**< Index into entries. */
	uint32_t order;           /**< Position, from 0. */
	const char *kind;         /**< TCA_ACT_KIND: "mirred", "gact", "police", ... */
	uint32_t index;           /**< Index of the action, 0 when not given. */
	enum act_control control; /**< Default control of the action. */
	uint32_t control_arg;     /**< Chain or count, see enum act_control. */
	const char *op;           /**< mirred: "redirect" or "mirror"; else NULL. */
	const char *direction;    /**< mirred: "ingress" or "egress"; else NULL. */
	uint32_t target_ifindex;  /**< mirred: device; 0 for none. */
	uint32_t target_block;    /**< mirred of 6.8 and later: block; 0 for none. */
	uint32_t prog_id;         /**< act_bpf: program; 0 for none. */
};

/** What a program can return. */
struct snap_returns {
	uint32_t codes;     /**< CODE_BIT set; CODES_ALL: unknown. */
	bool exact;         /**< Every code happens; false: a superset. */
	const char *reason; /**< Why it is not exact; NULL when it is. */
	uint32_t pc_prog;   /**< Program in which pc lies; 0: the reason has no place. */
	uint32_t pc;        /**< Instruction that the reason is about. */
	uint32_t same_as;   /**< Program that was analysed in its place, equal to it; 0: itself. */
	const struct verdict_path *paths; /**< Ways to the codes, shortest first, one per code. */
	uint32_t n_paths;                 /**< 0 where same_as is set: look there. */
};

/** One BPF program. Source: BPF_OBJ_GET_INFO_BY_FD. */
struct snap_prog {
	uint32_t id;
	const char *name;        /**< In full where BTF has it; NULL when nameless. */
	const char *type;        /**< "sched_cls", "xdp", ... ; NULL when not readable. */
	const char *tag;         /**< 16 hex digits, or NULL. */
	const char *loaded_at;   /**< RFC 3339, UTC, seconds; or NULL. */
	uint32_t uid;            /**< Who loaded it. */
	uint32_t bytes_xlated;   /**< Size of the translated instructions; 0: not readable. */
	const uint32_t *map_ids; /**< Ascending, arena. */
	uint32_t n_map_ids;
	const uint32_t *tail_calls; /**< Ids of programs in its program arrays, ascending, arena. */
	uint32_t n_tail_calls;
	struct snap_returns returns;
	const char *vendor; /**< Identifier of the vendor table, or NULL. */
};

/** One BPF map that a program of the snapshot uses. Source: BPF_OBJ_GET_INFO_BY_FD. */
struct snap_map {
	uint32_t id;
	const char *name; /**< At most 15 characters; NULL when nameless. */
	const char *type; /**< "prog_array", "percpu_array", ... ; NULL when not readable. */
};

/** What a pin in a BPF file system keeps. */
enum pin_kind {
	PIN_PROG,
	PIN_MAP,
	PIN_LINK,
};
#define N_PIN_KINDS (PIN_LINK + 1)

/** One pin of a program, map or link. Source: BPF_OBJ_GET. */
struct snap_pin {
	const char *path; /**< As the examined node sees it: "/sys/fs/bpf/tc/globals/x". */
	enum pin_kind kind;
	uint32_t id; /**< Of the program, map or link. */
};

/** One process whose name was asked for: the Agent's, or one of the vendor table. */
struct snap_process {
	uint32_t pid;          /**< As the examined /proc counts. */
	const char *comm;      /**< /proc/PID/comm, at most 15 characters. */
	const char *container; /**< Container id of its cgroup, or NULL. */
	const char *pod_uid;   /**< Pod uid of its cgroup, or NULL. */
	uint64_t netns;        /**< Inode of its network namespace; 0 when not readable. */
	const char *version;   /**< Of the software, where its files tell it; or NULL. */
};

/** Why something is missing; each kind has a word, a hint and the facets it breaks. */
enum gap_kind {
	GAP_NETNS_UNREADABLE,  /**< Found, but could not be opened or entered. */
	GAP_NETNS_UNREACHABLE, /**< Links refer to it; nothing we opened is it. */
	GAP_PROC_UNREADABLE,   /**< Processes or mount tables could not be examined. */
	GAP_LINKS_UNREADABLE,
	GAP_QDISCS_UNREADABLE,
	GAP_FILTERS_UNREADABLE,
	GAP_TCX_UNREADABLE,
	GAP_NETKIT_UNREADABLE,
	GAP_PROGS_UNREADABLE, /**< Programs or maps behind entries. */
	GAP_DUMP_CHANGING,    /**< A dump was interrupted too often. */
	GAP_NOT_UNDERSTOOD,   /**< A message that could not be decoded. */
	GAP_LIMIT,            /**< --max-netns or a named bound. */
	GAP_TIMEOUT,          /**< --timeout. */
	GAP_AGENT_UNREADABLE, /**< Processes or settings of the Agent or of a vendor. */
	GAP_PINS_UNREADABLE,  /**< A BPF file system. */
	GAP_FROM_FILE,        /**< A kind of a newer version, read from a file. */
};
#define N_GAP_KINDS (GAP_FROM_FILE + 1)

/** What a rule may need whole. */
enum snap_facet {
	FACET_NETNS = 1u << 0,
	FACET_LINKS = 1u << 1,
	FACET_QDISCS = 1u << 2,
	FACET_FILTERS = 1u << 3,
	FACET_TCX = 1u << 4,
	FACET_NETKIT = 1u << 5,
	FACET_PROGS = 1u << 6,
	FACET_PROCESSES = 1u << 7, /**< Every process of the node was looked at for its name. */
	FACET_AGENT = 1u << 8,     /**< The Agent's settings, where it runs, were read. */
	FACET_PINS = 1u << 9,
};
#define FACETS_ALL 0x3ffu

/** One thing that is missing. */
struct snap_gap {
	enum gap_kind kind;
	const char *word;  /**< Word of the kind; own text for GAP_FROM_FILE. */
	const char *where; /**< Namespace, interface, program: as a person would name it. */
	const char *error; /**< What the kernel or the program said. */
	const char *hint;  /**< What would help; static or arena. */
};

/** One setting of the Agent. */
struct snap_config {
	const char *key;    /**< "runtime_security_config.network.enabled": as it was spelled. */
	const char *value;  /**< As written: text of the scalar. */
	const char *source; /**< "file", "environment", "option-file" (--agent-config). */
	const char *where;  /**< The file's path or the variable's name; or NULL. */
};

/** What was found of the Datadog Agent. */
struct snap_agent {
	bool present;               /**< false: null in the file. */
	bool running;               /**< A system-probe process is among the processes. */
	const char *version;        /**< or NULL. */
	struct snap_config *config; /**< Arena. */
	uint32_t n_config;
};

/** The whole. Tables are charged to the arena; all of it dies in snap_done(). */
struct snapshot {
	struct arena arena;
	bool sealed;

	const char *tool_version;                       /**< Of the tool that took it. */
	const char *taken_at;                           /**< RFC 3339, UTC. */
	const char *hostname, *kernel, *arch, *boot_id; /**< Node; NULL where unknown. */
	uint64_t host_netns;                            /**< Inode, 0 when unknown. */
	bool has_tcx, has_netkit;                       /**< Kernel supports them. */
	struct snap_agent agent;

	uint32_t namespaces_found, namespaces_read, links_read;
	uint32_t facets; /**< enum snap_facet, whole ones; cleared by gaps. */

	struct snap_netns *netns;
	struct snap_link *links;
	struct snap_qdisc *qdiscs;
	struct snap_hook *hooks;
	struct snap_entry *entries;
	struct snap_action *actions;
	struct snap_prog *progs;
	struct snap_map *maps;
	struct snap_pin *pins;
	struct snap_process *processes;
	struct snap_gap *gaps;
	uint32_t n_netns, n_links, n_qdiscs, n_hooks, n_entries, n_actions, n_progs, n_maps, n_pins,
		n_processes, n_gaps;
	uint32_t cap_netns, cap_links, cap_qdiscs, cap_hooks, cap_entries, cap_actions, cap_progs,
		cap_maps, cap_pins, cap_processes, cap_gaps;
};

/** State of a snapshot to return to when an attempt at a namespace has to be repeated. */
struct snap_mark {
	struct arena_mark arena;
	uint32_t n_netns, n_links, n_qdiscs, n_hooks, n_entries, n_actions, n_progs, n_maps, n_pins,
		n_processes, n_gaps;
	uint32_t facets;
};

/** @param limit_bytes of the arena; SNAP_ARENA_BYTES unless a test wants less. */
void snap_init(struct snapshot *snap, size_t limit_bytes);

/** Free everything; NULL and half-built ones are fine. */
void snap_done(struct snapshot *snap);

struct snap_mark snap_mark(const struct snapshot *snap);
/** Forget every row and string added after @p mark (not changes to older rows). */
void snap_rewind(struct snapshot *snap, struct snap_mark mark);

/** @name Append a copy of a row whose strings live in the snapshot's arena.
 * @return 0 and the new row's index in @p ret_idx (may be NULL), or -ENOMEM at the arena's limit;
 * then the snapshot is unchanged. @{ */
ATTR_MUSTUSE int snap_add_netns(struct snapshot *snap, const struct snap_netns *row,
                                uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_link(struct snapshot *snap, const struct snap_link *row,
                               uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_qdisc(struct snapshot *snap, const struct snap_qdisc *row,
                                uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_hook(struct snapshot *snap, const struct snap_hook *row,
                               uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_entry(struct snapshot *snap, const struct snap_entry *row,
                                uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_action(struct snapshot *snap, const struct snap_action *row,
                                 uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_prog(struct snapshot *snap, const struct snap_prog *row,
                               uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_map(struct snapshot *snap, const struct snap_map *row, uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_pin(struct snapshot *snap, const struct snap_pin *row, uint32_t *ret_idx);
ATTR_MUSTUSE int snap_add_process(struct snapshot *snap, const struct snap_process *row,
                                  uint32_t *ret_idx);
/** @} */

/**
 * Record that something is missing: adds a row, clears the facets of its kind. Equal gaps (kind,
 * where, error) are kept once.
 *
 * @param where NULL or text from outside; copied. @param error the same.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int snap_add_gap(struct snapshot *snap, enum gap_kind kind, const char *where,
                              const char *error);

/**
 * Drop dead links with their rows, sort every table, compute ranges, peers and program order.
 * Order: namespaces by (host first, inode), links by ifindex, hooks by (type, classid), qdiscs by
 * (parent, handle), entries by order, actions by order, programs and maps by id,
 * pins by path, processes by pid, gaps by (kind, where, error). Ties keep the order of insertion.
 * Entries of one hook get orders 0, 1, 2, ...
 *
 * @return 0, -ENOMEM, or -EBADMSG when the rows contradict each other (two equal ifindexes in one
 *         namespace, two equal ids of programs or maps), with @p err saying which.
 */
ATTR_MUSTUSE int snap_seal(struct snapshot *snap, struct err *err);

/** @return the row of a sealed snapshot, NULL when there is none. Binary search. */
const struct snap_prog *snap_find_prog(const struct snapshot *snap, uint32_t id);
/** The map with an id; NULL when there is none. Binary search. */
const struct snap_map *snap_find_map(const struct snapshot *snap, uint32_t id);
/** "prog", "map", "link". Static. */
const char *pin_kind_word(enum pin_kind kind);
bool pin_kind_from_word(const char *word, enum pin_kind *ret_kind);
/** The returns whose paths hold for @p prog: its own, or those of the program it equals. */
const struct snap_returns *snap_paths_of(const struct snapshot *snap, const struct snap_prog *prog);
const struct snap_netns *snap_find_netns(const struct snapshot *snap, uint64_t inode);
const struct snap_link *snap_find_link(const struct snapshot *snap, uint32_t netns,
                                       uint32_t ifindex);

/** The hook of a type on a link of a sealed snapshot (first one for HOOK_QDISC); NULL for none. */
const struct snap_hook *snap_link_hook(const struct snapshot *snap, const struct snap_link *link,
                                       enum hook_type type);

/** How a person names a namespace: first name, "host", process[pid], or net:[inode]; arena-free:
 *  written to @p buf, always NUL-terminated. @return @p buf. */
const char *snap_netns_label(const struct snap_netns *netns, char *buf, size_t size);

/** Word of the hook as in JSON: "clsact/ingress", "qdisc/1:10"; written to @p buf. */
const char *snap_hook_word(const struct snap_hook *hook, char *buf, size_t size);

/** "clsact/ingress" and so on; "qdisc" for HOOK_QDISC. Static. */
const char *hook_type_word(enum hook_type type);
/** The reverse, for whole hook words; @p ret_classid gets MAJOR:MINOR of qdisc ones. */
bool hook_type_from_word(const char *word, enum hook_type *ret_type, uint32_t *ret_classid);

/** Protocol as a word ("all", "ip", "ipv6", "802.1Q", "802.1ad", "arp") or "0x88cc". */
const char *protocol_word(uint16_t protocol, char *buf, size_t size);
bool protocol_from_word(const char *word, uint16_t *ret_protocol);

/** "unspec", "ok", ..., "jump", "goto_chain", "unknown". Static. */
const char *act_control_word(enum act_control control);
bool act_control_from_word(const char *word, enum act_control *ret_control);
/** From the number of a struct tc_gact-like action. */
enum act_control act_control_from_number(int32_t number, uint32_t *ret_arg);

/** "netns-unreadable" and so on. Static. */
const char *gap_kind_word(enum gap_kind kind);
bool gap_kind_from_word(const char *word, enum gap_kind *ret_kind);
/** What would help against this kind of gap; static, one sentence. */
const char *gap_kind_hint(enum gap_kind kind);
/** Facets that a gap of this kind makes incomplete. */
uint32_t gap_kind_facets(enum gap_kind kind);
/** What a facet holds, in the plural: "TCX lists". Static. */
const char *facet_words(enum snap_facet facet);

#endif
