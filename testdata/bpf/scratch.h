/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch.h - an element of a per-CPU array as memory that lasts for one packet.
 */
#ifndef TCAUDIT_TESTDATA_BPF_SCRATCH_H
#define TCAUDIT_TESTDATA_BPF_SCRATCH_H

#include "corpus.h"

struct scratch {
	u32 proto;
	s32 code;
	u64 flags;
	s32 votes[8];
	u8 header[24];
};

MAP(scratch, PERCPU_ARRAY, 0, u32, struct scratch, 2);
PROGS(jumps, 4);

INLINE struct scratch *scratch_at(u32 key)
{
	return map_lookup_elem(&scratch, &key);
}

#endif
