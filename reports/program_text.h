/* SPDX-License-Identifier: Apache-2.0 */
/**
 * program_text.h - one program: what it is, what it returns, and the ways that lead there.
 */
#ifndef TCAUDIT_REPORTS_PROGRAM_TEXT_H
#define TCAUDIT_REPORTS_PROGRAM_TEXT_H

#include "model/out.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/** What is known of one instruction; NULL where it is not. Any bytes. */
struct listing {
	const char *insn;   /**< The instruction. */
	const char *source; /**< The line of the source it belongs to. */
	const char *file;
	uint32_t line; /**< 0: not known. */
};

/** Look an instruction up; what @p ret points to is valid until the next call. */
typedef void listing_fn(void *ctx, uint32_t prog_id, uint32_t pc, struct listing *ret);

/** A program and where its instructions can be had. */
struct program_report {
	const struct snapshot *snap;
	const struct snap_prog *prog;
	listing_fn *listing; /**< NULL: the instructions are not at hand. */
	void *ctx;           /**< Of listing. */
};

/** Render all of it. The length is bounded whatever the program. */
void render_program(const struct program_report *rep, struct out *o);

#endif
