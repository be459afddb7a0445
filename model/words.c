/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the contract for the enumerations of snapshot.h and findings.h, both ways. */
#include "model/abi.h"
#include "model/findings.h"
#include "model/snapshot.h"

#include <stdio.h>
#include <string.h>

/** Find @p word in a table of words. @return its index, or @p n. */
static size_t index_of(const char *const words[], size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && strcmp(words[i], word) != 0) {
		i++;
	}
	return i;
}

static const char *const severity_words[] = {
	[SEV_INFO] = "info",
	[SEV_WARN] = "warn",
	[SEV_FAIL] = "fail",
};

const char *severity_word(enum severity severity)
{
	return severity_words[severity];
}

static const char *const finding_state_words[] = {
	[FINDING_OPEN] = "open",
	[FINDING_SUPPRESSED] = "suppressed",
	[FINDING_NOT_EVALUATED] = "not-evaluated",
};

const char *finding_state_word(enum finding_state state)
{
	return finding_state_words[state];
}

static const char *const match_strength_words[] = {
	[MATCH_HINT] = "hint",
	[MATCH_LIKELY] = "likely",
	[MATCH_DECISIVE] = "decisive",
};

const char *match_strength_word(enum match_strength strength)
{
	return match_strength_words[strength];
}

static const char *const effect_words[] = {
	[EFFECT_NEVER] = "never", [EFFECT_ON] = "on",       [EFFECT_MAY_END] = "may-end",
	[EFFECT_ENDS] = "ends",   [EFFECT_DROPS] = "drops",
};

const char *effect_word(enum effect effect)
{
	return effect_words[effect];
}

static const char *const action_words[] = {
	[ACTION_NONE] = "none",
	[ACTION_SET_PRIORITY] = "set-priority",
	[ACTION_FIX_VENDOR] = "fix-vendor",
	[ACTION_UPGRADE_AGENT] = "upgrade-agent",
	[ACTION_DISABLE_NETWORK] = "disable-network",
	[ACTION_INVESTIGATE] = "investigate",
};

const char *action_word(enum action action)
{
	return action_words[action];
}

static const char *const priority_source_words[] = {
	[PRIORITY_DEFAULT] = "default",         [PRIORITY_FILE] = "file",
	[PRIORITY_ENVIRONMENT] = "environment", [PRIORITY_OPTION] = "option",
	[PRIORITY_RUNNING] = "running",
};

const char *priority_source_word(enum priority_source source)
{
	return priority_source_words[source];
}

static const char *const check_status_words[] = {
	[CHECK_PASS] = "pass",
	[CHECK_WARN] = "warn",
	[CHECK_FAIL] = "fail",
	[CHECK_UNKNOWN] = "unknown",
	[CHECK_NOT_APPLICABLE] = "not-applicable",
};

const char *check_status_word(enum check_status status)
{
	return check_status_words[status];
}

static const char *const hook_words[] = {
	[HOOK_XDP] = "xdp",
	[HOOK_TCX_INGRESS] = "tcx/ingress",
	[HOOK_CLSACT_INGRESS] = "clsact/ingress",
	[HOOK_INGRESS] = "ingress",
	[HOOK_TCX_EGRESS] = "tcx/egress",
	[HOOK_CLSACT_EGRESS] = "clsact/egress",
	[HOOK_QDISC] = "qdisc",
	[HOOK_NETKIT_PRIMARY] = "netkit/primary",
	[HOOK_NETKIT_PEER] = "netkit/peer",
};
_Static_assert(COUNT_OF(hook_words) == N_HOOK_TYPES, "a word for each hook");

const char *hook_type_word(enum hook_type type)
{
	return hook_words[type];
}

const char *snap_hook_word(const struct snap_hook *hook, char *buf, size_t size)
{
	if (hook->type == HOOK_QDISC) {
		(void)snprintf(buf, size, "qdisc/%x:%x", hook->classid >> 16,
		               hook->classid & 0xFFFFu);
	} else {
		(void)snprintf(buf, size, "%s", hook_words[hook->type]);
	}
	return buf;
}

/**
 * One to four hexadecimal digits and nothing else: no sign, blank or prefix, which strtoul() would
 * take. @return what follows them, or NULL.
 */
