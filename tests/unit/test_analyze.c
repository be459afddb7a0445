/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/analyze.h"
#include "analyzer/keytab.h"
#include "analyzer/rules.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

#include <errno.h>
#include <time.h>

#define IN  HOOK_CLSACT_INGRESS
#define OUT HOOK_CLSACT_EGRESS

static const struct finding *find_code(const struct findings *f, const char *code)
{
	for (uint32_t i = 0; i < f->n; i++) {
		if (strcmp(f->rows[i].code, code) == 0) {
			return &f->rows[i];
		}
	}
	return NULL;
}

static uint32_t count_code(const struct findings *f, const char *code)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		n += strcmp(f->rows[i].code, code) == 0;
	}
	return n;
}

static void run(const struct snapshot *snap, const struct analyze_options *opts,
                struct findings *ret)
{
	struct err err = {0};

	findings_init(ret, BUILD_BYTES);
	cr_assert_eq(analyze(snap, opts, ret, &err), 0, "%s", err.text);
}

/** @p n interfaces in one namespace, each with the program @p first_id + i at priority 1. */
static void build_many(struct snapshot *snap, uint32_t n, uint32_t first_ifindex, uint32_t first_id,
                       const char *prefix)
{
	uint32_t netns = build_netns(snap, 1, true);
	char name[32];

	for (uint32_t i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%s%u", prefix, i);

		uint32_t link = build_link(snap, netns, first_ifindex + i, name);

		build_entry(snap, build_hook(snap, link, IN),
		            (struct snap_entry){BPF(1, first_id + i)});
		build_prog(snap, first_id + i, "cil_from_container", BIT(OK));
	}
	build_seal(snap);
}

Test(analyze, equal_findings_are_one)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {0};

	snap_init(&snap, BUILD_BYTES);
	build_many(&snap, 40, 100, 1, "veth");
	run(&snap, &opts, &got);

	const struct finding *f = find_code(&got, "TC101");

	cr_assert_not_null(f);
	cr_expect_eq(count_code(&got, "TC101"), 1);
	cr_expect_eq(f->count, 40);
	cr_expect_eq(f->n_places, FINDING_MAX_PLACES);
	for (uint32_t i = 0; i < f->n_places; i++) {
		cr_expect_eq(f->places[i].link, i, "place %u: link %u", i, f->places[i].link);
		cr_expect_eq(f->places[i].prog_id, i + 1);
	}
	cr_expect_eq(got.advice.n_blocked_by, 1);
	cr_expect_eq(got.advice.blocked_by[0].count, 40);
	findings_done(&got);
	snap_done(&snap);
}

Test(analyze, fingerprint_survives_renumbering)
{
	struct snapshot one;
	struct snapshot other;
	struct findings a;
	struct findings b;
	struct analyze_options opts = {0};

	snap_init(&one, BUILD_BYTES);
	snap_init(&other, BUILD_BYTES);
	build_many(&one, 3, 100, 1, "veth");
	build_many(&other, 1, 7, 900, "lxc");
	run(&one, &opts, &a);
	run(&other, &opts, &b);

	const struct finding *f = find_code(&a, "TC101");
	const struct finding *g = find_code(&b, "TC101");

	cr_assert(f != NULL && g != NULL);
	cr_expect_eq(f->fingerprint, g->fingerprint);
	findings_done(&a);
	findings_done(&b);
	snap_done(&one);
	snap_done(&other);
}

/** What makes a finding another one, and what does not. */
static const struct print_case {
	const char *name;
	enum hook_type type;
	struct snap_entry entry;
	const char *prog;
	const char *vendor;
	bool same; /**< As the first row. */
} prints[] = {
	{"the first", IN, {BPF(3, 1)}, "plain_from", NULL, true},
	{"another handle", IN, {AT_BPF(3, 9, 1)}, "plain_from", NULL, true},
	{"another filter name",
         IN,
         {BPF(3, 1), .name = "plain_from-eth9"},
         "plain_from",
         NULL,
         true},
	{"another priority", IN, {BPF(4, 1)}, "plain_from", NULL, false},
	{"another direction", OUT, {BPF(3, 1)}, "plain_from", NULL, false},
	{"another program", IN, {BPF(3, 1)}, "plain_to", NULL, false},
	{"another vendor", IN, {BPF(3, 1)}, "plain_from", "cilium", false},
};

