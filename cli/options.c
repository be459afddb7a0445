/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/nearest.h"
#include "cli/options_rows.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const struct command_row command_rows[] = {
	{CMD_CHECK, "check", "[check] [options]",
         "collect (or --from), judge, recommend; the default"},
	{CMD_SCAN, "scan", "scan [options]", "the inventory alone"},
	{CMD_EXPLAIN, "explain", "explain [CODE]",
         "the rules; one rule, program or vendor in full"},
};
const uint32_t n_command_rows = COUNT_OF(command_rows);

/** Value that getopt_long() gives for a long option without a short one. */
#define LONG_BASE 1000

struct getopt_tables {
	struct option longs[OPTIONS_MAX + 1];
	char shorts[3 * OPTIONS_MAX + 2];
};

static void build_tables(struct getopt_tables *t)
{
	char *s = t->shorts;

	*t = (struct getopt_tables){0};
	*s++ = ':'; /* tell a missing argument from an unknown option */
	for (uint32_t i = 0; i < n_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		t->longs[i] = (struct option){
			.name = row->name,
			.has_arg = row->arg != NULL ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (row->short_name != 0) {
			*s++ = row->short_name;
			if (row->arg != NULL) {
				*s++ = ':';
			}
		}
	}
}

static const struct option_row *find_row(int value)
{
	if (value >= LONG_BASE) {
		return &option_rows[value - LONG_BASE];
	}
	for (uint32_t i = 0; i < n_option_rows; i++) {
		if (option_rows[i].short_name == value) {
			return &option_rows[i];
		}
	}
	return NULL;
}

static int unknown_option(const char *typed, struct err *err)
{
	char word[NEAREST_MAX_LEN + 1] = "";
	struct nearest near = {.word = word};

	if (strncmp(typed, "--", 2) != 0) {
		return err_set(err, -EINVAL, "unknown option '-%c'; see tcaudit --help",
		               optopt != 0 ? optopt : typed[1]);
	}
	size_t len = strcspn(typed + 2, "=");

	if (len <= NEAREST_MAX_LEN) {
		memcpy(word, typed + 2, len);
		for (uint32_t i = 0; i < n_option_rows; i++) {
			nearest_offer(&near, option_rows[i].name);
		}
	}
	if (nearest_result(&near) == NULL) {
		return err_set(err, -EINVAL, "unknown option '%s'; see tcaudit --help", typed);
	}
	return err_set(err, -EINVAL, "unknown option '%s'; nearest is '--%s'", typed, near.best);
}

static int bad_option(int value, char **argv, struct err *err)
{
	const char *typed = argv[optind - 1];

	const struct option_row *row = find_row(optopt);

	if (value == ':' && row != NULL) {
		return err_set(err, -EINVAL, "--%s needs %s", row->name, row->arg);
	}
	if (optopt >= LONG_BASE && row != NULL) {
		return err_set(err, -EINVAL, "--%s takes no value", row->name);
	}
	return unknown_option(typed, err);
}

/** Remember which options came, to judge them once the command is known. */
static int parse_options(int argc, char **argv, struct options *opts, bool seen[], struct err *err)
{
	struct getopt_tables tables;
	int value = 0;

	build_tables(&tables);
	opterr = 0;
	optind = 0; /* GNU: start afresh */
	while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		bool bad = value == '?' || value == ':';
		const struct option_row *row = bad ? NULL : find_row(value);
		int r = row == NULL ? bad_option(value, argv, err)
		                    : row->take(row, optarg != NULL ? optarg : "", opts, err);

		/* Who asked for help gets it, whatever else is wrong. To the end all the same:
		 * only then does the command stand behind the options. */
		if (r < 0 && !opts->help && !opts->version) {
			return r;
		}
		if (r >= 0) {
			seen[row - option_rows] = true;
		}
	}
	return 0;
}

static int find_command(const char *word, struct options *opts, struct err *err)
{
	struct nearest near = {.word = word};

	for (uint32_t i = 0; i < n_command_rows; i++) {
		if (strcmp(command_rows[i].name, word) == 0) {
			opts->command = command_rows[i].command;
			opts->command_named = true;
			return 0;
		}
		nearest_offer(&near, command_rows[i].name);
	}
	if (nearest_result(&near) == NULL) {
		return err_set(err, -EINVAL, "unknown command '%s'; see tcaudit --help", word);
	}
	return err_set(err, -EINVAL, "unknown command '%s'; nearest is '%s'", word, near.best);
}

static int take_words(int argc, char **argv, struct options *opts, struct err *err)
{
	int word = optind;

	if (word < argc) {
		int r = find_command(argv[word++], opts, err);

		if (r < 0) {
			return r;
		}
	}
	if (word < argc && opts->command == CMD_EXPLAIN) {
		opts->rule = options_need_rule("", "explain", argv[word++], err);
		if (opts->rule == NULL) {
			return -EINVAL;
		}
	}
	if (word < argc && !opts->help && !opts->version) {
		return err_set(err, -EINVAL, "unexpected argument '%s'; options begin with --",
		               argv[word]);
	}
	return 0;
}

