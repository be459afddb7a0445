/* SPDX-License-Identifier: Apache-2.0 */
/**
 * advice_text.h - the recommendation for a person: what to do, with what to paste.
 */
#ifndef TCAUDIT_REPORTS_ADVICE_TEXT_H
#define TCAUDIT_REPORTS_ADVICE_TEXT_H

#include "reports/report.h"

/** The WHAT TO DO section with its heading. */
void advice_write(const struct report *rep, struct out *o);

#endif