static uint64_t print_of(const struct print_case *c, const char *code)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {.vendors = build_vendors()};
	struct snap_prog prog = {.id = 1,
	                         .name = c->prog,
	                         .vendor = c->vendor,
	                         .returns = {.codes = BIT(OK), .exact = true}};

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");

	build_entry(&snap, build_hook(&snap, link, c->type), c->entry);
	cr_assert_eq(snap_add_prog(&snap, &prog, NULL), 0);
	build_seal(&snap);
	run(&snap, &opts, &got);

	const struct finding *f = find_code(&got, code);

	cr_assert_not_null(f, "%s", c->name);

	uint64_t print = f->fingerprint;

	findings_done(&got);
	snap_done(&snap);
	return print;
}

Test(analyze, fingerprint_parts)
{
	uint64_t first = print_of(&prints[0], "TC102");

	for (size_t i = 1; i < COUNT_OF(prints); i++) {
		cr_expect_eq(print_of(&prints[i], "TC102") == first, prints[i].same, "%s",
		             prints[i].name);
	}
}

/* Without a program's name, the filter's counts, less what libraries append. */
static const struct named_case {
	const char *name;
	const char *first, *second;
	bool same;
} named[] = {
	{"program id appended", "flow:[12]", "flow:[345]", true},
	{"device appended", "cil_from-eth0", "cil_from-eth1", true},
	{"section kept", "bpf_lxc.o:[from-container]", "bpf_lxc.o:[to-container]", false},
	{"empty brackets kept", "flow:[]", "flow", false},
	{"other names", "one", "two", false},
};

/** Two interfaces, eth0 and eth1, with one nameless program and a filter name each. */
static uint32_t count_named(const struct named_case *c)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {0};

	snap_init(&snap, BUILD_BYTES);
	uint32_t netns = build_netns(&snap, 1, true);
	uint32_t eth0 = build_link(&snap, netns, 2, "eth0");
	uint32_t eth1 = build_link(&snap, netns, 3, "eth1");

	build_entry(&snap, build_hook(&snap, eth0, IN),
	            (struct snap_entry){BPF(3, 1), .name = c->first});
	build_entry(&snap, build_hook(&snap, eth1, IN),
	            (struct snap_entry){BPF(3, 1), .name = c->second});
	build_prog(&snap, 1, NULL, BIT(OK));
	build_seal(&snap);
	run(&snap, &opts, &got);

	uint32_t n = count_code(&got, "TC102");

	findings_done(&got);
	snap_done(&snap);
	return n;
}

Test(analyze, filter_names_are_cleaned)
{
	for (size_t i = 0; i < COUNT_OF(named); i++) {
		cr_expect_eq(count_named(&named[i]), named[i].same ? 1 : 2, "%s", named[i].name);
	}
}

Test(analyze, the_worst_of_equals_speaks)
{
	struct snapshot snap;
	struct findings got;
	struct analyze_options opts = {0};

	snap_init(&snap, BUILD_BYTES);
	uint32_t netns = build_netns(&snap, 1, true);

	for (uint32_t i = 0; i < 20; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "eth%u", i);
		build_entry(&snap, build_hook(&snap, build_link(&snap, netns, i + 1, name), IN),
		            (struct snap_entry){BPF(1, i == 18 ? 2 : 1)});
	}
	build_prog(&snap, 1, "p", CODES_ALL);
	build_prog(&snap, 2, "p", BIT(OK));
	build_seal(&snap);
	run(&snap, &opts, &got);

	const struct finding *f = find_code(&got, "TC101");

	cr_assert_not_null(f);
	cr_expect_eq(count_code(&got, "TC101"), 1);
	cr_expect_eq(f->severity, SEV_FAIL);
	cr_expect_eq(f->count, 20);
	cr_expect_eq(f->n_places, FINDING_MAX_PLACES);
	cr_expect_eq(f->places[0].link, 18);
	cr_expect_eq(f->places[1].link, 0);
	cr_expect_eq(f->places[15].link, 14);
	cr_expect(strncmp(f->message, "eth18 in host", 13) == 0, "%s", f->message);
	findings_done(&got);
	snap_done(&snap);
}

