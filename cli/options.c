/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "analyzer/rules.h"
#include "cli/nearest.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Commands that look at a node or a snapshot. */
#define CMDS_LOOK (CMD_CHECK | CMD_SCAN)

/** And those that may. */
#define CMDS_MAY_LOOK (CMDS_LOOK | CMD_EXPLAIN)

struct command_row {
	enum command command;
	const char *name;
	const char *usage;
	const char *what;
};

static const struct command_row commands[] = {
	{CMD_CHECK, "check", "[check] [options]",
         "collect (or --from), judge, recommend; the default"},
	{CMD_SCAN, "scan", "scan [options]", "the inventory alone"},
	{CMD_EXPLAIN, "explain", "explain [CODE]", "the rules; one rule, or one program, in full"},
};

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

static int need_number(const char *name, const char *arg, uint32_t min, uint32_t max, uint32_t *ret,
                       struct err *err)
{
	char *end = NULL;

	errno = 0;
	unsigned long value = strtoul(arg, &end, 10);

	if (arg[0] < '0' || arg[0] > '9' || *end != '\0' || errno != 0 || value < min ||
	    value > max) {
		return err_set(err, -EINVAL, "--%s: '%s' is not a number from %u to %u", name, arg,
		               min, max);
	}
	*ret = (uint32_t)value;
	return 0;
}

static int take_help(const struct option_row *row, const char *arg, struct options *opts,
                     struct err *err)
{
	(void)row;
	(void)arg;
	(void)err;
	opts->help = true;
	return 0;
}

static int take_version(const struct option_row *row, const char *arg, struct options *opts,
                        struct err *err)
{
	(void)row;
	(void)arg;
	(void)err;
	opts->version = true;
	return 0;
}

static int find_format(const char *option, const char *name, size_t len, const struct format **ret,
                       struct err *err)
{
	char word[NEAREST_MAX_LEN + 1];
	struct nearest near = {.word = word};

	if (len > NEAREST_MAX_LEN) {
		return err_set(err, -EINVAL, "--%s: unknown format", option);
	}
	memcpy(word, name, len);
	word[len] = '\0';
	for (uint32_t i = 0; i < n_formats; i++) {
		if (strcmp(formats[i].name, word) == 0) {
			*ret = &formats[i];
			return 0;
		}
		nearest_offer(&near, formats[i].name);
	}
	return err_set(err, -EINVAL, "--%s: unknown format '%s'; nearest is '%s'", option, word,
	               near.best);
}

static int take_format(const struct option_row *row, const char *arg, struct options *opts,
                       struct err *err)
{
	return find_format(row->name, arg, strlen(arg), &opts->format, err);
}

static int take_report(const struct option_row *row, const char *arg, struct options *opts,
                       struct err *err)
{
	const char *equals = strchr(arg, '=');
	struct report_to *to = &opts->reports[opts->n_reports];

	if (equals == NULL || equals[1] == '\0') {
		return err_set(err, -EINVAL, "--report: '%s' is not FORMAT=FILE", arg);
	}
	int r = find_format(row->name, arg, (size_t)(equals - arg), &to->format, err);

	if (r < 0) {
		return r;
	}
	to->file = equals + 1;
	opts->n_reports++;
	return 0;
}

static int need_text(const struct option_row *row, const char *arg, struct err *err)
{
	return arg[0] != '\0' ? 0 : err_set(err, -EINVAL, "--%s: empty %s", row->name, row->arg);
}

static int take_from(const struct option_row *row, const char *arg, struct options *opts,
                     struct err *err)
{
	opts->from = arg;
	return need_text(row, arg, err);
}

static int take_output(const struct option_row *row, const char *arg, struct options *opts,
                       struct err *err)
{
	opts->output = arg;
	return need_text(row, arg, err);
}

static int take_netns(const struct option_row *row, const char *arg, struct options *opts,
                      struct err *err)
{
	opts->netns[opts->n_netns++] = arg;
	return need_text(row, arg, err);
}

static int take_dev(const struct option_row *row, const char *arg, struct options *opts,
                    struct err *err)
{
	opts->devs[opts->n_devs++] = arg;
	return need_text(row, arg, err);
}

static int take_priority(const struct option_row *row, const char *arg, struct options *opts,
                         struct err *err)
{
	return need_number(row->name, arg, 1, 65535, &opts->priority, err);
}

