/* SPDX-License-Identifier: Apache-2.0 */
/**
 * options_rows.h - the tables of commands and options, for the three files that read them.
 *
 * options.c parses and checks, options_take.c takes the values, options_help.c prints help.
 */
#ifndef TCAUDIT_CLI_OPTIONS_ROWS_H
#define TCAUDIT_CLI_OPTIONS_ROWS_H

#include "cli/options.h"

/** Commands that look at a node or a snapshot. */
#define CMDS_LOOK (CMD_CHECK | CMD_SCAN)

/** And those that may. */
#define CMDS_MAY_LOOK (CMDS_LOOK | CMD_EXPLAIN)

/** Room for that many options. */
#define OPTIONS_MAX 64

struct command_row {
	enum command command;
	const char *name;
	const char *usage;
	const char *what;
};

extern const struct command_row command_rows[];
extern const uint32_t n_command_rows;

struct option_row;
/** Take one option. @return 0 or a negative errno with @p err set. */
typedef int option_fn(const struct option_row *row, const char *arg, struct options *opts,
                      struct err *err);

struct option_row {
	const char *name;
	char short_name;   /**< 0: none. */
	const char *arg;   /**< Name of the argument, NULL: takes none. */
	uint32_t commands; /**< enum command bits. */
	bool live;         /**< Only for this node, not with --from. */
	option_fn *take;
	const char *what;
};

/** At most OPTIONS_MAX. */
extern const struct option_row option_rows[];
extern const uint32_t n_option_rows;

/**
 * The rule with a code.
 *
 * @param dashes "--" in front of an option's name, "" in front of a command's.
 * @param where  that name.
 * @return NULL with @p err set when there is none.
 */
const struct rule *options_need_rule(const char *dashes, const char *where, const char *word,
                                     struct err *err);

#endif
