/* SPDX-License-Identifier: Apache-2.0 */
/**
 * decode.h - rtnetlink messages into snapshot rows, one decoder per kind; private to netlink/.
 *
 * Decoders append to the snapshot and ask the kernel nothing: collect.c does, and replays of
 * captures use the same decoders. All return 0, -ENOMEM, or -EBADMSG for a message that does not
 * fit, which the caller turns into a gap.
 */
#ifndef TCAUDIT_NETLINK_DECODE_H
#define TCAUDIT_NETLINK_DECODE_H

#include "model/snapshot.h"
#include "netlink/attrs.h"
#include "netlink/collect.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/** Growing list of numbers on the heap, reused from one dump to the next. */
struct ids {
	uint32_t *rows;
	uint32_t n, cap;
};

/** One attempt at one namespace. */
struct collector {
	struct nl *nl; /**< NULL in a replay. */
	struct snapshot *snap;
	uint32_t netns;                     /**< Row everything belongs to. */
	const struct collect_options *opts; /**< NULL in a replay. */
	uint32_t first_link, first_qdisc;   /**< Rows from here on are of this attempt. */
	uint32_t first_hook, first_entry;   /**< The same. */
	const uint64_t *by_ifindex;         /**< Sorted ifindex << 32 | row; NULL: search. */
	uint32_t n_by_ifindex;
	uint32_t last_link; /**< Row found last, messages come grouped by device; or SNAP_NONE. */
	bool stopped;       /**< The deadline passed; no more requests. */
	bool full;          /**< COLLECT_MAX_FILTERS reached. */
	struct ids ids;     /**< Scratch of one dump. */
};

/** Where the filters of one dump go. */
struct filter_sink {
	struct collector *c;
	struct snap_hook
		hook;        /**< Added to the snapshot with the first filter, if not there yet. */
	uint32_t hook_idx;   /**< Its row, or SNAP_NONE. */
	uint32_t last_entry; /**< Newest entry of the hook, or SNAP_NONE. */
};

/** @return row of the link, or SNAP_NONE when it is not one we collect. */
uint32_t link_find(struct collector *c, uint32_t ifindex);

/** Room for the request of link_put_dump(). */
#define LINK_REQUEST_BYTES 64

/** Write the request for all links, without their statistics, to @p buf, aligned to 4. */
struct nlmsghdr *link_put_dump(char buf[LINK_REQUEST_BYTES]);

/** RTM_NEWLINK: a link, its XDP hook and entries. */
ATTR_MUSTUSE int link_decode(struct collector *c, const struct nlmsghdr *nlh, struct err *err);

/** @return row of the hook among the newest ones, which are of @p link; or SNAP_NONE. */
uint32_t hook_find(const struct collector *c, uint32_t link, enum hook_type type, uint32_t classid);

/** What can hang on a qdisc of a kind. */
enum qdisc_trait {
	QDISC_INGRESS = 1u << 0, /**< Takes clsact's place: hooks come from the qdisc itself. */
	QDISC_BLOCK = 1u << 1,   /**< Filters on the qdisc. */
	QDISC_CLASSES = 1u << 2, /**< Filters on each class as well. */
	QDISC_QEVENTS = 1u << 3, /**< Shared blocks that run on its events. */
};

/** @return enum qdisc_trait set; for a kind we do not know everything it could have. */
unsigned qdisc_traits(const char *kind);

/** RTM_NEWQDISC: a qdisc; with clsact, ingress and events its hooks, filled or not. */
ATTR_MUSTUSE int qdisc_decode(struct collector *c, const struct nlmsghdr *nlh, struct err *err);

/** RTM_NEWTCLASS: its number appended to @p ids when it may have filters of its own. */
ATTR_MUSTUSE int class_decode(const struct nlmsghdr *nlh, struct ids *ids, struct err *err);

/** RTM_NEWTFILTER: an entry with its actions, or nothing for rows that are no filters. */
ATTR_MUSTUSE int filter_decode(struct filter_sink *sink, const struct nlmsghdr *nlh,
                               struct err *err);

/** RTM_NEWCHAIN: number of the chain. */
ATTR_MUSTUSE int chain_decode(const struct nlmsghdr *nlh, uint32_t *ret_chain, struct err *err);
/** Give a hook its chains; sorts @p ids in place. */
ATTR_MUSTUSE int chain_store(struct snapshot *snap, uint32_t hook, struct ids *ids);
/** Add one chain to those a hook has. */
ATTR_MUSTUSE int chain_add(struct snapshot *snap, uint32_t hook, uint32_t chain);

/** What a classifier's options say, besides what goes into the entry at once. */
struct cls_result {
	struct arena *arena;
	struct snap_entry *entry;     /**< Being filled; header fields are there. */
	const struct nlattr *actions; /**< Nest of numbered actions, or NULL. */
	const struct nlattr *police;  /**< Old form: options of one policer, or NULL. */
	bool no_filter;               /**< The row is bookkeeping, not a filter. */
};

/** Attribute numbers that several kinds of classifiers share in meaning; 0: there is none. */
struct cls_layout {
	uint16_t classid, actions, police, ematches, flags;
	enum snap_match match; /**< With ematches: without any of them. */
};

/** One kind of classifier. */
struct cls_kind {
	const char *kind;
	int (*decode)(const struct cls_kind *self, const struct nlattr *options,
	              struct cls_result *res, struct err *err);
	struct cls_layout layout; /**< For cls_simple(). */
};

int cls_bpf(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
            struct err *err);
int cls_flower(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
               struct err *err);
int cls_matchall(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
                 struct err *err);
int cls_simple(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
               struct err *err);
int cls_u32(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
            struct err *err);

/** TCA_CLS_FLAGS_* into the entry. */
void cls_flags(struct snap_entry *entry, uint32_t flags);

/** Results of classic bytecode as a CODE_BIT set; CODES_ALL when it is not well-formed. */
uint32_t cls_bpf_classic_codes(const void *ops, size_t bytes);

/** Nest of numbered actions into rows of @p entry; NULL is none. */
ATTR_MUSTUSE int actions_decode(struct snapshot *snap, uint32_t entry, const struct nlattr *nest,
                                struct err *err);
/** Options of one policer, the form of TCA_*_POLICE; NULL is none. */
ATTR_MUSTUSE int actions_decode_police(struct snapshot *snap, uint32_t entry,
                                       const struct nlattr *options, struct err *err);
/** Does the nest look like numbered actions? For classifiers of unknown kind. */
bool actions_plausible(const struct nlattr *nest);

/** @return 0 or -ENOMEM. */
ATTR_MUSTUSE int ids_push(struct ids *ids, uint32_t id);
/** Sort ascending and drop doubles. */
void ids_sort(struct ids *ids);

#endif
