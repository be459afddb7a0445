/* SPDX-License-Identifier: Apache-2.0 */
/**
 * place_text.h - places and gaps in words, for the text formats.
 */
#ifndef TCAUDIT_REPORTS_PLACE_TEXT_H
#define TCAUDIT_REPORTS_PLACE_TEXT_H

#include "model/findings.h"
#include "model/out.h"
#include "reports/report.h"

/** One place on the current line: "lxc1 clsact/ingress pref 5 0x1 id 231 in host". Nothing but "-"
 *  when the place names nothing. */
void place_write(const struct snapshot *snap, const struct place *at, struct out *o);

/** "Linux 6.1.0 x86_64, 2026-11-23T10:00:00Z": kernel and time, on the current line. */
void node_write(const struct snapshot *snap, struct out *o);

/** "sched_cls, tag 0011223344556677, loaded 2026-11-23T10:00:00Z", on the current line. */
void prog_facts_write(const struct snap_prog *prog, struct out *o);

/** What was read and what was not: the lines of the COVERAGE section, gaps with their hints. */
void coverage_write(const struct report *rep, uint32_t indent, struct out *o);

/** "6 namespaces, 86 links": what was read, on the current line. */
void coverage_counts(const struct snapshot *snap, struct out *o);

#endif
