/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "reports/snippets.h"
#include "tests/unit/report_fixture.h"

#include <stdio.h>

#define OLD      "runtime_security_config"
#define NEW      "event_monitoring_config"
#define VARIABLE "DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY"
#define NEW_VAR  "DD_EVENT_MONITORING_CONFIG_NETWORK_CLASSIFIER_PRIORITY"
#define ENABLED  "DD_RUNTIME_SECURITY_CONFIG_NETWORK_ENABLED"

/** One node's Agent and what is recommended for it. */
struct node {
	enum action action;
	uint32_t priority;
	const char *version;
	struct snap_config config[2]; /**< Ends at key == NULL. */
};

static struct snippet snippet_for(const struct node *node)
{
	struct snap_config config[2] = {node->config[0], node->config[1]};
	struct snapshot snap = {.agent = {.config = config}};
	struct findings f = {.advice = {.action = node->action, .priority = node->priority},
	                     .agent_version = node->version};
	const struct report rep = {.snap = &snap, .findings = &f};

	while (snap.agent.n_config < COUNT_OF(config) && config[snap.agent.n_config].key != NULL) {
		snap.agent.n_config++;
	}
	/* Variables of the table are literals: they outlive the copy. */
	return snippet_of(&rep);
}

/** Render into @p mem, which the caller frees. */
static const char *snippet(enum snippet_kind kind, const struct node *node, struct out_mem *mem)
{
	struct snippet what = snippet_for(node);
	struct out o;

	out_init(&o, out_mem_write, mem);
	snippet_rows[kind].write(&what, &o);
	cr_assert_eq(out_flush(&o), 0);
	return mem->bytes;
}

#define SET_4(...)                                                                                 \
	{                                                                                          \
		ACTION_SET_PRIORITY, 4, __VA_ARGS__                                                \
	}
#define OFF(...)                                                                                   \
	{                                                                                          \
		ACTION_DISABLE_NETWORK, 0, __VA_ARGS__                                             \
	}

static const struct {
	const char *name;
	const char *version;
	const char *section;
	bool both;
} spelling_cases[] = {
	{"last old one", "7.44.1", OLD, false},
	{"no patch level", "7.44", OLD, false},
	{"first fixed one", "7.39.2", OLD, false},
	{"first new one", "7.45.0", NEW, false},
	{"candidate of the first new one", "7.45.0-rc.3", NEW, false},
	{"with a v", "v7.50", NEW, false},
	{"of a package", "1:7.44.1-1", OLD, false},
	{"of a newer package", "1:7.50.3-1", NEW, false},
	{"build suffix", "7.85.5+git.12", NEW, false},
	{"pre-release of Debian", "7.45~rc1", NEW, false},
	{"next major", "8.0.0", NEW, false},
	{"minor of three digits", "7.100.1", NEW, false},
	{"unknown", NULL, NEW, true},
	{"empty", "", NEW, true},
	{"word", "latest", NEW, true},
	{"major only", "7", NEW, true},
	{"major and dot", "7.", NEW, true},
	{"letters in the minor", "7.44x", NEW, true},
	{"too large to be one", "7.99999999999999999999", NEW, true},
	{"another product line", "6.44.0", NEW, true},
	{"blank in front", " 7.44", NEW, true},
	{"negative", "-7.44", NEW, true},
	{"epoch without a version", "1:", NEW, true},
};

Test(snippets, spelling_follows_version)
{
	for (size_t i = 0; i < COUNT_OF(spelling_cases); i++) {
		const char *name = spelling_cases[i].name;
		const struct node node = SET_4(spelling_cases[i].version, {{0}});
		struct snippet what = snippet_for(&node);
		struct out_mem mem = {0};
		const char *text = snippet(SNIPPET_YAML, &node, &mem);
		char want[128];

		(void)snprintf(want, sizeof(want), "%s:\n  network:\n    classifier_priority: 4\n",
		               spelling_cases[i].section);
		cr_expect_str_eq(what.section, spelling_cases[i].section, "%s", name);
		cr_expect_eq(what.both_sections, spelling_cases[i].both, "%s", name);
		cr_expect_not_null(strstr(text, want), "%s: %s", name, text);
		cr_expect_eq(text == strstr(text, want), !spelling_cases[i].both, "%s: %s", name,
		             text);
		cr_expect_eq(strstr(text, "wins") != NULL, spelling_cases[i].both, "%s", name);
		out_mem_done(&mem);
	}
}