static const char *parse_hex16(const char *text, uint32_t *ret)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint32_t value = 0;
	int n = 0;

	for (; *text != '\0' && n < 5; text++, n++) {
		const char *digit = strchr(digits, *text);

		if (!digit) {
			break;
		}
		value = value << 4 | ((uint32_t)(digit - digits) & 0xFu);
	}
	if (n < 1 || n > 4) {
		return NULL;
	}
	*ret = value;
	return text;
}

static bool parse_classid(const char *text, uint32_t *ret)
{
	uint32_t major = 0;
	uint32_t minor = 0;

	text = parse_hex16(text, &major);
	if (!text || *text != ':') {
		return false;
	}
	text = parse_hex16(text + 1, &minor);
	if (!text || *text != '\0') {
		return false;
	}
	*ret = major << 16 | minor;
	return true;
}

bool hook_type_from_word(const char *word, enum hook_type *ret_type, uint32_t *ret_classid)
{
	static const char qdisc[] = "qdisc/";
	size_t i = index_of(hook_words, COUNT_OF(hook_words), word);
	uint32_t classid = 0;

	if (strncmp(word, qdisc, sizeof(qdisc) - 1) == 0) {
		if (!parse_classid(word + sizeof(qdisc) - 1, &classid)) {
			return false;
		}
		i = HOOK_QDISC;
	} else if (i == COUNT_OF(hook_words) || i == HOOK_QDISC) {
		return false; /* "qdisc" alone names no hook */
	}
	*ret_type = (enum hook_type)i;
	*ret_classid = classid;
	return true;
}

/** Ethernet protocols by the names of linux/if_ether.h and of tc. */
static const struct {
	const char *word;
	uint16_t protocol;
} protocols[] = {
	{"all", ABI_ETH_P_ALL}, {"ip", 0x0800},      {"ipv6", 0x86DD},
	{"802.1Q", 0x8100},     {"802.1ad", 0x88A8}, {"arp", 0x0806},
};

const char *protocol_word(uint16_t protocol, char *buf, size_t size)
{
	for (size_t i = 0; i < COUNT_OF(protocols); i++) {
		if (protocols[i].protocol == protocol) {
			(void)snprintf(buf, size, "%s", protocols[i].word);
			return buf;
		}
	}
	(void)snprintf(buf, size, "0x%04x", protocol);
	return buf;
}

bool protocol_from_word(const char *word, uint16_t *ret_protocol)
{
	uint32_t value = 0;

	for (size_t i = 0; i < COUNT_OF(protocols); i++) {
		if (strcmp(protocols[i].word, word) == 0) {
			*ret_protocol = protocols[i].protocol;
			return true;
		}
	}
	if (strncmp(word, "0x", 2) != 0) {
		return false;
	}

	const char *end = parse_hex16(word + 2, &value);

	if (!end || *end != '\0') {
		return false;
	}
	*ret_protocol = (uint16_t)value;
	return true;
}

static const char *const act_words[] = {
	[ACT_UNSPEC] = "unspec",   [ACT_OK] = "ok",         [ACT_RECLASSIFY] = "reclassify",
	[ACT_SHOT] = "shot",       [ACT_PIPE] = "pipe",     [ACT_STOLEN] = "stolen",
	[ACT_QUEUED] = "queued",   [ACT_REPEAT] = "repeat", [ACT_REDIRECT] = "redirect",
	[ACT_TRAP] = "trap",       [ACT_JUMP] = "jump",     [ACT_GOTO_CHAIN] = "goto_chain",
	[ACT_UNKNOWN] = "unknown",
};
_Static_assert(COUNT_OF(act_words) == N_ACT_CONTROLS, "a word for each control");

const char *act_control_word(enum act_control control)
{
	return act_words[control];
}

bool act_control_from_word(const char *word, enum act_control *ret_control)
{
	size_t i = index_of(act_words, COUNT_OF(act_words), word);

	if (i == COUNT_OF(act_words)) {
		return false;
	}
	*ret_control = (enum act_control)i;
	return true;
}

