/* SPDX-License-Identifier: Apache-2.0 */
/**
 * options.h - the command line as a struct: one table of commands, one of options.
 */
#ifndef TCAUDIT_CLI_OPTIONS_H
#define TCAUDIT_CLI_OPTIONS_H

#include "analyzer/rules.h"
#include "model/err.h"
#include "model/out.h"
#include "reports/report.h"

#include <stdbool.h>
#include <stdint.h>

/** What to do. Values are bits, so that an option can name the commands that take it. */
enum command {
	CMD_CHECK = 1u << 0,
	CMD_SCAN = 1u << 1,
	CMD_EXPLAIN = 1u << 2,
};

/** --color and --progress. */
enum when {
	WHEN_AUTO,
	WHEN_ALWAYS,
	WHEN_NEVER,
};

/** One --report FMT=FILE. */
struct report_to {
	const struct format *format;
	const char *file;
};

/** Everything said on the command line and in the environment. Strings point into argv. */
struct options {
	enum command command;
	bool command_named; /**< It was said, not the default. */
	bool help, version;
	const char *from;            /**< --from; "-" is standard input; NULL: this node. */
	const struct format *format; /**< Never NULL after parsing. */
	const char *output;          /**< --output; NULL: standard output. */
	struct report_to *reports;
	uint32_t n_reports;
	const char **netns;
	uint32_t n_netns;
	const char **devs;
	uint32_t n_devs;
	const char **only;
	uint32_t n_only;
	const char **skip;
	uint32_t n_skip;
	uint32_t priority;          /**< 0: not given. */
	const char *agent_version;  /**< --agent-version; a version. NULL: not given. */
	const char *cilium_version; /**< --cilium-version, the same. */
	const char *agent_config;   /**< --agent-config, or NULL. */
	const char *vendors;        /**< --vendors; NULL: the built-in table. */
	const char *ignore_file;    /**< --ignore-file. */
	uint32_t fail_on;           /**< enum fail_on bits. */
	enum when color, progress;
	bool quiet;
	uint32_t verbose;
	const char *proc;   /**< Never NULL. */
	const char *sys;    /**< Never NULL. */
	uint32_t timeout_s; /**< 0: none. */
	uint32_t max_netns; /**< 0: no bound. */
	const char *record;
	const struct rule *rule; /**< explain CODE; NULL: all of them. */
	uint32_t program;        /**< explain --program; 0: not given. */
	const char *vendor;      /**< explain --vendor: an id, or "list". */
};

/**
 * Parse and check everything. --help and --version win over other mistakes that follow them.
 *
 * @return 0, or -EINVAL with one line in @p err that ends with the nearest valid word; -ENOMEM.
 */
ATTR_MUSTUSE int options_parse(int argc, char **argv, struct options *ret, struct err *err);
void options_done(struct options *opts);

/** Help of the whole program, or of one command. */
void options_help(const struct options *opts, bool of_command, struct out *o);

#endif
