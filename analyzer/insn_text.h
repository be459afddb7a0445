/* SPDX-License-Identifier: Apache-2.0 */
/**
 * insn_text.h - a decoded instruction as a person reads it: "if w0 > 1000 goto 7".
 */
#ifndef TCAUDIT_ANALYZER_INSN_TEXT_H
#define TCAUDIT_ANALYZER_INSN_TEXT_H

#include "analyzer/insn.h"

/** Room for any instruction. */
#define INSN_TEXT_BYTES 96u

/** Write @p in to @p buf, always terminated. @return @p buf. */
const char *insn_text(const struct insn *in, char buf[INSN_TEXT_BYTES]);

#endif
