/* SPDX-License-Identifier: Apache-2.0 */
/* layers: node model */
#include "model/text.h"
#include "node/agent_cmdline.h"
#include "node/agent_version.h"
#include "node/settings.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 20)
#define EM          "DD_EVENT_MONITORING_CONFIG_"
#define RS          "DD_RUNTIME_SECURITY_CONFIG_"

/** Literals with NULs inside. */
#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *name;
	const char *env;
	size_t len;
	const char *want;
} env_cases[] = {
	{"nothing", BYTES(""), ""},
	{"others", BYTES("PATH=/bin\0DD_API_KEY=secret\0"), ""},
	{"both prefixes set the newer key, that of its name first",
         BYTES(RS "NETWORK_ENABLED=no\0" EM "NETWORK_ENABLED=yes\0"),
         "event_monitoring_config.network.enabled=yes " EM "NETWORK_ENABLED\n"
         "event_monitoring_config.network.enabled=no " RS "NETWORK_ENABLED\n"},
	{"older key", BYTES(RS "ENABLED=true\0" EM "ENABLED=true\0"),
         "runtime_security_config.enabled=true " RS "ENABLED\n"},
	{"empty is not set", BYTES(RS "ENABLED=\0"), ""},
	{"first of equal names", BYTES(RS "ENABLED=1\0" RS "ENABLED=2\0"),
         "runtime_security_config.enabled=1 " RS "ENABLED\n"},
	{"longer and shorter names", BYTES(RS "ENABLED_X=1\0" RS "ENABLE=2\0X" RS "ENABLED=3\0"),
         ""},
	{"no equals sign", BYTES(RS "ENABLED\0"), ""},
	{"no NUL at the end", BYTES(RS "ENABLED=1"),
         "runtime_security_config.enabled=1 " RS "ENABLED\n"},
	{"not UTF-8", BYTES(RS "ENABLED=\xff\0"),
         "runtime_security_config.enabled=\\xff " RS "ENABLED\n"},
	{"parts of parts",
         BYTES(EM "NETWORK_FLOW_MONITOR_SK_STORAGE_ENABLED=1\0" EM
                  "NETWORK_RAW_CLASSIFIER_HANDLE=4\0"),
         "event_monitoring_config.network.raw_classifier_handle=4 " EM
         "NETWORK_RAW_CLASSIFIER_HANDLE\n"
         "event_monitoring_config.network.flow_monitor.sk_storage.enabled=1 " EM
         "NETWORK_FLOW_MONITOR_SK_STORAGE_ENABLED\n"},
};

Test(settings, environment)
{
	for (size_t i = 0; i < COUNT_OF(env_cases); i++) {
		struct settings settings = {0};
		struct arena arena;
		char got[2048] = "";
		size_t used = 0;

		arena_init(&arena, LIMIT_BYTES);
		cr_expect_eq(
			settings_from_env(env_cases[i].env, env_cases[i].len, &arena, &settings), 0,
			"%s", env_cases[i].name);
		for (size_t k = 0; k < N_SETTING_SLOTS; k++) {
			const struct snap_config *row = &settings.rows[k];

			if (row->key) {
				used += (size_t)snprintf(got + used, sizeof(got) - used,
				                         "%s=%s %s\n", row->key, row->value,
				                         row->where);
			}
		}
		cr_expect_str_eq(got, env_cases[i].want, "%s: %s", env_cases[i].name, got);
		arena_done(&arena);
	}
}

Test(settings, keys)
{
	cr_expect_geq(setting_slot("RUNTIME_security_config.Network.enabled"), 0);
	cr_expect_eq(setting_slot("event_monitoring_config.enabled"), -1);
	cr_expect_eq(setting_slot("event_monitoring_config.network"), -1);
	cr_expect_eq(setting_slot("api_key"), -1);
	cr_expect(setting_is_part("event_monitoring_config.NETWORK"));
	cr_expect(setting_is_part("runtime_security_config"));
	cr_expect_not(setting_is_part("runtime_security"));
	cr_expect_not(setting_is_part("event_monitoring_config.network.enabled"));
}

Test(settings, forget_and_keep)
{
	static const struct setting_text one = {"runtime_security_config.network.enabled", "1",
	                                        NULL};
	static const struct setting_text two = {"runtime_security_config.enabled", "2", "VAR"};
	struct settings settings = {0};
	struct snapshot snap;

	snap_init(&snap, SNAP_ARENA_BYTES);
	cr_assert_eq(setting_set(&settings, (size_t)setting_slot(one.key), &one, &snap.arena), 0);
	cr_assert_eq(setting_set(&settings, (size_t)setting_slot(two.key), &two, &snap.arena), 0);
	cr_assert_eq(settings_keep(&snap, &settings, "environment", NULL), 0);
	setting_forget(&settings, "RUNTIME_SECURITY_CONFIG.network");
	cr_assert_eq(settings_keep(&snap, &settings, "file", "/x"), 0);
	cr_assert_eq(snap.agent.n_config, 3);
	cr_expect_str_eq(snap.agent.config[0].value, "1");
	cr_expect_null(snap.agent.config[0].where);
	cr_expect_str_eq(snap.agent.config[1].where, "VAR");
	cr_expect_str_eq(snap.agent.config[2].where, "/x");
	cr_expect_str_eq(snap.agent.config[2].source, "file");
	snap_done(&snap);
}

