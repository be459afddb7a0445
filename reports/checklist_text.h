/* SPDX-License-Identifier: Apache-2.0 */
/**
 * checklist_text.h - the checklist's questions with their answers, and what does not count.
 */
#ifndef TCAUDIT_REPORTS_CHECKLIST_TEXT_H
#define TCAUDIT_REPORTS_CHECKLIST_TEXT_H

#include "reports/report.h"

/** A section with one paragraph for each question, and the codes of the findings behind it. */
void checklist_write(const struct report *rep, struct out *o);

/** Findings that are suppressed. */
uint32_t suppressed_count(const struct findings *f);

/** How many findings are suppressed and which; with -v each with its reason. Nothing for none. */
void suppressed_write(const struct report *rep, uint32_t indent, struct out *o);

/** Rows of the ignore file that hold no longer. Nothing for none. */
void expired_write(const struct report *rep, uint32_t indent, struct out *o);

#endif
