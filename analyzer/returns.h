/* SPDX-License-Identifier: Apache-2.0 */
/**
 * returns.h - what a program can return, from its translated instructions.
 */
#ifndef TCAUDIT_ANALYZER_RETURNS_H
#define TCAUDIT_ANALYZER_RETURNS_H

#include "model/codes.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How return values are read. */
enum returns_lang {
	RETURNS_TC,  /**< code_of_result(). */
	RETURNS_XDP, /**< code_of_xdp_result(). */
};

/**
 * Decide programs that are a constant and nothing else: one or more moves of constants into r0
 * and an exit. Everything else is unknown, with a reason: never a guess.
 *
 * @param insns  eight bytes each, as handed out by BPF_OBJ_GET_INFO_BY_FD, host byte order.
 * @param bytes  length; not a multiple of 8 or 0 is unknown as well.
 * @return codes, exact, and a static reason (NULL when exact).
 */
struct snap_returns returns_of_insns(const void *insns, size_t bytes, enum returns_lang lang);

/** What unreadable instructions give: every code, with @p reason. */
struct snap_returns returns_unknown(const char *reason);

#endif
