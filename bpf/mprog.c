/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/mprog.h"

#include "model/abi.h"
#include "model/attrs.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/** Ids asked for at most, should a kernel ever allow longer lists than MPROG_MAX. */
#define MAX_IDS 65536u

/** Times a list may grow between two questions. */
#define QUERY_TRIES 4

/**
 * The part of union bpf_attr that BPF_PROG_QUERY reads and writes, as of Linux 6.6
 * (include/uapi/linux/bpf.h); Debian 12's header ends at prog_attach_flags.
 */
struct mprog_query {
	uint32_t target_ifindex;
	uint32_t attach_type;
	uint32_t query_flags;
	uint32_t attach_flags;
	uint64_t prog_ids; /* pointer */
	uint32_t count;
	uint32_t pad;
	uint64_t prog_attach_flags; /* pointer */
	uint64_t link_ids;          /* pointer */
	uint64_t link_attach_flags; /* pointer */
	uint64_t revision;
};

_Static_assert(sizeof(struct mprog_query) == 64, "layout of the kernel");

/** Program and link ids of one list, in order of execution; room for n each. */
struct mprog_ids {
	uint32_t *prog;
	uint32_t *link;
	uint32_t n;
};

/** One kind of list. */
struct mprog_list {
	enum hook_type hook;
	uint32_t attach_type;
	enum gap_kind gap;
};

static const struct mprog_list tcx_lists[] = {
	{HOOK_TCX_INGRESS, ABI_TCX_INGRESS, GAP_TCX_UNREADABLE},
	{HOOK_TCX_EGRESS, ABI_TCX_EGRESS, GAP_TCX_UNREADABLE},
};

static const struct mprog_list netkit_lists[] = {
	{HOOK_NETKIT_PRIMARY, ABI_NETKIT_PRIMARY, GAP_NETKIT_UNREADABLE},
	{HOOK_NETKIT_PEER, ABI_NETKIT_PEER, GAP_NETKIT_UNREADABLE},
};

/** @return 0 or a negative errno. */
static int query_kernel(struct mprog_query *query)
{
	return syscall(SYS_bpf, BPF_PROG_QUERY, query, sizeof(*query)) < 0 ? -errno : 0;
}

/** Ask whether there is such a list, without room for ids. */
static int query_bare(uint32_t ifindex, uint32_t attach_type)
{
	struct mprog_query query = {.target_ifindex = ifindex, .attach_type = attach_type};

	return query_kernel(&query);
}

/** Kernel release by uname at least @p major.@p minor? Decides only where asking is refused. */
static bool release_at_least(unsigned major, unsigned minor)
{
	struct utsname uts;

	if (uname(&uts) < 0) {
		return false;
	}
	char *end;
	unsigned long have = strtoul(uts.release, &end, 10);
	unsigned long have_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return have > major || (have == major && have_minor >= minor);
}

void mprog_probe(uint32_t ifindex, struct mprog_features *ret)
{
	int tcx = query_bare(ifindex, ABI_TCX_INGRESS);
	int netkit = query_bare(ifindex, ABI_NETKIT_PRIMARY);

	/* Any answer but "no such attach type" comes from the code that is asked for: ENODEV no
	 * such device, ENXIO no netkit device, EACCES a netkit peer. The rights are checked
	 * before the attach type, so EPERM says nothing. */
	ret->tcx = tcx == -EPERM ? release_at_least(6, 6) : tcx != -EINVAL;
	ret->netkit = netkit == -EPERM ? release_at_least(6, 7) : netkit != -EINVAL;
}

/** A refused or failed query as a gap. */
static int query_gap(struct snapshot *snap, const struct mprog_list *list, const char *where,
                     int code)
{
	char text[128];

	if (code == -EPERM) {
		(void)snprintf(text, sizeof(text), "%s (CAP_NET_ADMIN is needed)", strerror(-code));
	} else {
		(void)snprintf(text, sizeof(text), "%s: %s", hook_type_word(list->hook),
		               strerror(-code));
	}
	return snap_add_gap(snap, list->gap, where, text);
}