static int take_agent_version(const struct option_row *row, const char *arg, struct options *opts,
                              struct err *err)
{
	/* v7.45.0, 7.45.0-rc.1: major and minor decide. */
	const char *digits = arg[0] == 'v' ? arg + 1 : arg;
	size_t major = strspn(digits, "0123456789");

	if (major == 0 || digits[major] != '.' || strspn(digits + major + 1, "0123456789") == 0) {
		return err_set(err, -EINVAL, "--%s: '%s' is not a version such as 7.50.1",
		               row->name, arg);
	}
	opts->agent_version = digits;
	return 0;
}

/** @param where "--" and the option, or the command. @return NULL with @p err set for no rule. */
static const struct rule *need_rule(const char *dashes, const char *where, const char *word,
                                    struct err *err)
{
	const struct rule *rule = rule_find(word);
	struct nearest near = {.word = word};

	for (uint32_t i = 0; i < n_rules && rule == NULL; i++) {
		nearest_offer(&near, rules[i]->code);
	}
	if (rule == NULL) {
		(void)err_set(err, -EINVAL, "%s%s: no rule '%s'; nearest is '%s'", dashes, where,
		              word, near.best);
	}
	return rule;
}

/** Take a comma list of rule codes; the list holds the codes of the rules. */
static int take_codes(const struct option_row *row, const char *arg, const char **list, uint32_t *n,
                      struct err *err)
{
	for (const char *at = arg;; at++) {
		char word[NEAREST_MAX_LEN + 1] = "";
		size_t len = strcspn(at, ",");

		memcpy(word, at, len < NEAREST_MAX_LEN ? len : NEAREST_MAX_LEN);
		const struct rule *rule = need_rule("--", row->name, word, err);

		if (rule == NULL) {
			return -EINVAL;
		}
		list[(*n)++] = rule->code;
		at += len;
		if (*at == '\0') {
			return 0;
		}
	}
}

static int take_only(const struct option_row *row, const char *arg, struct options *opts,
                     struct err *err)
{
	return take_codes(row, arg, opts->only, &opts->n_only, err);
}

static int take_skip(const struct option_row *row, const char *arg, struct options *opts,
                     struct err *err)
{
	return take_codes(row, arg, opts->skip, &opts->n_skip, err);
}

static const struct {
	const char *word;
	uint32_t bits;
} fail_on_words[] = {
	{"fail", FAIL_ON_FAIL},
	{"warn", FAIL_ON_WARN},
	{"incomplete", FAIL_ON_INCOMPLETE},
	{"never", 0},
};

static int fail_on_word(const char *word, size_t len, uint32_t *bits, struct err *err)
{
	char copy[NEAREST_MAX_LEN + 1] = "";
	struct nearest near = {.word = copy};

	memcpy(copy, word, len < NEAREST_MAX_LEN ? len : NEAREST_MAX_LEN);
	for (size_t i = 0; i < COUNT_OF(fail_on_words); i++) {
		if (strcmp(fail_on_words[i].word, copy) == 0) {
			*bits |= fail_on_words[i].bits;
			return 0;
		}
		nearest_offer(&near, fail_on_words[i].word);
	}
	return err_set(err, -EINVAL, "--fail-on: unknown word '%s'; nearest is '%s'", copy,
	               near.best);
}

static int take_fail_on(const struct option_row *row, const char *arg, struct options *opts,
                        struct err *err)
{
	uint32_t bits = 0;

	(void)row;
	for (const char *word = arg;; word++) {
		size_t len = strcspn(word, ",");
		int r = fail_on_word(word, len, &bits, err);

		if (r < 0) {
			return r;
		}
		word += len;
		if (*word == '\0') {
			break;
		}
	}
	if (strstr(arg, "never") != NULL && strchr(arg, ',') != NULL) {
		return err_set(err, -EINVAL, "--fail-on: 'never' stands alone");
	}
	opts->fail_on = bits;
	return 0;
}

static int take_exit_zero(const struct option_row *row, const char *arg, struct options *opts,
                          struct err *err)
{
	(void)row;
	(void)arg;
	(void)err;
	opts->fail_on = 0;
	return 0;
}

