/* SPDX-License-Identifier: Apache-2.0 */
/**
 * mprog.h - TCX and netkit lists of a namespace's links, by BPF_PROG_QUERY.
 *
 * Debian 12's libbpf and headers predate these, so the query is our own bpf(2) call with our own
 * layout. Must run inside the namespace: the kernel resolves the ifindex there.
 */
#ifndef TCAUDIT_BPF_MPROG_H
#define TCAUDIT_BPF_MPROG_H

#include "model/snapshot.h"

#include <stdbool.h>

/** Most programs in one list; linux/bpf_mprog.h BPF_MPROG_MAX. More are a gap. */
#define MPROG_MAX 64

/**
 * What this kernel has, found by querying @p ifindex (any device that exists): EINVAL means no.
 * EPERM counts as "has it" for TCX on 6.6 and later by uname.
 */
struct mprog_features {
	bool tcx, netkit;
};
void mprog_probe(uint32_t ifindex, struct mprog_features *ret);

/**
 * Query one link and append its hooks and entries. Netkit lists are queried on primaries only
 * (the peer answers EACCES; a device that is no netkit ENXIO; neither is a gap).
 *
 * @param link  index into snap->links.
 * @param where how to name the link in gaps.
 * @return 0 (EPERM and the like are gaps, the first of a kind for each namespace is enough);
 *         -ENODEV: the link is gone, the caller marks it dead; -ENOMEM.
 */
ATTR_MUSTUSE int mprog_collect(struct snapshot *snap, uint32_t link,
                               const struct mprog_features *features, const char *where);

#endif