#define OLD_KEY  OLD ".network.classifier_priority"
#define NEW_KEY  NEW ".network.classifier_priority"
#define OLD_OFF  OLD ".network.enabled"
#define FROM_ENV "environment"

static const struct vote_case {
	const char *name;
	struct node node;
	const char *section;
	const char *variable;
	bool file_wins, variable_wins;
} vote_cases[] = {
	{"nothing is set", SET_4("7.60.0", {{0}}), NEW, VARIABLE, false, false},
	{"file, deprecated key", SET_4("7.60.0", {{OLD_KEY, "10", "file", "f"}}), OLD, VARIABLE,
         true, false},
	{"file of the option", SET_4("7.60.0", {{OLD_KEY, "10", "option-file", "f"}}), OLD,
         VARIABLE, true, false},
	{"file, new key", SET_4("7.60.0", {{NEW_KEY, "10", "file", "f"}}), NEW, VARIABLE, false,
         false},
	{"file, deprecated key, version unknown", SET_4(NULL, {{OLD_KEY, "10", "file", "f"}}), OLD,
         VARIABLE, true, false},
	{"file, the only key there was", SET_4("7.40.0", {{OLD_KEY, "10", "file", "f"}}), OLD,
         VARIABLE, false, false},
	{"another deprecated key", SET_4("7.60.0", {{OLD_OFF, "true", "file", "f"}}), NEW, VARIABLE,
         false, false},
	{"a key that ends the same",
         SET_4("7.60.0", {{OLD ".other.classifier_priority", "1", "file", "f"}}), NEW, VARIABLE,
         false, false},
	{"environment", SET_4("7.60.0", {{NEW_KEY, "10", FROM_ENV, NEW_VAR}}), NEW, NEW_VAR, false,
         true},
	{"environment, old prefix", SET_4("7.60.0", {{OLD_KEY, "10", FROM_ENV, VARIABLE}}), NEW,
         VARIABLE, false, true},
	{"environment and deprecated key",
         SET_4("7.60.0", {{NEW_KEY, "10", FROM_ENV, NEW_VAR}, {OLD_KEY, "9", "file", "f"}}), OLD,
         NEW_VAR, true, false},
	{"environment and file before the split",
         SET_4("7.40.0", {{OLD_KEY, "10", FROM_ENV, VARIABLE}, {OLD_KEY, "9", "file", "f"}}), OLD,
         VARIABLE, false, true},
	{"name that is none", SET_4("7.60.0", {{NEW_KEY, "10", FROM_ENV, "DD_X\nA=b"}}), NEW,
         VARIABLE, false, true},
	{"name of another", SET_4("7.60.0", {{NEW_KEY, "10", FROM_ENV, "PATH"}}), NEW, VARIABLE,
         false, true},
	{"off", OFF("7.60.0", {{0}}), NEW, ENABLED, false, false},
	{"off, Helm's file", OFF("7.60.0", {{OLD_OFF, "true", "file", "f"}}), OLD, ENABLED, true,
         false},
	{"off, priority in the file", OFF("7.60.0", {{OLD_KEY, "10", "file", "f"}}), NEW, ENABLED,
         false, false},
};

Test(snippets, what_outvotes_what)
{
	for (size_t i = 0; i < COUNT_OF(vote_cases); i++) {
		const struct vote_case *c = &vote_cases[i];
		struct snippet what = snippet_for(&c->node);

		cr_expect_str_eq(what.section, c->section, "%s", c->name);
		cr_expect_str_eq(what.variable, c->variable, "%s: %s", c->name, what.variable);
		cr_expect_eq(what.file_wins, c->file_wins, "%s", c->name);
		cr_expect_eq(what.variable_wins, c->variable_wins, "%s", c->name);
	}
}