/** One of each severity: FAIL TC102, WARN TC202, INFO TC208, TC505 and TC902. */
static void build_mixed(struct snapshot *snap)
{
	uint32_t link = build_link(snap, build_netns(snap, 1, true), 2, "eth0");
	uint32_t root = build_hook(snap, link, HOOK_QDISC);

	snap->hooks[root].classid = 0x10000;
	build_entry(snap, build_hook(snap, link, IN), (struct snap_entry){BPF(5, 1)});
	build_entry(snap, build_hook(snap, link, HOOK_XDP), (struct snap_entry){ATTACHED(2)});
	build_entry(snap, root, (struct snap_entry){PLAIN("u32", 1)});
	build_prog(snap, 1, "vendor_ok", BIT(OK));
	build_prog(snap, 2, "xdp_lb", CODES_ALL);
}

static const struct choice_case {
	const char *name;
	const char *only[2];
	const char *skip[2];
	uint32_t n_fail, n_warn, n_info;
} choices[] = {
	{"all", {0}, {0}, 1, 1, 3},
	{"without one", {0}, {"TC102"}, 0, 1, 3},
	{"in lower case", {0}, {"tc102"}, 0, 1, 3},
	{"one only", {"TC202"}, {0}, 0, 1, 0},
	{"skip is stronger", {"TC202", "TC102"}, {"TC202"}, 1, 0, 0},
	{"nothing left", {"TC101"}, {0}, 0, 0, 0},
};

static uint32_t count_list(const char *const *list)
{
	uint32_t n = 0;

	while (n < 2 && list[n] != NULL) {
		n++;
	}
	return n;
}

Test(analyze, chosen_rules)
{
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		const struct choice_case *c = &choices[i];
		struct analyze_options opts = {.only = c->only,
		                               .n_only = count_list(c->only),
		                               .skip = c->skip,
		                               .n_skip = count_list(c->skip)};
		struct snapshot snap;
		struct findings got;

		snap_init(&snap, BUILD_BYTES);
		build_mixed(&snap);
		build_seal(&snap);
		run(&snap, &opts, &got);
		cr_expect_eq(got.n, 5, "%s: %u", c->name, got.n);
		cr_expect_eq(got.n_fail, c->n_fail, "%s: fail %u", c->name, got.n_fail);
		cr_expect_eq(got.n_warn, c->n_warn, "%s: warn %u", c->name, got.n_warn);
		cr_expect_eq(got.n_info, c->n_info, "%s: info %u", c->name, got.n_info);
		for (uint32_t k = 0; k < got.n; k++) {
			cr_expect(got.rows[k].state == FINDING_OPEN ||
			                  got.rows[k].state == FINDING_SUPPRESSED,
			          "%s", c->name);
		}
		findings_done(&got);
		snap_done(&snap);
	}
}

static bool in_order(const struct finding *a, const struct finding *b)
{
	if (a->severity != b->severity) {
		return a->severity > b->severity;
	}
	if (a->state != b->state) {
		return a->state < b->state;
	}

	int r = strcmp(a->code, b->code);

	return r < 0 || (r == 0 && strcmp(a->message, b->message) <= 0);
}

/** Rules that need any of these facets whole. */
static uint32_t count_needing(uint32_t facets)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < n_rules; i++) {
		n += (rules[i]->needs & facets) != 0;
	}
	return n;
}

Test(analyze, not_evaluated)
{
	struct analyze_options opts = {0};
	struct snapshot snap;
	struct findings got;
	uint32_t n = 0;

	snap_init(&snap, BUILD_BYTES);
	build_mixed(&snap);
	cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth0", "Operation not permitted"), 0);
	build_seal(&snap);
	run(&snap, &opts, &got);
	for (uint32_t i = 0; i < got.n; i++) {
		const struct finding *f = &got.rows[i];

		cr_expect(i == 0 || in_order(&got.rows[i - 1], f), "row %u", i);
		if (f->state != FINDING_NOT_EVALUATED) {
			continue;
		}
		n++;
		cr_expect((rule_find(f->code)->needs & FACET_TCX) != 0, "%s", f->code);
		cr_expect_eq(f->severity, rule_find(f->code)->severity, "%s", f->code);
		cr_expect_eq(f->n_places, 0);
		cr_expect(strstr(f->message, "TCX lists") != NULL, "%s", f->message);
	}
	cr_expect_eq(n, count_needing(FACET_TCX));
	cr_expect_gt(n, 0);
	/* It is not counted as open: nothing was found. */
	cr_expect_eq(got.n_fail, 1);
	cr_expect_eq(got.n_warn, 2);
	findings_done(&got);
	snap_done(&snap);
}

