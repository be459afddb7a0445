/* SPDX-License-Identifier: Apache-2.0 */
/**
 * drawing.h - the hooks of a node in order of execution, for the text report.
 *
 * Links on which the same things run in the same order are drawn once, so that a node with
 * thousands of interfaces stays short.
 */
#ifndef TCAUDIT_REPORTS_DRAWING_H
#define TCAUDIT_REPORTS_DRAWING_H

#include "reports/report.h"

/**
 * Draw the section with its heading; nothing at all when there is nothing to show. Only links
 * with something of somebody else, or with a finding, unless rep->verbose.
 */
void drawing_write(const struct report *rep, struct out *o);

#endif
