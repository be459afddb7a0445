/* SPDX-License-Identifier: Apache-2.0 */
/**
 * ui.h - what a person sees on standard error: notes, progress, the one line of a failure.
 */
#ifndef TCAUDIT_CLI_UI_H
#define TCAUDIT_CLI_UI_H

#include "cli/options.h"

#include <stdbool.h>
#include <stdint.h>

struct ui {
	bool quiet;
	uint32_t verbose;
	bool progress;   /**< A progress line is wanted and possible. */
	bool shown;      /**< One stands there now. */
	int64_t last_ns; /**< When it was drawn, CLOCK_MONOTONIC. */
};

void ui_init(struct ui *ui, const struct options *opts);

/** One line on standard error, control characters made harmless. */
void ui_error(struct ui *ui, const char *text);
/** The same, unless --quiet. */
void ui_note(struct ui *ui, const char *fmt, ...) ATTR_PRINTF(2, 3);
/** The same, only with --verbose. */
void ui_detail(struct ui *ui, const char *fmt, ...) ATTR_PRINTF(2, 3);
/** Redraw the progress line, at most ten times a second. */
void ui_progress(struct ui *ui, const char *what, uint32_t done, uint32_t total);
/** Take the progress line away. */
void ui_clear(struct ui *ui);

/** May standard output be coloured? --color, NO_COLOR, TERM, and whether it is a terminal. */
bool ui_color(const struct options *opts);
/** Columns of the terminal on standard output; 0 when there is none. */
uint32_t ui_columns(void);

/** CLOCK_MONOTONIC in ns. */
int64_t ui_now_ns(void);

#endif