Test(analyze, every_rule_is_silent_only_with_whole_facets)
{
	struct analyze_options opts = {0};
	struct snapshot snap;
	struct findings got;
	uint32_t n = 0;

	snap_init(&snap, BUILD_BYTES);
	cr_assert_eq(snap_add_gap(&snap, GAP_NETNS_UNREADABLE, "net:[9]", "gone"), 0);
	build_seal(&snap);
	run(&snap, &opts, &got);
	for (uint32_t i = 0; i < got.n; i++) {
		n += got.rows[i].state == FINDING_NOT_EVALUATED;
	}
	cr_expect_eq(n, count_needing(gap_kind_facets(GAP_NETNS_UNREADABLE)),
	             "%u rules did not look", n);
	cr_expect_gt(n, n_rules / 2);
	findings_done(&got);
	snap_done(&snap);
}

Test(analyze, agent_is_told)
{
	struct snap_config config[] = {
		{"runtime_security_config.network.classifier_priority", "0", "file", NULL}};
	struct analyze_options opts = {.agent_version = "7.70.2"};
	struct snapshot snap;
	struct findings got;

	snap_init(&snap, BUILD_BYTES);
	snap.agent.config = config;
	snap.agent.n_config = 1;
	snap.agent.version = "7.1.0";
	build_seal(&snap);
	run(&snap, &opts, &got);
	cr_expect_eq(got.agent_priority, 50);
	cr_expect_eq(got.agent_source, PRIORITY_FILE);
	cr_expect_str_eq(got.agent_version, "7.70.2");
	findings_done(&got);
	opts.agent_version = NULL;
	run(&snap, &opts, &got);
	cr_expect_str_eq(got.agent_version, "7.1.0");
	findings_done(&got);
	snap.agent.version = NULL;
	run(&snap, &opts, &got);
	cr_expect_null(got.agent_version);
	findings_done(&got);
	snap_done(&snap);
}

Test(analyze, effects_and_owners_for_each_entry)
{
	struct analyze_options opts = {0};
	struct snapshot snap;
	struct findings got;

	snap_init(&snap, BUILD_BYTES);
	uint32_t link = build_link(&snap, build_netns(&snap, 1, true), 2, "eth0");
	uint32_t hook = build_hook(&snap, link, OUT);

	build_entry(&snap, hook, (struct snap_entry){BPF(7, 4)});
	build_entry(&snap, hook, (struct snap_entry){BPF(8, 1)});
	build_prog(&snap, 1, "ok", BIT(OK));
	build_prog(&snap, 4, "classifier_egre", BIT(UNSPEC));
	build_seal(&snap);
	run(&snap, &opts, &got);
	cr_expect_eq(got.agent_priority, 7);
	cr_expect_eq(got.agent_source, PRIORITY_RUNNING);
	cr_expect(got.own[0]);
	cr_expect_not(got.own[1]);
	cr_expect_eq(got.effects[0], EFFECT_ON);
	cr_expect_eq(got.effects[1], EFFECT_ENDS);
	cr_expect_eq(got.n_fail + got.n_warn, 0);
	cr_expect_eq(got.advice.action, ACTION_NONE);
	findings_done(&got);
	snap_done(&snap);
}

/** At every limit: the whole answer, or -ENOMEM with a description; never half of one. */
Test(analyze, out_of_memory, .timeout = 60)
{
	struct analyze_options opts = {.agent_version = "7.70.2"};
	struct snapshot snap;
	bool whole = false;
	uint32_t failed = 0;
	struct findings all;

	snap_init(&snap, BUILD_BYTES);
	build_mixed(&snap);
	cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth0", "Operation not permitted"), 0);
	build_seal(&snap);
	run(&snap, &opts, &all);
	for (size_t limit = 1; !whole; limit += limit / 64 + 1) {
		struct findings got;
		struct err err = {0};

		cr_assert_lt(limit, BUILD_BYTES);
		findings_init(&got, limit);

		int r = analyze(&snap, &opts, &got, &err);

		whole = r == 0;
		if (!whole) {
			failed++;
			cr_expect_eq(r, -ENOMEM, "limit %zu: %d", limit, r);
			cr_expect_eq(err.code, -ENOMEM, "limit %zu", limit);
			cr_expect(strstr(err.text, "memory") != NULL, "%s", err.text);
		} else {
			cr_expect_eq(got.n, all.n, "%u", got.n);
			cr_expect_eq(got.n_checklist, 6);
		}
		findings_done(&got);
	}
	cr_expect_gt(failed, 100);
	findings_done(&all);
	snap_done(&snap);
}

