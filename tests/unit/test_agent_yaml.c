/* SPDX-License-Identifier: Apache-2.0 */
/* layers: node model */
#include "node/agent_yaml.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_BYTES ((size_t)1 << 20)

/** Settings as one text: "key=value" lines in the order of the table. */
static char *read_yaml(const char *bytes, size_t len, int *ret_code, struct err *err)
{
	struct settings settings = {0};
	struct arena arena;
	char *exact = malloc(len > 0 ? len : 1);
	char *text = calloc(1, LIMIT_BYTES);
	size_t used = 0;

	cr_assert(exact && text);
	memcpy(exact, bytes, len);
	arena_init(&arena, LIMIT_BYTES);
	*ret_code = agent_yaml_read(exact, len, &arena, &settings, err);
	for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
		const struct snap_config *row = &settings.rows[i];

		if (row->key) {
			used += (size_t)snprintf(text + used, LIMIT_BYTES - used, "%s=%s\n",
			                         row->key, row->value);
		}
	}
	arena_done(&arena);
	free(exact);
	return text;
}

#define EM "event_monitoring_config.network."
#define RS "runtime_security_config.network."

static const struct {
	const char *name, *yaml, *want;
} good_cases[] = {
	{"empty", "", ""},
	{"comment alone", "# nothing\n", ""},
	{"null document", "---\n~\n", ""},
	{"nested", "runtime_security_config:\n  network:\n    classifier_priority: 7\n",
         RS "classifier_priority=7\n"},
	{"both spellings",
         "runtime_security_config: {network: {enabled: false}}\n"
         "event_monitoring_config: {network: {enabled: true}}\n",
         EM "enabled=true\n" RS "enabled=false\n"},
	{"dots in a key", "event_monitoring_config.network.classifier_priority: 3\n",
         EM "classifier_priority=3\n"},
	{"dots in parts", "event_monitoring_config:\n  network.ingress.enabled: no\n",
         EM "ingress.enabled=no\n"},
	{"key in other letters", "Event_Monitoring_Config:\n  NETWORK:\n    Enabled: True\n",
         "Event_Monitoring_Config.NETWORK.Enabled=True\n"},
	{"nothing of keys and neighbours",
         "api_key: 0123\nruntime_security_config:\n  enabled: true\n  socket: /x\n"
         "  network:\n    classifier_handle: 2\n    secret: s\nnetwork_config:\n  enabled: true\n",
         RS "classifier_handle=2\nruntime_security_config.enabled=true\n"},
	{"enforcement", "runtime_security_config: {enforcement: {enabled: 'false'}}",
         "runtime_security_config.enforcement.enabled=false\n"},
	{"not of the newer spelling", "event_monitoring_config: {enabled: true}", ""},
	{"quotes keep what would be null", "event_monitoring_config: {network: {enabled: \"\"}}",
         EM "enabled=\n"},
	{"null sets nothing",
         "event_monitoring_config:\n  network:\n    enabled:\n    classifier_priority: ~\n"
         "    classifier_handle: null\n",
         ""},
	{"list", "event_monitoring_config: {network: {lazy_interface_prefixes: [a, 'b c']}}",
         EM "lazy_interface_prefixes=a,b c\n"},
	{"map where a value belongs", "event_monitoring_config: {network: {enabled: {a: b}}}", ""},
	{"value where a map belongs", "event_monitoring_config: {network: true}", ""},
	{"last of equal keys", "runtime_security_config: {network: {enabled: 1, enabled: 2}}\n",
         RS "enabled=2\n"},
	{"last of equal maps, whole",
         "runtime_security_config: {network: {enabled: true, classifier_priority: 4}}\n"
         "runtime_security_config: {network: {enabled: false}}\n",
         RS "enabled=false\n"},
	{"a map that is taken back",
         "runtime_security_config: {network: {enabled: true}}\nruntime_security_config: ~\n", ""},
	{"first document alone",
         "event_monitoring_config.network.enabled: a\n---\n"
         "event_monitoring_config.network.enabled: b\n",
         EM "enabled=a\n"},
	{"alias of a value",
         "x: &p 9\nevent_monitoring_config: {network: {classifier_priority: *p}}\n",
         EM "classifier_priority=9\n"},
	{"alias of a map",
         "event_monitoring_config: &m {network: {enabled: false}}\nruntime_security_config: *m\n",
         EM "enabled=false\n" RS "enabled=false\n"},
	{"anchor set again", "a: &p 1\nb: &p 2\nevent_monitoring_config.network.enabled: *p\n",
         EM "enabled=2\n"},
	{"merged map, what is spelled out wins",
         "d: &d {classifier_priority: 5, enabled: true}\nevent_monitoring_config:\n  network:\n"
         "    enabled: false\n    <<: *d\n",
         EM "enabled=false\n" EM "classifier_priority=5\n"},
	{"merged maps, the first wins",
         "a: &a {enabled: 1}\nb: &b {enabled: 2, classifier_handle: 3}\n"
         "event_monitoring_config: {network: {<<: [*a, *b]}}\n",
         EM "enabled=1\n" EM "classifier_handle=3\n"},
	{"a quoted << is a key", "event_monitoring_config: {network: {\"<<\": {enabled: 1}}}", ""},
	{"keys that are no texts", "? [a, b]\n: c\n? {d: e}\n: f\nevent_monitoring_config: {}\n",
         ""},
	{"block text", "event_monitoring_config:\n  network:\n    enabled: |\n      true\n",
         EM "enabled=true\n\n"},
	{"control bytes by escape", "event_monitoring_config.network.enabled: \"\\e[31m\\u00e9\"\n",
         EM "enabled=\x1b[31m\xc3\xa9\n"},
	{"tabs and Windows line ends",
         "event_monitoring_config:\r\n  network:\r\n    enabled: true\r\n", EM "enabled=true\n"},
};