static const struct {
	const char *name;
	enum action action;
	uint32_t priority;
	enum snippet_goal want;
	const char *value;
} goal_cases[] = {
	{"none", ACTION_NONE, 0, SNIPPET_NOTHING, ""},
	{"set", ACTION_SET_PRIORITY, 65535, SNIPPET_PRIORITY, "65535"},
	{"vendor", ACTION_FIX_VENDOR, 0, SNIPPET_NOTHING, ""},
	{"vendor, and a better value", ACTION_FIX_VENDOR, 3, SNIPPET_PRIORITY, "3"},
	{"investigate", ACTION_INVESTIGATE, 0, SNIPPET_NOTHING, ""},
	{"upgrade", ACTION_UPGRADE_AGENT, 4, SNIPPET_OFF, "false"},
	{"off", ACTION_DISABLE_NETWORK, 0, SNIPPET_OFF, "false"},
};

Test(snippets, goals)
{
	for (size_t i = 0; i < COUNT_OF(goal_cases); i++) {
		const struct node node = {
			goal_cases[i].action, goal_cases[i].priority, NULL, {{0}}};
		struct snippet what = snippet_for(&node);

		cr_expect_eq(what.goal, goal_cases[i].want, "%s", goal_cases[i].name);
		cr_expect_str_eq(what.value, goal_cases[i].value, "%s", goal_cases[i].name);
		cr_expect_eq(what.until_upgrade, goal_cases[i].action == ACTION_UPGRADE_AGENT, "%s",
		             goal_cases[i].name);
	}
}

/** A program that reads one snippet and prints the value at a path, parsed as YAML. */
static const char reader[] = "import sys, yaml\n"
			     "d = yaml.safe_load(sys.stdin)\n"
			     "for k in sys.argv[1].split('/'):\n"
			     "    d = d[int(k)] if isinstance(d, list) else d[k]\n"
			     "print(type(d).__name__, d)\n";

static bool have_yaml(void)
{
	/* A fixed command: nothing from outside reaches the shell. */
	return system("python3 -c 'import yaml' 2>/dev/null") == 0; /* NOLINT(cert-env33-c) */
}

/** What YAML finds at @p path; @p ret is a line. */
static void read_yaml(const char *text, const char *path, char *ret, size_t size)
{
	char in[] = "/tmp/tcaudit-snippet-XXXXXX";
	int fd = mkstemp(in);
	char command[1024];
	FILE *pipe;

	cr_assert_geq(fd, 0);
	FILE *file = fdopen(fd, "w");

	cr_assert_not_null(file);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
	(void)snprintf(command, sizeof(command), "python3 -c \"%s\" %s < %s", reader, path, in);
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
	cr_assert_not_null(pipe);
	cr_assert_not_null(fgets(ret, (int)size, pipe), "%s", text);
	cr_assert_eq(pclose(pipe), 0, "%s", text);
	cr_assert_eq(remove(in), 0);
}

