/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the tables. */
#include "cli/options_rows.h"

#include <stdio.h>

static void help_commands(struct out *o)
{
	out_str(o, "tcaudit tells whether other eBPF software on this node gets in the way of the\n"
	           "Datadog Agent's tc classifiers, and which classifier_priority to set.\n\n"
	           "Usage:\n");
	for (uint32_t i = 0; i < n_command_rows; i++) {
		out_fmt(o, "  tcaudit %-22s %s\n", command_rows[i].usage, command_rows[i].what);
	}
	out_str(o, "  tcaudit COMMAND --help         options of one command\n"
	           "  tcaudit --version\n");
}

static void help_option(const struct option_row *row, struct out *o)
{
	char left[40];
	size_t n = 0;

	if (row->short_name != 0) {
		n += (size_t)snprintf(left, sizeof(left), "-%c, ", row->short_name);
	} else {
		n += (size_t)snprintf(left, sizeof(left), "    ");
	}
	(void)snprintf(left + n, sizeof(left) - n, "--%s%s%s", row->name,
	               row->arg != NULL ? " " : "", row->arg != NULL ? row->arg : "");
	out_fmt(o, "  %-25s %s\n", left, row->what);
}

static void help_status(struct out *o)
{
	out_str(o, "\nExit status:\n"
	           "  0  nothing at or above --fail-on     3  at least one FAIL\n"
	           "  1  could not run                     4  no FAIL, at least one WARN\n"
	           "  2  bad usage or bad input file       5  no FAIL, but something could not\n"
	           "                                          be read\n");
}

void options_help(const struct options *opts, bool of_command, struct out *o)
{
	if (!of_command) {
		help_commands(o);
	} else {
		for (uint32_t i = 0; i < n_command_rows; i++) {
			if (command_rows[i].command == opts->command) {
				out_fmt(o, "Usage: tcaudit %s\n  %s\n", command_rows[i].usage,
				        command_rows[i].what);
			}
		}
	}
	out_fmt(o, "\nOptions%s:\n", of_command ? "" : " of check");
	for (uint32_t i = 0; i < n_option_rows; i++) {
		if ((option_rows[i].commands & opts->command) != 0) {
			help_option(&option_rows[i], o);
		}
	}
	if (opts->command != CMD_EXPLAIN) {
		help_status(o);
	}
}
