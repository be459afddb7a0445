/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ui.h"

#include "model/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/** A progress line is not drawn more often. */
#define PROGRESS_NS 100000000

int64_t ui_now_ns(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static bool dumb_terminal(void)
{
	const char *term = getenv("TERM");

	return term == NULL || strcmp(term, "dumb") == 0;
}

void ui_init(struct ui *ui, const struct options *opts)
{
	*ui = (struct ui){.quiet = opts->quiet, .verbose = opts->verbose};
	ui->progress =
		opts->progress == WHEN_ALWAYS || (opts->progress == WHEN_AUTO && !opts->quiet &&
	                                          !dumb_terminal() && isatty(STDERR_FILENO) == 1);
}

void ui_clear(struct ui *ui)
{
	if (ui->shown) {
		(void)fputs("\r\033[K", stderr);
		ui->shown = false;
	}
}

static int write_stderr(void *ctx, const char *bytes, size_t len)
{
	(void)ctx;
	return fwrite(bytes, 1, len, stderr) == len ? 0 : -1;
}

void ui_error(struct ui *ui, const char *text)
{
	struct out o;

	ui_clear(ui);
	out_init(&o, write_stderr, NULL);
	out_str(&o, "tcaudit: ");
	out_term(&o, text);
	out_str(&o, "\n");
	/* There is no other place to complain. */
	int ignored = out_flush(&o);

	(void)ignored;
}

ATTR_PRINTF(2, 0) static void say(struct ui *ui, const char *fmt, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, args) >= 0) {
		ui_error(ui, text);
		free(text);
	}
}

void ui_note(struct ui *ui, const char *fmt, ...)
{
	va_list args;

	if (ui->quiet) {
		return;
	}
	va_start(args, fmt);
	say(ui, fmt, args);
	va_end(args);
}

void ui_detail(struct ui *ui, const char *fmt, ...)
{
	va_list args;

	if (ui->verbose == 0) {
		return;
	}
	va_start(args, fmt);
	say(ui, fmt, args);
	va_end(args);
}

void ui_progress(struct ui *ui, const char *what, uint32_t done, uint32_t total)
{
	int64_t now = ui->progress ? ui_now_ns() : 0;

	if (!ui->progress || (ui->shown && now - ui->last_ns < PROGRESS_NS)) {
		return;
	}
	(void)fprintf(stderr, "\r%s %u of %u\033[K", what, done, total);
	(void)fflush(stderr);
	ui->shown = true;
	ui->last_ns = now;
}

bool ui_color(const struct options *opts)
{
	const char *no_color = getenv("NO_COLOR");

	if (opts->color != WHEN_AUTO) {
		return opts->color == WHEN_ALWAYS;
	}
	return (no_color == NULL || no_color[0] == '\0') && !dumb_terminal() &&
	       isatty(STDOUT_FILENO) == 1;
}

uint32_t ui_columns(void)
{
	struct winsize size = {0};

	if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0) {
		return 0;
	}
	return size.ws_col;
}
