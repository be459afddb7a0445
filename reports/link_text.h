/* SPDX-License-Identifier: Apache-2.0 */
/**
 * link_text.h - one link with everything on it, for the inventory of `scan`.
 */
#ifndef TCAUDIT_REPORTS_LINK_TEXT_H
#define TCAUDIT_REPORTS_LINK_TEXT_H

#include "reports/report.h"

/** Title, hooks and entries; with rep->verbose the qdiscs as well. Lack of memory is left in
 *  o->error. */
void link_write(const struct report *rep, const struct snap_link *link, struct out *o);

#endif
