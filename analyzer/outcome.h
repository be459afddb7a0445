/* SPDX-License-Identifier: Apache-2.0 */
/**
 * outcome.h - what one entry does to packets, from its kind, its program and its actions.
 *
 * Looks at the entry alone; order.h puts entries into a row.
 */
#ifndef TCAUDIT_ANALYZER_OUTCOME_H
#define TCAUDIT_ANALYZER_OUTCOME_H

#include "model/findings.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** @name What can happen to a packet at an entry; a set. @{ */
#define OUTCOME_ON   (1u << 0) /**< Goes on to the next entry of the list. */
#define OUTCOME_STOP (1u << 1) /**< Leaves this list for the hook behind it (TCX, netkit). */
#define OUTCOME_END  (1u << 2) /**< Granted or taken: nothing behind it sees the packet. */
#define OUTCOME_GOTO (1u << 3) /**< Leaves chain 0 for good, which ends it for the Agent. */
#define OUTCOME_DROP (1u << 4)
/** @} */

/** Everything that can happen at an entry. */
struct outcome {
	uint32_t set;        /**< OUTCOME_ bits; 0: the entry never runs. */
	bool proven;         /**< Each of them does happen; false: a superset. */
	bool all;            /**< Looks at every packet: no protocol, no condition. */
	uint32_t goto_chain; /**< With OUTCOME_GOTO: the first chain named. */
};

/** @param entry of a sealed snapshot. */
struct outcome outcome_of(const struct snapshot *snap, const struct snap_entry *entry);

/** What it means for granted packets. */
enum effect outcome_effect(const struct outcome *outcome);

/**
 * Result codes of the program or classic bytecode behind an entry.
 *
 * @return unknown, with a reason, when the program is not in the snapshot; no code at all for an
 *         entry without a program.
 */
struct snap_returns outcome_returns(const struct snapshot *snap, const struct snap_entry *entry);

/** Result codes with which a packet that is let through ends at this entry. */
uint32_t outcome_ending_codes(const struct snapshot *snap, const struct snap_entry *entry);

/** The ones of @p codes with which a packet that is let through ends at a BPF entry. */
uint32_t outcome_granted_codes(const struct snapshot *snap, const struct snap_entry *entry,
                               uint32_t codes);

/** Does a BPF entry let packets go on, or leave its list, with one of @p codes? */
bool outcome_goes_on(const struct snapshot *snap, const struct snap_entry *entry, uint32_t codes);

/** Is the entry a BPF classifier or program? */
bool outcome_is_bpf(const struct snap_entry *entry);

#endif