/** Append the hook with its entries. */
static int add_list(struct snapshot *snap, uint32_t link, const struct mprog_list *list,
                    const struct mprog_query *answer, const struct mprog_ids *ids)
{
	const struct snap_hook hook = {
		.link = link,
		.type = list->hook,
		.revision = answer->revision,
		.has_revision = true,
	};
	uint32_t at;
	int r = snap_add_hook(snap, &hook, &at);

	for (uint32_t i = 0; i < answer->count && r == 0; i++) {
		const struct snap_entry entry = {
			.hook = at,
			.order = i,
			.kind = "bpf",
			.direct_action = true,
			.prog_id = ids->prog[i],
			.link_id = ids->link[i],
		};

		r = snap_add_entry(snap, &entry, NULL);
	}
	return r;
}

/**
 * Ask for a list.
 *
 * @return 0; -ENOSPC and the needed room in query->count; other negative errnos.
 */
static int query_list(uint32_t ifindex, const struct mprog_list *list, const struct mprog_ids *ids,
                      struct mprog_query *query)
{
	*query = (struct mprog_query){
		.target_ifindex = ifindex,
		.attach_type = list->attach_type,
		.prog_ids = (uint64_t)(uintptr_t)ids->prog,
		.count = ids->n,
		.link_ids = (uint64_t)(uintptr_t)ids->link,
	};

	int r = query_kernel(query);

	/* count is an answer from outside: never trust it beyond the room that was given. */
	return r == 0 && query->count > ids->n ? -ENOSPC : r;
}

/** A list longer than any kernel of today makes: ask again with room for all of it. */
static int collect_long_list(struct snapshot *snap, uint32_t link, const struct mprog_list *list,
                             uint32_t count, const char *where)
{
	struct mprog_query query = {.count = count};
	int r = -ENOSPC;

	for (int tries = 0; tries < QUERY_TRIES && r == -ENOSPC && query.count <= MAX_IDS;
	     tries++) {
		uint32_t *both = calloc(query.count, 2 * sizeof(*both));

		if (!both) {
			return -ENOMEM;
		}
		const struct mprog_ids ids = {both, both + query.count, query.count};

		r = query_list(snap->links[link].ifindex, list, &ids, &query);
		if (r == 0) {
			r = add_list(snap, link, list, &query, &ids);
			free(both);
			return r;
		}
		free(both);
	}
	if (r == -ENOSPC) {
		return snap_add_gap(snap, GAP_LIMIT, where,
		                    "more programs in a list than are read");
	}
	return r == -ENODEV ? r : query_gap(snap, list, where, r);
}

/** @return 0, -ENODEV or -ENOMEM. */
static int collect_list(struct snapshot *snap, uint32_t link, const struct mprog_list *list,
                        const char *where)
{
	uint32_t prog_ids[MPROG_MAX] = {0};
	uint32_t link_ids[MPROG_MAX] = {0};
	const struct mprog_ids ids = {prog_ids, link_ids, MPROG_MAX};
	struct mprog_query query;
	int r = query_list(snap->links[link].ifindex, list, &ids, &query);

	switch (r) {
	case 0:
		return query.count ? add_list(snap, link, list, &query, &ids) : 0;
	case -ENODEV:
		return r;
	case -ENOSPC:
		return collect_long_list(snap, link, list, query.count, where);
	case -EACCES: /* The peer of a netkit pair: its lists are read through the primary. */
	case -ENXIO:  /* No netkit device, whatever its name says. */
		if (list->gap == GAP_NETKIT_UNREADABLE) {
			return 0;
		}
		break;
	default:
		break;
	}
	return query_gap(snap, list, where, r);
}

static int collect_lists(struct snapshot *snap, uint32_t link, const struct mprog_list *lists,
                         size_t n, const char *where)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = collect_list(snap, link, &lists[i], where);
	}
	return r;
}

int mprog_collect(struct snapshot *snap, uint32_t link, const struct mprog_features *features,
                  const char *where)
{
	const char *kind = snap->links[link].kind;
	int r = 0;

	if (features->tcx) {
		r = collect_lists(snap, link, tcx_lists, COUNT_OF(tcx_lists), where);
	}
	if (r == 0 && features->netkit && kind && strcmp(kind, "netkit") == 0) {
		r = collect_lists(snap, link, netkit_lists, COUNT_OF(netkit_lists), where);
	}
	return r;
}