static int need_when(const struct option_row *row, const char *arg, enum when *ret, struct err *err)
{
	static const char *const words[] = {"auto", "always", "never"};
	struct nearest near = {.word = arg};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(words[i], arg) == 0) {
			*ret = (enum when)i;
			return 0;
		}
		nearest_offer(&near, words[i]);
	}
	return err_set(err, -EINVAL, "--%s: '%s' is none of auto, always, never; nearest is '%s'",
	               row->name, arg, near.best);
}

static int take_color(const struct option_row *row, const char *arg, struct options *opts,
                      struct err *err)
{
	return need_when(row, arg, &opts->color, err);
}

static int take_progress(const struct option_row *row, const char *arg, struct options *opts,
                         struct err *err)
{
	return need_when(row, arg, &opts->progress, err);
}

static int take_quiet(const struct option_row *row, const char *arg, struct options *opts,
                      struct err *err)
{
	(void)row;
	(void)arg;
	(void)err;
	opts->quiet = true;
	return 0;
}

static int take_verbose(const struct option_row *row, const char *arg, struct options *opts,
                        struct err *err)
{
	(void)row;
	(void)arg;
	(void)err;
	opts->verbose++;
	return 0;
}

static int take_proc(const struct option_row *row, const char *arg, struct options *opts,
                     struct err *err)
{
	opts->proc = arg;
	return need_text(row, arg, err);
}

static int take_sys(const struct option_row *row, const char *arg, struct options *opts,
                    struct err *err)
{
	opts->sys = arg;
	return need_text(row, arg, err);
}

static int take_timeout(const struct option_row *row, const char *arg, struct options *opts,
                        struct err *err)
{
	return need_number(row->name, arg, 1, 86400, &opts->timeout_s, err);
}

static int take_max_netns(const struct option_row *row, const char *arg, struct options *opts,
                          struct err *err)
{
	return need_number(row->name, arg, 1, 10000000, &opts->max_netns, err);
}

static int take_program(const struct option_row *row, const char *arg, struct options *opts,
                        struct err *err)
{
	return need_number(row->name, arg, 1, UINT32_MAX, &opts->program, err);
}

static int take_record(const struct option_row *row, const char *arg, struct options *opts,
                       struct err *err)
{
	opts->record = arg;
	return need_text(row, arg, err);
}

static const struct option_row option_rows[] = {
	{"program", 0, "ID", CMD_EXPLAIN, false, take_program,
         "why this program returns what it does: the paths to each code"},
	{"from", 0, "FILE", CMDS_MAY_LOOK, false, take_from,
         "a saved snapshot instead of this node; - is standard input"},
	{"format", 'f', "FMT", CMDS_LOOK, false, take_format, "text (default) or json"},
	{"output", 'o', "FILE", CMDS_LOOK, false, take_output,
         "write there instead of standard output; appears whole or not at all"},
	{"report", 0, "FMT=FILE", CMDS_LOOK, false, take_report,
         "one more output of the same run; repeatable"},
	{"netns", 'n', "SPEC", CMDS_LOOK, true, take_netns,
         "all (default), host, a name, a path, inode:N, pid:N; repeatable"},
	{"dev", 'i', "GLOB", CMDS_LOOK, true, take_dev, "only these interfaces; repeatable"},
	{"priority", 0, "N", CMD_CHECK, false, take_priority,
         "judge as if the Agent used N (1..65535)"},
	{"agent-version", 0, "V", CMD_CHECK, false, take_agent_version,
         "the Agent's version, for the spelling of its settings"},
	{"only", 0, "CODES", CMD_CHECK, false, take_only,
         "only these rules count, e.g. TC101,TC102; the others stay as suppressed"},
	{"skip", 0, "CODES", CMD_CHECK, false, take_skip, "these rules do not count"},
	{"fail-on", 0, "LIST", CMDS_LOOK, false, take_fail_on,
         "what gives a status other than 0: fail,warn,incomplete (default) or never"},
	{"exit-zero", 0, NULL, CMDS_LOOK, false, take_exit_zero, "the same as --fail-on never"},
	{"color", 0, "WHEN", CMDS_MAY_LOOK, false, take_color, "auto, always, never"},
	{"progress", 0, "WHEN", CMDS_LOOK, true, take_progress,
         "auto, always, never; on standard error only"},
	{"quiet", 'q', NULL, CMDS_MAY_LOOK, false, take_quiet, "no notes on standard error"},
	{"verbose", 'v', NULL, CMDS_LOOK, false, take_verbose,
         "more on standard error, and every hook in the text report"},
	{"proc", 0, "DIR", CMDS_MAY_LOOK, true, take_proc,
         "where the host's /proc is mounted; also HOST_PROC"},
	{"sys", 0, "DIR", CMDS_MAY_LOOK, true, take_sys,
         "where the host's /sys is mounted; also HOST_SYS"},
	{"timeout", 0, "S", CMDS_LOOK, true, take_timeout,
         "stop collecting after S seconds; what is missing then is a gap"},
	{"max-netns", 0, "N", CMDS_LOOK, true, take_max_netns,
         "collect at most N namespaces; what is missing then is a gap"},
	{"record", 0, "DIR", CMDS_LOOK, true, take_record,
         "keep every netlink reply there, one pcap file for each namespace"},
	{"help", 'h', NULL, CMDS_LOOK | CMD_EXPLAIN, false, take_help, "this help"},
	{"version", 'V', NULL, CMDS_LOOK | CMD_EXPLAIN, false, take_version, "name and version"},
};