static const struct {
	const char *name;
	enum snippet_kind kind;
	struct node node;
	const char *path;
	const char *want; /* type and value: an environment variable has to be text */
} yaml_cases[] = {
	{"old key", SNIPPET_YAML, SET_4("7.44.0", {{0}}), OLD "/network/classifier_priority",
         "int 4\n"},
	{"new key", SNIPPET_YAML, SET_4("7.50.0", {{0}}), NEW "/network/classifier_priority",
         "int 4\n"},
	{"both explained", SNIPPET_YAML, SET_4(NULL, {{0}}), NEW "/network/classifier_priority",
         "int 4\n"},
	{"key that is there", SNIPPET_YAML, SET_4("7.50.0", {{OLD_KEY, "10", "file", "f"}}),
         OLD "/network/classifier_priority", "int 4\n"},
	{"off", SNIPPET_YAML, OFF("7.50.0", {{0}}), NEW "/network/enabled", "bool False\n"},
	{"helm", SNIPPET_HELM, SET_4(NULL, {{0}}),
         "agents/containers/systemProbe/envDict/" VARIABLE, "str 4\n"},
	{"helm off", SNIPPET_HELM, OFF(NULL, {{0}}),
         "datadog/securityAgent/runtime/network/enabled", "bool False\n"},
	{"operator version", SNIPPET_OPERATOR, SET_4(NULL, {{0}}), "apiVersion",
         "str datadoghq.com/v2alpha1\n"},
	{"operator kind", SNIPPET_OPERATOR, SET_4(NULL, {{0}}), "kind", "str DatadogAgent\n"},
	{"operator object", SNIPPET_OPERATOR, SET_4(NULL, {{0}}), "metadata/name", "str datadog\n"},
	{"operator name", SNIPPET_OPERATOR, SET_4(NULL, {{0}}),
         "spec/override/nodeAgent/containers/system-probe/env/0/name", "str " VARIABLE "\n"},
	{"operator value", SNIPPET_OPERATOR, SET_4(NULL, {{0}}),
         "spec/override/nodeAgent/containers/system-probe/env/0/value", "str 4\n"},
	{"operator off, name", SNIPPET_OPERATOR, OFF(NULL, {{0}}),
         "spec/override/nodeAgent/containers/system-probe/env/0/name", "str " ENABLED "\n"},
	{"operator off, value", SNIPPET_OPERATOR, OFF(NULL, {{0}}),
         "spec/override/nodeAgent/containers/system-probe/env/0/value", "str false\n"},
	{"operator off, feature", SNIPPET_OPERATOR, OFF(NULL, {{0}}),
         "spec/features/cws/network/enabled", "bool False\n"},
};

Test(snippets, yaml_says_what_it_should)
{
	if (!have_yaml()) {
		cr_skip_test("python3 with yaml is not here");
	}
	for (size_t i = 0; i < COUNT_OF(yaml_cases); i++) {
		struct out_mem mem = {0};
		char got[256];

		read_yaml(snippet(yaml_cases[i].kind, &yaml_cases[i].node, &mem),
		          yaml_cases[i].path, got, sizeof(got));
		cr_expect_str_eq(got, yaml_cases[i].want, "%s: %s", yaml_cases[i].name, got);
		out_mem_done(&mem);
	}
}

/** Without a YAML parser: no tabs, indents of two, short lines, every line ended. */
static void check_structure(const char *name, const char *text)
{
	cr_expect_null(strchr(text, '\t'), "%s", name);
	cr_expect_eq(text[strlen(text) - 1], '\n', "%s", name);
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		cr_expect_eq(strspn(line, " ") % 2, 0, "%s: %s", name, line);
		cr_expect_leq(strcspn(line, "\n"), 74, "%s: %s", name, line);
	}
}

Test(snippets, structure)
{
	for (size_t i = 0; i < COUNT_OF(vote_cases); i++) {
		for (size_t kind = 0; kind < N_SNIPPETS; kind++) {
			struct out_mem mem = {0};

			check_structure(vote_cases[i].name, snippet((enum snippet_kind)kind,
			                                            &vote_cases[i].node, &mem));
			out_mem_done(&mem);
		}
	}
}

