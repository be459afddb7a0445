/* SPDX-License-Identifier: Apache-2.0 */
/**
 * judge.h - from the facts about programs to what each of them returns, in the snapshot.
 */
#ifndef TCAUDIT_CLI_JUDGE_H
#define TCAUDIT_CLI_JUDGE_H

#include "bpf/code.h"
#include "model/attrs.h"
#include "model/snapshot.h"

/** What was done, for notes on standard error. */
struct judged {
	uint32_t n_progs;    /**< Programs whose instructions were there. */
	uint32_t n_distinct; /**< Analysed; the others equal one of these. */
	uint32_t n_calls;    /**< Different calls that need a name. */
	uint32_t n_symbols;  /**< Names found for them. */
};

/**
 * Look up the names of the kernel functions that programs call, if there is a call.
 *
 * @param code sealed by progs_collect().
 * @param proc where /proc is mounted.
 * @param ret  counts of calls and symbols.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int judge_names(struct code_facts *code, const char *proc, struct judged *ret);

/**
 * Analyse every program of @p snap whose instructions are in @p code, and fill in its returns.
 *
 * @param ret counts of programs.
 * @return 0 or -ENOMEM.
 */
ATTR_MUSTUSE int judge_programs(struct snapshot *snap, const struct code_facts *code,
                                struct judged *ret);

#endif
