/* SPDX-License-Identifier: Apache-2.0 */
/* Every option: its row, and the function that takes its value. */
#include "cli/nearest.h"
#include "cli/options_rows.h"
#include "model/release.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/** A version, without the "v" that tags begin with. */
static int need_version(const struct option_row *row, const char *arg, const char **ret,
                        struct err *err)
{
	struct release release;

	if (!release_parse(arg, &release)) {
		return err_set(err, -EINVAL, "--%s: '%s' is not a version such as 7.50.1",
		               row->name, arg);
	}
	*ret = arg[0] == 'v' ? arg + 1 : arg;
	return 0;
}

static int take_agent_version(const struct option_row *row, const char *arg, struct options *opts,
                              struct err *err)
{
	return need_version(row, arg, &opts->agent_version, err);
}

static int take_agent_config(const struct option_row *row, const char *arg, struct options *opts,
                             struct err *err)
{
	opts->agent_config = arg;
	return need_text(row, arg, err);
}

static int take_cilium_version(const struct option_row *row, const char *arg, struct options *opts,
                               struct err *err)
{
	return need_version(row, arg, &opts->cilium_version, err);
}

static int take_vendors(const struct option_row *row, const char *arg, struct options *opts,
                        struct err *err)
{
	opts->vendors = arg;
	return need_text(row, arg, err);
}

static int take_ignore_file(const struct option_row *row, const char *arg, struct options *opts,
                            struct err *err)
{
	opts->ignore_file = arg;
	return need_text(row, arg, err);
}

const struct rule *options_need_rule(const char *dashes, const char *where, const char *word,
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
		const struct rule *rule = options_need_rule("--", row->name, word, err);

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

static int take_vendor(const struct option_row *row, const char *arg, struct options *opts,
                       struct err *err)
{
	opts->vendor = arg;
	return need_text(row, arg, err);
}

static int take_record(const struct option_row *row, const char *arg, struct options *opts,
                       struct err *err)
{
	opts->record = arg;
	return need_text(row, arg, err);
}

const struct option_row option_rows[] = {
	{"program", 0, "ID", CMD_EXPLAIN, false, take_program,
         "why this program returns what it does: the paths to each code"},
	{"vendor", 0, "ID", CMD_EXPLAIN, false, take_vendor,
         "what is known of a vendor; list: of which ones"},
	{"from", 0, "FILE", CMDS_MAY_LOOK, false, take_from,
         "a saved snapshot instead of this node; - is standard input"},
	{"format", 'f', "FMT", CMDS_LOOK, false, take_format,
         "text (default), json; check also: yaml, helm, operator, env"},
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
         "the Agent's version, where the node does not show it"},
	{"agent-config", 0, "FILE", CMD_CHECK, false, take_agent_config,
         "the Agent's system-probe.yaml, in place of what files of the node say"},
	{"cilium-version", 0, "V", CMD_CHECK, false, take_cilium_version,
         "Cilium's version, where the node does not show it"},
	{"vendors", 0, "FILE", CMDS_MAY_LOOK, false, take_vendors,
         "vendor table in place of the built-in one"},
	{"only", 0, "CODES", CMD_CHECK, false, take_only,
         "only these rules count, e.g. TC101,TC102; the others stay as suppressed"},
	{"skip", 0, "CODES", CMD_CHECK, false, take_skip, "these rules do not count"},
	{"ignore-file", 0, "FILE", CMD_CHECK, false, take_ignore_file,
         "accepted findings, as JSON; they do not count, and stay as suppressed"},
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
const uint32_t n_option_rows = COUNT_OF(option_rows);

_Static_assert(COUNT_OF(option_rows) <= OPTIONS_MAX, "options.c keeps arrays of that size");