Test(agent_yaml, good)
{
	for (size_t i = 0; i < COUNT_OF(good_cases); i++) {
		struct err err = {0};
		int r = 0;
		char *got = read_yaml(good_cases[i].yaml, strlen(good_cases[i].yaml), &r, &err);

		cr_expect_eq(r, 0, "%s: %s", good_cases[i].name, err.text);
		cr_expect_str_eq(got, good_cases[i].want, "%s: %s", good_cases[i].name, got);
		free(got);
	}
}

static const struct {
	const char *name, *yaml;
	int want;
	const char *text;
} bad_cases[] = {
	{"not closed", "a: 1\nb: [1, 2\nc: 3\n", -EBADMSG, "line 3: "},
	{"tab as indentation", "a:\n\tb: 1\n", -EBADMSG, "line 2: "},
	{"not UTF-8", "a: 1\nb: \xff\n", -EBADMSG, "line 2: "},
	{"control byte", "a: 1\n\nb: \x01\n", -EBADMSG, "line 3: control characters"},
	{"unknown alias", "a: 1\nb: *x\n", -EBADMSG, "line 2: an alias of no anchor"},
	{"a list", "- a\n", -EBADMSG, "line 1: not a map"},
	{"a text", "\n\nhello\n", -EBADMSG, "line 3: not a map"},
	{"list in a list", "event_monitoring_config.network.enabled: [[1]]", -EBADMSG,
         "line 1: a list in a list"},
	{"merge of a text in a list", "event_monitoring_config: {<<: [a]}", -EBADMSG,
         "line 1: merges what is no map"},
	{"map within itself", "event_monitoring_config: &m\n  <<: *m\n", -EFBIG,
         "aliases lead in a circle"},
};

Test(agent_yaml, bad)
{
	for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
		struct err err = {0};
		int r = 0;
		char *got = read_yaml(bad_cases[i].yaml, strlen(bad_cases[i].yaml), &r, &err);

		cr_expect_eq(r, bad_cases[i].want, "%s: %s", bad_cases[i].name, strerror(-r));
		cr_expect(strstr(err.text, bad_cases[i].text), "%s: %s", bad_cases[i].name,
		          err.text);
		free(got);
	}
}

/** Fill a buffer with a piece again and again. */
static char *repeated(const char *piece, size_t len)
{
	char *bytes = malloc(len + 1);
	size_t n = strlen(piece);

	cr_assert_not_null(bytes);
	for (size_t i = 0; i < len; i++) {
		bytes[i] = piece[i % n];
	}
	bytes[len] = '\0';
	return bytes;
}