static const char *command_name(enum command command)
{
	for (uint32_t i = 0; i < n_command_rows; i++) {
		if (command_rows[i].command == command) {
			return command_rows[i].name;
		}
	}
	return "";
}

/** A rule needs no node, so what says where to look goes with --program only. */
static int check_explain(const struct options *opts, const bool seen[], struct err *err)
{
	if (opts->command != CMD_EXPLAIN) {
		return 0;
	}
	if (opts->program != 0 && opts->vendor != NULL) {
		return err_set(err, -EINVAL, "--program does not go with --vendor");
	}
	if (opts->rule != NULL && (opts->program != 0 || opts->vendor != NULL)) {
		return err_set(err, -EINVAL, "--%s does not go with %s",
		               opts->program != 0 ? "program" : "vendor", opts->rule->code);
	}
	if (opts->program != 0) {
		return 0;
	}
	for (uint32_t i = 0; i < n_option_rows; i++) {
		bool of_vendor =
			opts->vendor != NULL && strcmp(option_rows[i].name, "vendors") == 0;

		if (seen[i] && (option_rows[i].commands & CMDS_LOOK) != 0 && !of_vendor) {
			return err_set(err, -EINVAL,
			               "--%s goes with 'explain' only next to --program",
			               option_rows[i].name);
		}
	}
	return 0;
}

/** Does each option fit the command and its neighbours? */
static int check_options(const struct options *opts, const bool seen[], struct err *err)
{
	for (uint32_t i = 0; i < n_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (!seen[i]) {
			continue;
		}
		if ((row->commands & opts->command) == 0) {
			return err_set(err, -EINVAL, "--%s does not go with '%s'", row->name,
			               command_name(opts->command));
		}
		if (row->live && opts->from != NULL) {
			return err_set(err, -EINVAL,
			               "--%s is about this node; it does not go with --from",
			               row->name);
		}
	}
	return 0;
}

/** Formats that only one of the commands has. */
static int check_format(const struct options *opts, const char *option, const struct format *format,
                        struct err *err)
{
	assert(format != NULL);

	bool there = opts->command == CMD_SCAN ? format->scan != NULL : format->check != NULL;

	return there ? 0
	             : err_set(err, -EINVAL, "--%s: format '%s' does not go with '%s'", option,
	                       format->name, command_name(opts->command));
}

static int check_formats(const struct options *opts, struct err *err)
{
	int r = 0;

	if ((opts->command & CMDS_LOOK) == 0) {
		return 0;
	}
	r = check_format(opts, "format", opts->format, err);
	for (uint32_t i = 0; i < opts->n_reports && r == 0; i++) {
		r = check_format(opts, "report", opts->reports[i].format, err);
	}
	return r;
}

static const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : otherwise;
}

static int allocate_lists(int argc, char **argv, struct options *opts, struct err *err)
{
	/* No list can be longer than the words, or the commas, of the command line. */
	size_t n = (size_t)argc;

	for (int i = 0; i < argc; i++) {
		for (const char *c = argv[i]; *c != '\0'; c++) {
			n += *c == ',';
		}
	}
	opts->reports = calloc(n, sizeof(*opts->reports));
	opts->netns = calloc(4 * n, sizeof(*opts->netns));
	if (opts->reports == NULL || opts->netns == NULL) {
		return err_set(err, -ENOMEM, "reading the command line: no memory");
	}
	opts->devs = opts->netns + n;
	opts->only = opts->netns + 2 * n;
	opts->skip = opts->netns + 3 * n;
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *err)
{
	bool seen[OPTIONS_MAX] = {false};

	*ret = (struct options){
		.command = CMD_CHECK,
		.format = &formats[0],
		.fail_on = FAIL_ON_FAIL | FAIL_ON_WARN | FAIL_ON_INCOMPLETE,
		.proc = environment("HOST_PROC", "/proc"),
		.sys = environment("HOST_SYS", "/sys"),
	};
	int r = allocate_lists(argc, argv, ret, err);

	if (r == 0) {
		r = parse_options(argc, argv, ret, seen, err);
	}
	if (r == 0) {
		r = take_words(argc, argv, ret, err);
	}
	if (r == 0 && !ret->help && !ret->version) {
		r = check_options(ret, seen, err);
	}
	if (r == 0 && !ret->help && !ret->version) {
		r = check_explain(ret, seen, err);
	}
	if (r == 0 && !ret->help && !ret->version) {
		r = check_formats(ret, err);
	}
	return r;
}

void options_done(struct options *opts)
{
	free(opts->reports);
	free(opts->netns);
	*opts = (struct options){0};
}