static const char *const step_words[] = {
	[VERDICT_STEP_TAKEN] = "taken", [VERDICT_STEP_NOT_TAKEN] = "not-taken",
	[VERDICT_STEP_CALL] = "call",   [VERDICT_STEP_RETURN] = "return",
	[VERDICT_STEP_TAIL] = "tail",   [VERDICT_STEP_TAIL_FAIL] = "tail-fail",
	[VERDICT_STEP_THROW] = "throw", [VERDICT_STEP_EXIT] = "exit",
};
_Static_assert(COUNT_OF(step_words) == N_VERDICT_STEPS, "a word for each step");

const char *verdict_step_word(enum verdict_step_kind kind)
{
	return step_words[kind];
}

bool verdict_step_from_word(const char *word, enum verdict_step_kind *ret_kind)
{
	size_t i = index_of(step_words, COUNT_OF(step_words), word);

	if (i == COUNT_OF(step_words)) {
		return false;
	}
	*ret_kind = (enum verdict_step_kind)i;
	return true;
}

enum act_control act_control_from_number(int32_t number, uint32_t *ret_arg)
{
	static const enum act_control plain[] = {
		[ABI_ACT_OK] = ACT_OK,         [ABI_ACT_RECLASSIFY] = ACT_RECLASSIFY,
		[ABI_ACT_SHOT] = ACT_SHOT,     [ABI_ACT_PIPE] = ACT_PIPE,
		[ABI_ACT_STOLEN] = ACT_STOLEN, [ABI_ACT_QUEUED] = ACT_QUEUED,
		[ABI_ACT_REPEAT] = ACT_REPEAT, [ABI_ACT_REDIRECT] = ACT_REDIRECT,
		[ABI_ACT_TRAP] = ACT_TRAP,
	};
	uint32_t bits = (uint32_t)number;
	uint32_t arg = 0;
	enum act_control control = ACT_UNKNOWN;

	if (number == ABI_ACT_UNSPEC) {
		control = ACT_UNSPEC;
	} else if (bits < COUNT_OF(plain)) {
		control = plain[bits];
	} else if (bits >> ABI_ACT_EXT_SHIFT == ABI_ACT_JUMP) {
		control = ACT_JUMP;
		arg = bits & ABI_ACT_EXT_VALUE;
	} else if (bits >> ABI_ACT_EXT_SHIFT == ABI_ACT_GOTO) {
		control = ACT_GOTO_CHAIN;
		arg = bits & ABI_ACT_EXT_VALUE;
	}
	if (ret_arg) {
		*ret_arg = arg;
	}
	return control;
}

/* What hangs below a thing that could not be read is missing as well. */
#define FACETS_BELOW_QDISCS (FACET_QDISCS | FACET_FILTERS)
#define FACETS_BELOW_LINKS  (FACET_LINKS | FACETS_BELOW_QDISCS | FACET_TCX | FACET_NETKIT)
#define FACETS_BELOW_NETNS  (FACET_NETNS | FACETS_BELOW_LINKS)

