/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "tests/unit/report_fixture.h"

#include <stdio.h>

typedef void snippet_fn(uint32_t priority, const char *agent_version, struct out *o);

/** Render into @p mem, which the caller frees. */
static const char *snippet(snippet_fn *fn, uint32_t priority, const char *version,
                           struct out_mem *mem)
{
	struct out o;

	out_init(&o, out_mem_write, mem);
	fn(priority, version, &o);
	cr_assert_eq(out_flush(&o), 0);
	return mem->bytes;
}

#define OLD_YAML "runtime_security_config:\n  network:\n    classifier_priority: 4\n"
#define NEW_YAML "event_monitoring_config:\n  network:\n    classifier_priority: 4\n"

enum spelling {
	OLD,
	NEW,
	BOTH
};

static const struct {
	const char *name;
	const char *version;
	enum spelling want;
} spelling_cases[] = {
	{"last old one", "7.44.1", OLD},
	{"no patch level", "7.44", OLD},
	{"first fixed one", "7.39.2", OLD},
	{"first new one", "7.45.0", NEW},
	{"candidate of the first new one", "7.45.0-rc.3", NEW},
	{"with a v", "v7.50", NEW},
	{"of a package", "1:7.44.1-1", OLD},
	{"of a newer package", "1:7.50.3-1", NEW},
	{"build suffix", "7.85.5+git.12", NEW},
	{"pre-release of Debian", "7.45~rc1", NEW},
	{"next major", "8.0.0", NEW},
	{"minor of three digits", "7.100.1", NEW},
	{"unknown", NULL, BOTH},
	{"empty", "", BOTH},
	{"word", "latest", BOTH},
	{"major only", "7", BOTH},
	{"major and dot", "7.", BOTH},
	{"letters in the minor", "7.44x", BOTH},
	{"too large to be one", "7.99999999999999999999", BOTH},
	{"another product line", "6.44.0", BOTH},
	{"blank in front", " 7.44", BOTH},
	{"negative", "-7.44", BOTH},
	{"epoch without a version", "1:", BOTH},
};

Test(snippets, spelling_follows_version)
{
	for (size_t i = 0; i < COUNT_OF(spelling_cases); i++) {
		const char *name = spelling_cases[i].name;
		struct out_mem mem = {0};
		const char *text =
			snippet(snippet_system_probe_yaml, 4, spelling_cases[i].version, &mem);

		switch (spelling_cases[i].want) {
		case OLD:
			cr_expect_str_eq(text, OLD_YAML, "%s: %s", name, text);
			break;
		case NEW:
			cr_expect_str_eq(text, NEW_YAML, "%s: %s", name, text);
			break;
		case BOTH:
			cr_expect_eq(text[0], '#', "%s: %s", name, text);
			cr_expect_not_null(strstr(text, "7.44"), "%s", name);
			cr_expect_not_null(strstr(text, "runtime_security_config"), "%s", name);
			cr_expect_not_null(strstr(text, "wins"), "%s", name);
			cr_expect_not_null(strstr(text, "\n" NEW_YAML), "%s: %s", name, text);
			break;
		}
		out_mem_done(&mem);
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

#define VARIABLE "DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY"

static const struct {
	const char *name;
	snippet_fn *fn;
	const char *version;
	const char *path;
	const char *want; /* type and value: an environment variable has to be text */
} yaml_cases[] = {
	{"old key", snippet_system_probe_yaml, "7.44.0",
         "runtime_security_config/network/classifier_priority", "int 4\n"},
	{"new key", snippet_system_probe_yaml, "7.50.0",
         "event_monitoring_config/network/classifier_priority", "int 4\n"},
	{"both explained", snippet_system_probe_yaml, NULL,
         "event_monitoring_config/network/classifier_priority", "int 4\n"},
	{"helm", snippet_helm_values, NULL, "agents/containers/systemProbe/envDict/" VARIABLE,
         "str 4\n"},
	{"operator name", snippet_operator, NULL,
         "spec/override/nodeAgent/containers/system-probe/env/0/name", "str " VARIABLE "\n"},
	{"operator value", snippet_operator, NULL,
         "spec/override/nodeAgent/containers/system-probe/env/0/value", "str 4\n"},
};

Test(snippets, yaml_says_what_it_should)
{
	if (!have_yaml()) {
		cr_skip_test("python3 with yaml is not here");
	}
	for (size_t i = 0; i < COUNT_OF(yaml_cases); i++) {
		struct out_mem mem = {0};
		char got[256];

		read_yaml(snippet(yaml_cases[i].fn, 4, yaml_cases[i].version, &mem),
		          yaml_cases[i].path, got, sizeof(got));
		cr_expect_str_eq(got, yaml_cases[i].want, "%s: %s", yaml_cases[i].name, got);
		out_mem_done(&mem);
	}
}

/** Without a YAML parser: no tabs, indents of two, every line ended. */
Test(snippets, structure)
{
	static snippet_fn *const all[] = {snippet_system_probe_yaml, snippet_helm_values,
	                                  snippet_operator, snippet_environment};

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		struct out_mem mem = {0};
		const char *text = snippet(all[i], 65535, NULL, &mem);

		cr_expect_not_null(strstr(text, "65535"), "%zu", i);
		cr_expect_null(strchr(text, '\t'), "%zu", i);
		cr_expect_eq(text[strlen(text) - 1], '\n', "%zu", i);
		for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
			cr_expect_eq(strspn(line, " ") % 2, 0, "%zu: %s", i, line);
		}
		out_mem_done(&mem);
	}
}

Test(snippets, environment)
{
	struct out_mem mem = {0};
	const char *text = snippet(snippet_environment, 1, "7.50.0", &mem);

	cr_expect_not_null(strstr(text, "\n" VARIABLE "=1\n"), "%s", text);
	cr_expect_not_null(strstr(text, "system-probe"), "%s", text);
	out_mem_done(&mem);
}