/** Value that getopt_long() gives for a long option without a short one. */
#define LONG_BASE 1000

struct getopt_tables {
	struct option longs[COUNT_OF(option_rows) + 1];
	char shorts[3 * COUNT_OF(option_rows) + 2];
};

static void build_tables(struct getopt_tables *t)
{
	char *s = t->shorts;

	*t = (struct getopt_tables){0};
	*s++ = ':'; /* tell a missing argument from an unknown option */
	for (size_t i = 0; i < COUNT_OF(option_rows); i++) {
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
	for (size_t i = 0; i < COUNT_OF(option_rows); i++) {
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
		for (size_t i = 0; i < COUNT_OF(option_rows); i++) {
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
		if (value == '?' || value == ':') {
			return bad_option(value, argv, err);
		}
		const struct option_row *row = find_row(value);
		int r = row == NULL ? bad_option(value, argv, err)
		                    : row->take(row, optarg != NULL ? optarg : "", opts, err);

		if (r < 0) {
			return r;
		}
		seen[row - option_rows] = true;
		if (opts->help || opts->version) {
			break;
		}
	}
	return 0;
}

static int find_command(const char *word, struct options *opts, struct err *err)
{
	struct nearest near = {.word = word};

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].name, word) == 0) {
			opts->command = commands[i].command;
			opts->command_named = true;
			return 0;
		}
		nearest_offer(&near, commands[i].name);
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
		opts->rule = need_rule("", "explain", argv[word++], err);
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
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (commands[i].command == command) {
			return commands[i].name;
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
	if (opts->program != 0) {
		return opts->rule == NULL ? 0
		                          : err_set(err, -EINVAL, "--program does not go with %s",
		                                    opts->rule->code);
	}
	for (size_t i = 0; i < COUNT_OF(option_rows); i++) {
		if (seen[i] && (option_rows[i].commands & CMDS_LOOK) != 0) {
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
	for (size_t i = 0; i < COUNT_OF(option_rows); i++) {
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
	bool seen[COUNT_OF(option_rows)] = {false};

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
	return r;
}

void options_done(struct options *opts)
{
	free(opts->reports);
	free(opts->netns);
	*opts = (struct options){0};
}

static void help_commands(struct out *o)
{
	out_str(o, "tcaudit tells whether other eBPF software on this node gets in the way of the\n"
	           "Datadog Agent's tc classifiers, and which classifier_priority to set.\n\n"
	           "Usage:\n");
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		out_fmt(o, "  tcaudit %-22s %s\n", commands[i].usage, commands[i].what);
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
		for (size_t i = 0; i < COUNT_OF(commands); i++) {
			if (commands[i].command == opts->command) {
				out_fmt(o, "Usage: tcaudit %s\n  %s\n", commands[i].usage,
				        commands[i].what);
			}
		}
	}
	out_fmt(o, "\nOptions%s:\n", of_command ? "" : " of check");
	for (size_t i = 0; i < COUNT_OF(option_rows); i++) {
		if ((option_rows[i].commands & opts->command) != 0) {
			help_option(&option_rows[i], o);
		}
	}
	if (opts->command != CMD_EXPLAIN) {
		help_status(o);
	}
}