static const struct {
	const char *name;
	const char *args;
	size_t len;
	bool daemon;
	const char *path;
} cmdline_cases[] = {
	{"bare", BYTES("system-probe\0"), true, AGENT_CONFIG_PATH},
	{"run", BYTES("/opt/x/system-probe\0run\0"), true, AGENT_CONFIG_PATH},
	{"as the unit file has it",
         BYTES("system-probe\0run\0--config=/etc/dd/system-probe.yaml\0--pid=/x\0"), true,
         "/etc/dd/system-probe.yaml"},
	{"directory", BYTES("system-probe\0--config=/etc/dd\0"), true, "/etc/dd/system-probe.yaml"},
	{"short", BYTES("system-probe\0-c\0/a.yaml\0"), true, "/a.yaml"},
	{"short, joined", BYTES("system-probe\0-c/a.yaml\0"), true, "/a.yaml"},
	{"short, equals sign", BYTES("system-probe\0-c=/a.yaml\0"), true, "/a.yaml"},
	{"formerly", BYTES("system-probe\0--cfgpath\0/d\0"), true, "/d/system-probe.yaml"},
	{"last one counts", BYTES("system-probe\0-c\0/a.yaml\0--config\0/b.yaml\0"), true,
         "/b.yaml"},
	{"value that looks like an option", BYTES("system-probe\0-c\0-c/x.yaml\0"), true,
         "-c/x.yaml"},
	{"value missing", BYTES("system-probe\0--config\0"), true, AGENT_CONFIG_PATH},
	{"value empty", BYTES("system-probe\0--config=\0"), true, AGENT_CONFIG_PATH},
	{"another option", BYTES("system-probe\0--configuration=/x\0--no-color\0"), true,
         AGENT_CONFIG_PATH},
	{"another command", BYTES("system-probe\0runtime\0self-test\0"), false, AGENT_CONFIG_PATH},
	{"relative", BYTES("system-probe\0-c\0x.yaml\0"), true, "x.yaml"},
	{"nothing", BYTES(""), true, AGENT_CONFIG_PATH},
	{"no NUL at the end", BYTES("system-probe\0-c\0/a.yaml"), true, "/a.yaml"},
};

Test(settings, command_line)
{
	for (size_t i = 0; i < COUNT_OF(cmdline_cases); i++) {
		struct agent_cmdline got;

		agent_cmdline_parse(cmdline_cases[i].args, cmdline_cases[i].len, &got);
		cr_expect_eq(got.daemon, cmdline_cases[i].daemon, "%s", cmdline_cases[i].name);
		cr_expect_str_eq(got.path, cmdline_cases[i].path, "%s: %s", cmdline_cases[i].name,
		                 got.path);
	}
}

static const struct {
	const char *name;
	const char *text;
	const char *want; /**< NULL: none. */
} version_cases[] = {
	{"release", "datadog-agent 7.50.3\n\nComponent  Version\n", "7.50.3"},
	{"candidate", "datadog-agent 7.60.0-rc.4\r\n", "7.60.0-rc.4"},
	{"built from a branch", "datadog-agent 7.60.0-devel+git.12.0ab3f9c",
         "7.60.0-devel+git.12.0ab3f9c"},
	{"of another package", "datadog-iot-agent 7.44.1\n", "7.44.1"},
	{"no version", "datadog-agent\n", NULL},
	{"not a manifest", "hello 7.50.3\n", NULL},
	{"a word", "datadog-agent seven\n", NULL},
	{"control bytes", "datadog-agent 7.5\x1b[31m\n", NULL},
	{"empty", "", NULL},
	{"json", "{\"manifest_format\":2,\"software\":{},\"build_version\":\"7.51.0\"}", "7.51.0"},
	{"json without it", "{\"build_git_revision\":\"7\"}", NULL},
	{"json with a number", "{\"build_version\":7}", NULL},
	{"json that ends early", "{\"build_version\":\"7.51.0\"", NULL},
};

Test(settings, version)
{
	for (size_t i = 0; i < COUNT_OF(version_cases); i++) {
		const char *text = version_cases[i].text;
		char got[AGENT_VERSION_BYTES] = "";
		bool found = text[0] == '{' ? agent_version_of_json(text, strlen(text), got)
		                            : agent_version_of_text(text, got);

		cr_expect_eq(found, version_cases[i].want != NULL, "%s", version_cases[i].name);
		cr_expect(!found || text_eq(got, version_cases[i].want), "%s: %s",
		          version_cases[i].name, got);
	}
}
