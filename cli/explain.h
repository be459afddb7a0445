/* SPDX-License-Identifier: Apache-2.0 */
/**
 * explain.h - `tcaudit explain`: the list of rules, or the page of one.
 */
#ifndef TCAUDIT_CLI_EXPLAIN_H
#define TCAUDIT_CLI_EXPLAIN_H

#include "analyzer/rules.h"
#include "model/out.h"

#include <stdint.h>

/** @param rule NULL for the list. @param columns of the terminal, 0: 80. */
void explain_write(const struct rule *rule, uint32_t columns, struct out *o);

#endif