/** Files made to cost time: each is answered at once. */
static const struct {
	const char *name, *piece;
	int want; /**< 1: any answer, as the last piece is cut. */
} hostile_cases[] = {
	{"brackets", "[", -EFBIG},
	{"braces", "{", -EFBIG},
	{"dashes", "- ", -EFBIG},
	{"question marks", "? ", -EFBIG},
	{"directives", "%TAG !a! b\n", -EFBIG},
	{"empty list members", "a: [,,,,,,\n", 1},
	{"keys", "event_monitoring_config:\n", 1},
	{"short keys", "a:\n", 1},
	{"anchors", "- &a b\n", -EFBIG},
	{"one long text", "x", -EBADMSG},
	{"quotes", "'", 1},
	{"stars", "*", 1},
	{"exclamation marks", "!", 1},
	{"colons", ": ", 1},
	{"spaces", " ", 0},
	{"lines", "\n", 0},
	{"hashes", "#", 0},
	{"bytes that are no text", "\x80", -EBADMSG},
	{"settings", "runtime_security_config: {network: {enabled: 1}}\n", 1},
	{"merges", "<<: {<<: {<<: {a: b}}}\n", 1},
};

Test(agent_yaml, hostile, .timeout = 300)
{
	for (size_t i = 0; i < COUNT_OF(hostile_cases); i++) {
		char *bytes = repeated(hostile_cases[i].piece, AGENT_YAML_BYTES);
		struct err err = {0};
		clock_t start = clock();
		int r = 0;

		free(read_yaml(bytes, AGENT_YAML_BYTES, &r, &err));

		double s = (double)(clock() - start) / CLOCKS_PER_SEC;

		cr_expect(hostile_cases[i].want == 1 || r == hostile_cases[i].want, "%s: %d, %s",
		          hostile_cases[i].name, r, err.text);
		cr_expect_lt(s, 10, "%s: %.1f s", hostile_cases[i].name, s);
		free(bytes);
	}
}

/** Nine aliases of nine aliases of nine ...: not one of them is copied. */
Test(agent_yaml, billion_laughs)
{
	char yaml[8192] = "";
	size_t used = 0;
	struct err err = {0};
	int r = 0;

	used += (size_t)snprintf(yaml, sizeof(yaml), "m0: &m0 {network: {enabled: x}}\n");
	for (int level = 1; level < 20; level++) {
		used += (size_t)snprintf(yaml + used, sizeof(yaml) - used,
		                         "m%d: &m%d {<<: [*m%d, *m%d, *m%d, *m%d, *m%d]}\n", level,
		                         level, level - 1, level - 1, level - 1, level - 1,
		                         level - 1);
	}
	(void)snprintf(yaml + used, sizeof(yaml) - used, "event_monitoring_config: *m19\n");
	free(read_yaml(yaml, strlen(yaml), &r, &err));
	cr_expect_eq(r, -EFBIG, "%d", r);
	cr_expect(strstr(err.text, "too many values"), "%s", err.text);
}

Test(agent_yaml, too_long)
{
	char *bytes = repeated(" ", AGENT_YAML_BYTES + 1);
	struct err err = {0};
	int r = 0;

	free(read_yaml(bytes, AGENT_YAML_BYTES + 1, &r, &err));
	cr_expect_eq(r, -EFBIG);
	free(bytes);

	char *value = repeated("x", SETTING_VALUE_BYTES + 1);

	cr_assert_gt(asprintf(&bytes, EM "enabled: %s", value), 0);
	free(value);
	free(read_yaml(bytes, strlen(bytes), &r, &err));
	cr_expect_eq(r, -EFBIG, "%s", err.text);
	free(bytes);
}

Test(agent_yaml, no_memory)
{
	static const char yaml[] = "runtime_security_config: {network: {enabled: true}}";
	struct settings settings = {0};
	struct arena arena;
	struct err err = {0};

	arena_init(&arena, 8);
	cr_expect_eq(agent_yaml_read(yaml, strlen(yaml), &arena, &settings, &err), -ENOMEM);
	arena_done(&arena);
}
