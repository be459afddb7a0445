/* SPDX-License-Identifier: Apache-2.0 */
#include "node/agent_cmdline.h"

#include "model/attrs.h"
#include "model/text.h"

#include <stdio.h>
#include <string.h>

static const char *const path_options[] = {"--config", "-config", "--cfgpath", "-cfgpath", "-c"};

/** The argument behind one, or NULL. */
static const char *next_arg(const char *text, size_t len, const char *arg)
{
	const char *next = arg + strlen(arg) + 1;

	return next < text + len ? next : NULL;
}

/** Value of the option that @p arg is: inside it or behind it; NULL when it is another one. */
static const char *option_value(const char *text, size_t len, const char *arg)
{
	for (size_t i = 0; i < COUNT_OF(path_options); i++) {
		size_t n = strlen(path_options[i]);

		if (strncmp(arg, path_options[i], n) != 0) {
			continue;
		}
		if (arg[n] == '=') {
			return arg + n + 1;
		}
		if (arg[n] == '\0') {
			return next_arg(text, len, arg);
		}
		/* The short one takes its value without anything between. */
		if (text_eq(path_options[i], "-c") && !text_starts(arg, "-cfgpath") &&
		    !text_starts(arg, "-config")) {
			return arg + n;
		}
	}
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text);
	size_t n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static void take_path(const char *value, struct agent_cmdline *ret)
{
	bool is_file = ends_with(value, ".yaml");
	int n = snprintf(ret->path, sizeof(ret->path), "%s%s", value,
	                 is_file ? "" : "/system-probe.yaml");

	ret->named = true;
	if (n < 0 || (size_t)n >= sizeof(ret->path)) {
		ret->path[0] = '\0';
	}
}

void agent_cmdline_parse(const char *text, size_t len, struct agent_cmdline *ret)
{
	const char *arg = len > 0 ? next_arg(text, len, text) : NULL;

	*ret = (struct agent_cmdline){.daemon = true};
	(void)snprintf(ret->path, sizeof(ret->path), "%s", AGENT_CONFIG_PATH);
	/* Without a command it runs; with one that is not `run` it does something else. */
	if (arg && arg[0] != '-' && arg[0] != '\0' && !text_eq(arg, "run")) {
		ret->daemon = false;
	}
	for (; arg; arg = next_arg(text, len, arg)) {
		const char *value = option_value(text, len, arg);

		if (value && value[0] != '\0') {
			take_path(value, ret);
		}
		if (value && value > arg + strlen(arg)) {
			arg = value; /* not an option of its own */
		}
	}
}