/* Allocations differ in size, so a limit that fails late has to be met by counting down. */
Test(analyze, out_of_memory_near_the_end, .timeout = 60)
{
	struct analyze_options opts = {0};
	struct snapshot snap;
	struct findings got;
	uint32_t failed = 0;

	snap_init(&snap, BUILD_BYTES);
	build_many(&snap, 3, 100, 1, "veth");
	run(&snap, &opts, &got);

	size_t need = got.arena.used_bytes;

	findings_done(&got);
	for (size_t limit = 1; limit < need; limit += 97) {
		findings_init(&got, limit);
		failed += analyze(&snap, &opts, &got, NULL) == -ENOMEM;
		findings_done(&got);
	}
	cr_expect_gt(failed, 0);
	snap_done(&snap);
}

#define BIG_LINKS   5000
#define BIG_FILTERS 4

/** Like build_entry(), which counts to find its order. */
static void add_filter(struct snapshot *snap, uint32_t hook, uint32_t order, uint32_t pref)
{
	struct snap_entry row = {BPF(pref, 1 + (pref & 1))};

	row.hook = hook;
	row.order = order;
	cr_assert_eq(snap_add_entry(snap, &row, NULL), 0);
}

Test(analyze, a_big_node_takes_no_time, .timeout = 120)
{
	struct analyze_options opts = {0};
	struct snapshot snap;
	struct findings got;
	struct timespec before;
	struct timespec after;

	snap_init(&snap, BUILD_BYTES);
	uint32_t netns = build_netns(&snap, 1, true);

	for (uint32_t i = 0; i < BIG_LINKS; i++) {
		uint32_t link = build_link(&snap, netns, i + 1, "veth");

		for (int out = 0; out < 2; out++) {
			uint32_t hook = build_hook(&snap, link, out ? OUT : IN);

			for (uint32_t k = 0; k < BIG_FILTERS; k++) {
				add_filter(&snap, hook, k, 1 + (i * 7 + k * 11) % 60000);
			}
		}
	}
	build_prog(&snap, 1, "unspec", BIT(UNSPEC));
	build_prog(&snap, 2, "ok", BIT(OK));
	build_seal(&snap);
	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
	run(&snap, &opts, &got);
	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
	cr_expect_eq(got.advice.hooks_total, 2 * BIG_LINKS);

	double spent = (double)(after.tv_sec - before.tv_sec) +
	               (double)(after.tv_nsec - before.tv_nsec) / 1e9;

	/* A product of hooks and priorities would take minutes. */
	cr_expect_lt(spent, 5.0, "%.3f s", spent);
	findings_done(&got);
	snap_done(&snap);
}

Test(analyze, keytab)
{
	struct arena arena;
	struct keytab tab = {.arena = &arena};

	arena_init(&arena, BUILD_BYTES);
	cr_expect_eq(keytab_find(&tab, 5), SNAP_NONE);
	for (uint32_t i = 0; i < 10000; i++) {
		/* Keys that meet in their lower bits, and 0. */
		cr_assert_eq(keytab_put(&tab, (uint64_t)i << 40, i), 0);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		cr_assert_eq(keytab_find(&tab, (uint64_t)i << 40), i);
	}
	cr_expect_eq(keytab_find(&tab, 1), SNAP_NONE);
	arena_done(&arena);

	struct keytab poor = {.arena = &arena};

	arena_init(&arena, 64);
	cr_expect_lt(keytab_put(&poor, 1, 1), 0);
	cr_expect_eq(keytab_find(&poor, 1), SNAP_NONE);
	arena_done(&arena);
}
