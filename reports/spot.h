/* SPDX-License-Identifier: Apache-2.0 */
/**
 * spot.h - a place of a finding with its rows looked up, for every format.
 */
#ifndef TCAUDIT_REPORTS_SPOT_H
#define TCAUDIT_REPORTS_SPOT_H

#include "model/findings.h"
#include "model/snapshot.h"

#include <stdint.h>

/** Room for snap_netns_label() and snap_hook_word(). */
#define SPOT_LABEL_BYTES 320
#define SPOT_WORD_BYTES  48

/** NULL where something does not apply. */
struct spot {
	const struct snap_netns *netns;
	const struct snap_link *link;
	const struct snap_hook *hook;
	const struct snap_entry *entry;
	uint32_t prog_id; /**< 0 for none. */
};

/** Follow the indexes of @p at; what it leaves out is taken from the row below (the hook of the
 *  entry, the link of the hook, the namespace of the link). */
struct spot spot_of(const struct snapshot *snap, const struct place *at);

#endif