static const struct {
	const char *name;
	enum snippet_kind kind;
	struct node node;
	const char *want;
} trap_cases[] = {
	{"variable", SNIPPET_ENV, SET_4("7.50.0", {{0}}), "\n" VARIABLE "=4\n"},
	{"variable, off", SNIPPET_ENV, OFF("7.50.0", {{0}}), "\n" ENABLED "=false\n"},
	{"whose environment", SNIPPET_ENV, SET_4("7.50.0", {{0}}), "system-probe"},
	{"not under Helm", SNIPPET_ENV, OFF("7.50.0", {{0}}), "Not under Helm"},
	{"file outvotes", SNIPPET_ENV, SET_4("7.50.0", {{OLD_KEY, "9", "file", "f"}}),
         "sets\n# " OLD_KEY},
	{"file outvotes, Helm", SNIPPET_HELM, SET_4("7.50.0", {{OLD_KEY, "9", "file", "f"}}),
         "sets\n# " OLD_KEY},
	{"file outvotes, Operator", SNIPPET_OPERATOR,
         SET_4("7.50.0", {{OLD_KEY, "9", "file", "f"}}), "sets\n# " OLD_KEY},
	{"environment outvotes", SNIPPET_YAML, SET_4("7.50.0", {{NEW_KEY, "9", FROM_ENV, NEW_VAR}}),
         "# " NEW_VAR " is set"},
	{"key that is there", SNIPPET_YAML, SET_4("7.50.0", {{OLD_KEY, "9", "file", "f"}}),
         "has this deprecated key,"},
	{"the chart's file", SNIPPET_HELM, OFF("7.50.0", {{0}}), "the chart always writes"},
	{"the Operator's false", SNIPPET_OPERATOR, OFF("7.50.0", {{0}}),
         "sets nothing; the variable"},
	{"upgrade",
         SNIPPET_YAML,
         {ACTION_UPGRADE_AGENT, 0, "7.38.0", {{0}}},
         "# Only until the Agent is 7.39.2 or later"},
	{"upgrade, key",
         SNIPPET_YAML,
         {ACTION_UPGRADE_AGENT, 0, "7.38.0", {{0}}},
         OLD ":\n  network:\n    enabled: false\n"},
};

Test(snippets, traps_are_named)
{
	for (size_t i = 0; i < COUNT_OF(trap_cases); i++) {
		struct out_mem mem = {0};
		const char *text = snippet(trap_cases[i].kind, &trap_cases[i].node, &mem);

		cr_expect_not_null(strstr(text, trap_cases[i].want), "%s: %s", trap_cases[i].name,
		                   text);
		out_mem_done(&mem);
	}
}

/** A whole format, for a node whose names are hostile: comments stay comments. */
static const struct {
	const char *name;
	render_fn *render;
} format_cases[] = {
	{"yaml", render_check_yaml},
	{"helm", render_check_helm},
	{"operator", render_check_operator},
	{"env", render_check_env},
};

static void check_format(struct fixture *fx, const char *name, render_fn *render, bool sets)
{
	struct out_mem mem = {0};
	struct out o;
	bool found = false;

	out_init(&o, out_mem_write, &mem);
	render(&fx->rep, &o);
	cr_assert_eq(out_flush(&o), 0);
	for (const char *line = mem.bytes; *line != '\0'; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");

		found = found || line[0] != '#';
		for (size_t i = 0; i < len; i++) {
			cr_expect(line[i] >= ' ' && line[i] <= '~', "%s: byte %d", name, line[i]);
		}
		cr_expect(line[len - 1] != '\\', "%s: a line that is joined to the next", name);
		cr_expect(len <= 100 || memchr(line, ' ', len - 80) != NULL, "%s: %s", name, line);
	}
	cr_expect_eq(found, sets, "%s: %s", name, mem.bytes);
	cr_expect_not_null(strstr(mem.bytes, "# Cilium has a setting that helps: prio"), "%s: %s",
	                   name, mem.bytes);
	cr_expect_not_null(strstr(mem.bytes, "\n#     bpf:\n#       filter: 2\n"), "%s: %s", name,
	                   mem.bytes);
	out_mem_done(&mem);
}

Test(snippets, formats)
{
	static struct vendor_advice setting = {
		.vendor = "cilium",
		.name = "Cilium",
		.setting = "prio",
		.how = "Set it.",
		.paste = "bpf:\n  filter: 2",
	};

	for (size_t i = 0; i < COUNT_OF(format_cases); i++) {
		struct fixture fx;

		fixture_init(&fx);
		fx.snap.hostname = "a\nb: c\xe2\x80\xa8"
				   "d: e";
		fx.f.advice.settings = &setting;
		fx.f.advice.n_settings = 1;
		fx.f.advice.action = ACTION_FIX_VENDOR;
		fx.f.advice.reason = "name\n- x: [ \x1b[31m \xff \\";
		check_format(&fx, format_cases[i].name, format_cases[i].render, false);
		fx.f.advice.priority = 3;
		check_format(&fx, format_cases[i].name, format_cases[i].render, true);
		fixture_done(&fx);
	}
}
