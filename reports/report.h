/* SPDX-License-Identifier: Apache-2.0 */
/**
 * report.h - one run as every format sees it, and the table of formats.
 *
 * Built by cli/ (findings sorted once, counts computed once), rendered by reports/. Formats differ
 * in syntax only, never in content or order.
 */
#ifndef TCAUDIT_REPORTS_REPORT_H
#define TCAUDIT_REPORTS_REPORT_H

#include "model/findings.h"
#include "model/out.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

enum verdict {
	VERDICT_PASS,
	VERDICT_WARN,
	VERDICT_FAIL,
	VERDICT_INCOMPLETE,
};

/** Write a listing of classic bytecode (snap_entry.classic), each line behind @p indent columns. */
typedef void classic_fn(const char *classic, uint32_t indent, struct out *o);

struct report {
	const struct snapshot *snap;
	const struct findings *findings; /**< NULL for `scan`. */
	enum verdict verdict;
	int exit_code;
	double collect_ms; /**< Time spent; both 0 when --from was given, so that bytes repeat. */
	double analyze_ms;
	bool verbose;        /**< -v: every hook, not only the interesting ones. */
	classic_fn *classic; /**< Disassembler, which is no business of this layer; NULL: none. */
	uint32_t columns;    /**< Width of the terminal; 0: not known, 100 is assumed. */
};

/** Render all of @p rep. Failures of memory set o->error to -ENOMEM. */
typedef void render_fn(const struct report *rep, struct out *o);

struct format {
	const char *name; /**< Value of --format. */
	const char *what; /**< One line for --help. */
	render_fn *check; /**< For `check`; NULL: not offered there. */
	render_fn *scan;  /**< For `scan`; NULL: not offered there. */
};

/** All formats; the first is the default. */
extern const struct format formats[];
extern const uint32_t n_formats;

const char *verdict_word(enum verdict verdict);

/** Verdict and exit status from findings and coverage; design.md section 3.
 *  @param fail_on bit set of enum fail_on. */
enum fail_on {
	FAIL_ON_FAIL = 1u << 0,
	FAIL_ON_WARN = 1u << 1,
	FAIL_ON_INCOMPLETE = 1u << 2,
};
enum verdict report_verdict(const struct snapshot *snap, const struct findings *findings);
int report_exit_code(const struct snapshot *snap, const struct findings *findings,
                     uint32_t fail_on);

/** @name Renderers @{ */
void render_check_text(const struct report *rep, struct out *o);
void render_check_json(const struct report *rep, struct out *o);
void render_check_yaml(const struct report *rep, struct out *o);
void render_check_helm(const struct report *rep, struct out *o);
void render_check_operator(const struct report *rep, struct out *o);
void render_check_env(const struct report *rep, struct out *o);
void render_scan_text(const struct report *rep, struct out *o);
void render_scan_json(const struct report *rep, struct out *o);
/** @} */

#endif