/** One row for each gap kind. */
static const struct {
	const char *word;
	uint32_t facets;
	const char *hint;
} gap_kinds[] = {
	[GAP_NETNS_UNREADABLE] =
		{"netns-unreadable", FACETS_BELOW_NETNS,
                 "Run as root in the host's pid namespace (CAP_SYS_ADMIN and CAP_SYS_PTRACE), or "
                 "give --proc with the host's /proc."},
	[GAP_NETNS_UNREACHABLE] =
		{"netns-unreachable", FACETS_BELOW_NETNS,
                 "Nothing that could be opened leads to this namespace; run in the host's pid "
                 "namespace, give --proc with the host's /proc, or name it with --netns."},
	[GAP_PROC_UNREADABLE] = {"proc-unreadable",
                                 FACETS_BELOW_NETNS | FACET_PROCESSES | FACET_AGENT,
                                 "Run as root with CAP_SYS_PTRACE, and give --proc when the host's "
                                 "/proc is mounted "
                                 "elsewhere."},
	[GAP_LINKS_UNREADABLE] =
		{"links-unreadable", FACETS_BELOW_LINKS,
                 "Repeat the run; if it stays, attach the output of --record to a report."},
	[GAP_QDISCS_UNREADABLE] =
		{"qdiscs-unreadable", FACETS_BELOW_QDISCS,
                 "Repeat the run; if it stays, attach the output of --record to a report."},
	[GAP_FILTERS_UNREADABLE] =
		{"filters-unreadable", FACET_FILTERS,
                 "Repeat the run; if it stays, attach the output of --record to a report."},
	[GAP_TCX_UNREADABLE] = {"tcx-unreadable", FACET_TCX,
                                "Querying TCX programs needs CAP_NET_ADMIN; run as root."},
	[GAP_NETKIT_UNREADABLE] = {"netkit-unreadable", FACET_NETKIT,
                                   "Querying netkit programs needs CAP_NET_ADMIN; run as root."},
	[GAP_PROGS_UNREADABLE] =
		{"programs-unreadable", FACET_PROGS,
                 "Reading programs and maps by id needs CAP_SYS_ADMIN (or CAP_BPF where ids can be "
                 "opened with it); run as root."},
	[GAP_DUMP_CHANGING] =
		{"dump-changing", FACETS_BELOW_LINKS,
                 "The namespace changed faster than it could be read; repeat when it is calmer."},
	[GAP_NOT_UNDERSTOOD] = {"not-understood", FACETS_BELOW_LINKS | FACET_PROGS,
                                "Use a newer tcaudit; if there is none, attach the output of "
                                "--record to a report."},
	[GAP_LIMIT] = {"limit", FACETS_ALL,
                       "A bound of this program cut the run; raise --max-netns, or narrow the run "
                       "with --netns and --dev."},
	[GAP_TIMEOUT] =
		{"timeout", FACETS_ALL,
                 "Give more time with --timeout, or narrow the run with --netns and --dev."},
	[GAP_AGENT_UNREADABLE] =
		{"agent-unreadable", FACET_AGENT,
                 "Run as root in the host's pid namespace, or give the Agent's settings with "
                 "--agent-config and its version with --agent-version."},
	[GAP_PINS_UNREADABLE] = {"pins-unreadable", FACET_PINS,
                                 "Opening pins needs CAP_SYS_ADMIN or CAP_BPF; run as root, and "
                                 "give --sys when the "
                                 "host's /sys is mounted elsewhere."},
	[GAP_FROM_FILE] = {"unknown", FACETS_ALL,
                           "The snapshot comes from a newer tcaudit; read it with that version."},
};
_Static_assert(COUNT_OF(gap_kinds) == N_GAP_KINDS, "a row for each gap kind");

const char *facet_words(enum snap_facet facet)
{
	switch (facet) {
	case FACET_NETNS:
		return "namespaces";
	case FACET_LINKS:
		return "interfaces";
	case FACET_QDISCS:
		return "qdiscs";
	case FACET_FILTERS:
		return "filters";
	case FACET_TCX:
		return "TCX lists";
	case FACET_NETKIT:
		return "netkit lists";
	case FACET_PROGS:
		return "programs";
	case FACET_PROCESSES:
		return "processes";
	case FACET_AGENT:
		return "settings of the Agent";
	case FACET_PINS:
		return "pins";
	}
	return "parts of the node";
}

static const char *const pin_kind_words[] = {
	[PIN_PROG] = "prog",
	[PIN_MAP] = "map",
	[PIN_LINK] = "link",
};
_Static_assert(COUNT_OF(pin_kind_words) == N_PIN_KINDS, "a word for each kind of pin");

const char *pin_kind_word(enum pin_kind kind)
{
	return pin_kind_words[kind];
}

bool pin_kind_from_word(const char *word, enum pin_kind *ret_kind)
{
	for (size_t i = 0; i < COUNT_OF(pin_kind_words); i++) {
		if (strcmp(pin_kind_words[i], word) == 0) {
			*ret_kind = (enum pin_kind)i;
			return true;
		}
	}
	return false;
}

const char *gap_kind_word(enum gap_kind kind)
{
	return gap_kinds[kind].word;
}

bool gap_kind_from_word(const char *word, enum gap_kind *ret_kind)
{
	for (size_t i = 0; i < COUNT_OF(gap_kinds); i++) {
		/* GAP_FROM_FILE stands for words that are not in the table */
		if (i != GAP_FROM_FILE && strcmp(gap_kinds[i].word, word) == 0) {
			*ret_kind = (enum gap_kind)i;
			return true;
		}
	}
	return false;
}

const char *gap_kind_hint(enum gap_kind kind)
{
	return gap_kinds[kind].hint;
}

uint32_t gap_kind_facets(enum gap_kind kind)
{
	return gap_kinds[kind].facets;
}
