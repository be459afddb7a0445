/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/solver.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

/* Programs of every case: 1 ok, 2 unspec, 3 unknown, 4 shot, 5 redirect. */
static void build_progs(struct snapshot *snap)
{
	build_prog(snap, 1, "vendor_ok", BIT(OK));
	build_prog(snap, 2, "vendor_unspec", BIT(UNSPEC));
	build_prog(snap, 3, "vendor_unknown", CODES_ALL);
	build_prog(snap, 4, "vendor_shot", BIT(SHOT));
	build_prog(snap, 5, "vendor_redirect", BIT(REDIRECT));
}

/** One entry on one of two links. */
struct placed {
	uint32_t link; /**< 0 or 1. */
	enum hook_type type;
	struct snap_entry entry;
};

#define MAX_PLACED 7

#define IN  HOOK_CLSACT_INGRESS
#define OUT HOOK_CLSACT_EGRESS

static const struct solver_case {
	const char *name;
	uint32_t current;
	struct placed rows[MAX_PLACED]; /**< Ends at kind NULL. */
	enum action action;
	uint32_t priority;
	bool feasible;
	uint32_t min, max;
	uint32_t excluded[3];          /**< Ends at 0. */
	uint32_t seen_now, seen_after; /**< Of 4. */
	uint32_t n_blockers;
	const char *reason; /**< Part of it. */
} cases[] = {
	{"nothing there", 10, {{0}}, ACTION_NONE, 0, true, 1, 65535, {0}, 4, 4, 0, "all 4 hooks"},
	{"vendor at 5",
         10,
         {{0, IN, {BPF(5, 1)}}},
         ACTION_SET_PRIORITY,
         4,
         true,
         1,
         4,
         {0},
         3,
         4,
         0,
         "priority 4"},
	{"vendor at 2",
         10,
         {{0, IN, {BPF(2, 1)}}},
         ACTION_SET_PRIORITY,
         1,
         true,
         1,
         1,
         {0},
         3,
         4,
         0,
         "priority 1"},
	{"vendor at 1",
         10,
         {{0, IN, {BPF(1, 1)}}},
         ACTION_FIX_VENDOR,
         0,
         false,
         0,
         0,
         {0},
         3,
         3,
         1,
         "no value is below 1"},
	{"vendor at 11",
         10,
         {{0, IN, {BPF(11, 1)}}},
         ACTION_NONE,
         0,
         true,
         1,
         10,
         {0},
         4,
         4,
         0,
         "With priority 10"},
	{"5 and 4 held",
         10,
         {{0, IN, {BPF(4, 2)}}, {0, IN, {BPF(5, 1)}}},
         ACTION_SET_PRIORITY,
         3,
         true,
         1,
         3,
         {0},
         3,
         4,
         0,
         "priority 3"},
	{"5 ends, 3 held",
         10,
         {{0, IN, {BPF(3, 2)}}, {0, IN, {BPF(5, 1)}}},
         ACTION_SET_PRIORITY,
         4,
         true,
         1,
         4,
         {3},
         3,
         4,
         0,
         "priority 4"},
	{"4 held on another link",
         10,
         {{0, IN, {BPF(5, 1)}}, {1, OUT, {BPF(4, 2)}}},
         ACTION_SET_PRIORITY,
         3,
         true,
         1,
         3,
         {0},
         3,
         4,
         0,
         "priority 3"},
	{"goes on at 10",
         10,
         {{0, IN, {BPF(10, 2)}}},
         ACTION_SET_PRIORITY,
         9,
         true,
         1,
         65535,
         {10},
         3,
         4,
         0,
         "priority 9"},
	{"other kind at 10",
         10,
         {{0, IN, {PLAIN("flower", 10), .skip_sw = true}}},
         ACTION_SET_PRIORITY,
         9,
         true,
         1,
         65535,
         {10},
         3,
         4,
         0,
         "priority 9"},
	{"other protocol at 10",
         10,
         {{0, IN, {IP_BPF(10, 2)}}},
         ACTION_SET_PRIORITY,
         9,
         true,
         1,
         65535,
         {10},
         3,
         4,
         0,
         "priority 9"},
	{"held priority at 10",
         10,
         {{0, IN, {HELD("flower", 10)}}},
         ACTION_SET_PRIORITY,
         9,
         true,
         1,
         65535,
         {10},
         3,
         4,
         0,
         "priority 9"},
	{"goes on at 1 while the Agent is there",
         1,
         {{0, IN, {BPF(1, 2)}}},
         ACTION_SET_PRIORITY,
         2,
         true,
         2,
         65535,
         {0},
         3,
         4,
         0,
         "priority 2"},
	{"another chain",
         10,
         {{0, IN, {BPF(5, 1), .chain = 4}}},
         ACTION_NONE,
         0,
         true,
         1,
         65535,
         {0},
         4,
         4,
         0,
         "With priority 10"},
	{"unknown at 5",
         10,
         {{0, IN, {BPF(5, 3)}}},
         ACTION_SET_PRIORITY,
         4,
         true,
         1,
         4,
         {0},
         3,
         4,
         0,
         "priority 4"},
	{"unknown at 1",
         10,
         {{0, IN, {BPF(1, 3)}}},
         ACTION_INVESTIGATE,
         0,
         false,
         0,
         0,
         {0},
         3,
         3,
         1,
         "no value is below 1"},
	{"TCX passes",
         10,
         {{0, HOOK_TCX_INGRESS, {ATTACHED(1)}}},
         ACTION_FIX_VENDOR,
         0,
         false,
         0,
         0,
         {0},
         3,
         3,
         1,
         "tcx/ingress returns ok"},
	{"TCX unknown",
         10,
         {{0, HOOK_TCX_INGRESS, {ATTACHED(3)}}},
         ACTION_INVESTIGATE,
         0,
         false,
         0,
         0,
         {0},
         3,
         3,
         1,
         "unknown return codes"},
	{"TCX goes on",
         10,
         {{0, HOOK_TCX_INGRESS, {ATTACHED(2)}}},
         ACTION_NONE,
         0,
         true,
         1,
         65535,
         {0},
         4,
         4,
         0,
         "With priority 10"},
	{"XDP redirects, which is not the priority's business",
         10,
         {{0, HOOK_XDP, {ATTACHED(5)}}},
         ACTION_NONE,
         0,
         true,
         1,
         65535,
         {0},
         4,
         4,
         0,
         "With priority 10"},
	{"netkit redirects",
         10,
         {{0, HOOK_NETKIT_PEER, {ATTACHED(5)}}},
         ACTION_FIX_VENDOR,
         0,
         false,
         0,
         0,
         {0},
         3,
         3,
         1,
         "netkit/peer returns redirect"},
	{"ingress qdisc",
         10,
         {{0, HOOK_INGRESS, {PLAIN("u32", 49152), .classid = 1}}},
         ACTION_FIX_VENDOR,
         0,
         false,
         0,
         0,
         {0},
         3,
         3,
         1,
         "ingress qdisc"},
	{"mixed: 4 helps one of two",
         10,
         {{0, IN, {BPF(5, 1)}}, {1, IN, {BPF(1, 1)}}},
         ACTION_FIX_VENDOR,
         4,
         false,
         0,
         0,
         {0},
         2,
         3,
         1,
         "Priority 4 gives full sight on 3 of 4"},
	{"mixed: proven beside unproven",
         10,
         {{0, HOOK_TCX_INGRESS, {ATTACHED(3)}}, {1, IN, {BPF(1, 1)}}},
         ACTION_FIX_VENDOR,
         0,
         false,
         0,
         0,
         {0},
         2,
         2,
         2,
         "and more causes"},
	{"the majority decides",
         10,
         {{0, IN, {BPF(5, 1)}},
          {0, OUT, {BPF(3, 2)}},
          {1, IN, {BPF(4, 1)}},
          {1, OUT, {BPF(2, 2)}},
          {1, OUT, {BPF(1, 2)}}},
         ACTION_FIX_VENDOR,
         4,
         false,
         0,
         0,
         {0},
         2,
         3,
         1,
         "3 of 4"},
	{"dropped in front is no reason to move",
         10,
         {{0, IN, {BPF(3, 4)}}, {0, IN, {BPF(5, 1)}}},
         ACTION_NONE,
         0,
         true,
         1,
         65535,
         {3, 5},
         4,
         4,
         0,
         "With priority 10"},
	{"up to the top",
         65535,
         {{0, IN, {BPF(65535, 1)}}},
         ACTION_SET_PRIORITY,
         65534,
         true,
         1,
         65534,
         {0},
         3,
         4,
         0,
         "priority 65534"},
};

static void build_rows(struct snapshot *snap, const struct placed *rows, size_t n)
{
	uint32_t hooks[2][N_HOOK_TYPES];
	uint32_t netns = build_netns(snap, 1, true);
	uint32_t links[2];

	memset(hooks, 0xff, sizeof(hooks));
	links[0] = build_link(snap, netns, 2, "eth0");
	links[1] = build_link(snap, netns, 3, "eth1");
	for (size_t i = 0; i < n && rows[i].entry.kind != NULL; i++) {
		uint32_t *hook = &hooks[rows[i].link][rows[i].type];

		if (*hook == SNAP_NONE) {
			*hook = build_hook(snap, links[rows[i].link], rows[i].type);
		}
		build_entry(snap, *hook, rows[i].entry);
	}
	build_progs(snap);
	build_seal(snap);
}

static void check_answer(const struct solver_case *c, const struct recommendation *got)
{
	uint32_t n_excluded = 0;

	cr_expect_eq(got->action, c->action, "%s: action %d", c->name, (int)got->action);
	cr_expect_eq(got->priority, c->priority, "%s: priority %u", c->name, got->priority);
	cr_expect_eq(got->feasible, c->feasible, "%s: feasible", c->name);
	cr_expect_eq(got->feasible_min, c->min, "%s: min %u", c->name, got->feasible_min);
	cr_expect_eq(got->feasible_max, c->max, "%s: max %u", c->name, got->feasible_max);
	while (n_excluded < COUNT_OF(c->excluded) && c->excluded[n_excluded] != 0) {
		n_excluded++;
	}
	cr_assert_eq(got->n_excluded, n_excluded, "%s: %u excluded", c->name, got->n_excluded);
	cr_expect(n_excluded == 0 || memcmp(got->excluded, c->excluded,
	                                    n_excluded * sizeof(c->excluded[0])) == 0,
	          "%s: excluded", c->name);
	cr_expect_eq(got->hooks_total, 4, "%s: total %u", c->name, got->hooks_total);
	cr_expect_eq(got->seen_now, c->seen_now, "%s: now %u", c->name, got->seen_now);
	cr_expect_eq(got->seen_after, c->seen_after, "%s: after %u", c->name, got->seen_after);
	cr_expect_eq(got->blind_after, 4 - c->seen_after, "%s: blind", c->name);
	cr_expect_eq(got->n_blocked_by, c->n_blockers, "%s: %u blockers", c->name,
	             got->n_blocked_by);
	cr_expect(strstr(got->reason, c->reason) != NULL, "%s: %s", c->name, got->reason);
}

Test(solver, cases)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct solver_case *c = &cases[i];
		struct snapshot snap;
		struct judged j;
		struct recommendation got = {0};

		snap_init(&snap, BUILD_BYTES);
		build_rows(&snap, c->rows, MAX_PLACED);
		judged_init(&j, &snap, c->current);
		cr_assert_eq(solver_run(&j.ctx, &j.scratch, &got), 0, "%s", c->name);
		check_answer(c, &got);
		judged_done(&j);
		snap_done(&snap);
	}
}

Test(solver, no_links)
{
	struct snapshot snap;
	struct judged j;
	struct recommendation got = {0};

	snap_init(&snap, BUILD_BYTES);
	build_seal(&snap);
	judged_init(&j, &snap, 10);
	cr_assert_eq(solver_run(&j.ctx, &j.scratch, &got), 0);
	cr_expect_eq(got.action, ACTION_NONE);
	cr_expect_eq(got.hooks_total, 0);
	cr_expect(strstr(got.reason, "no interface") != NULL, "%s", got.reason);
	judged_done(&j);
	snap_done(&snap);
}

Test(solver, gaps_are_named)
{
	struct snapshot snap;
	struct judged j;
	struct recommendation got = {0};

	snap_init(&snap, BUILD_BYTES);
	cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth0", "no right"), 0);
	cr_assert_eq(snap_add_gap(&snap, GAP_TCX_UNREADABLE, "eth1", "no right"), 0);
	build_rows(&snap, cases[1].rows, MAX_PLACED);
	judged_init(&j, &snap, 10);
	cr_assert_eq(solver_run(&j.ctx, &j.scratch, &got), 0);
	cr_expect_eq(got.action, ACTION_SET_PRIORITY);
	cr_expect_eq(got.priority, 4);
	cr_expect(strstr(got.reason, "2 things could not be read") != NULL, "%s", got.reason);
	judged_done(&j);
	snap_done(&snap);
}

Test(solver, blockers_are_grouped)
{
	static const struct placed rows[] = {
		{0, IN, {BPF(1, 1)}},
		{1, IN, {BPF(1, 1)}},
		{0, OUT, {BPF(1, 1)}},
		{1, HOOK_TCX_EGRESS, {ATTACHED(3)}},
	};
	struct snapshot snap;
	struct judged j;
	struct recommendation got = {0};

	snap_init(&snap, BUILD_BYTES);
	build_rows(&snap, rows, COUNT_OF(rows));
	judged_init(&j, &snap, 10);
	cr_assert_eq(solver_run(&j.ctx, &j.scratch, &got), 0);
	cr_assert_eq(got.n_blocked_by, 3);
	cr_expect_eq(got.blocked_by[0].count, 2);
	cr_expect_eq(got.blocked_by[0].pref, 1);
	cr_expect(got.blocked_by[0].proven);
	cr_expect_str_eq(got.blocked_by[0].why,
	                 "vendor_ok at priority 1 of clsact/ingress returns ok");
	cr_expect_eq(got.blocked_by[0].place.link, 0);
	cr_expect_eq(got.blocked_by[0].place.prog_id, 1);
	cr_expect_eq(got.blocked_by[1].count, 1);
	cr_expect_eq(got.blocked_by[2].count, 1);
	cr_expect_lt(strcmp(got.blocked_by[1].why, got.blocked_by[2].why), 0);
	judged_done(&j);
	snap_done(&snap);
}

/* --- property: the sweep against a naive evaluation ------------------------------------------- */

static uint32_t naive_seen(const struct context *ctx, uint32_t priority)
{
	uint32_t seen = 0;

	for (uint32_t link = 0; link < ctx->snap->n_links; link++) {
		for (unsigned int dir = 0; dir < N_DIRECTIONS; dir++) {
			struct lane lane = order_lane(ctx, link, (enum direction)dir);

			seen += order_walk(ctx, &lane, priority, NULL, NULL).sight == SIGHT_FULL;
		}
	}
	return seen;
}

/** Most seen; then the current one; then nearest below; then nearest above. */
static uint32_t naive_best(const struct context *ctx, uint32_t current, uint32_t top)
{
	uint32_t best = current;
	uint32_t best_seen = naive_seen(ctx, current);

	for (uint32_t distance = 1; distance < top; distance++) {
		uint32_t below = current > distance ? current - distance : 0;

		if (below != 0 && naive_seen(ctx, below) > best_seen) {
			best = below;
			best_seen = naive_seen(ctx, below);
		}
	}
	for (uint32_t priority = current + 1; priority <= top; priority++) {
		if (naive_seen(ctx, priority) > best_seen) {
			best = priority;
			best_seen = naive_seen(ctx, priority);
		}
	}
	return best;
}

static void random_snapshot(struct snapshot *snap, uint64_t *rng, uint32_t high)
{
	struct placed rows[MAX_PLACED] = {{0}};
	uint32_t n = build_random(rng, MAX_PLACED + 1);
	uint32_t pref = 1;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t prog = 1 + build_random(rng, 5);
		struct snap_entry bpf = {BPF(pref, prog)};
		struct snap_entry ip = {IP_BPF(pref, prog)};
		struct snap_entry plain = {SOME("flower", pref)};
		struct snap_entry attached = {ATTACHED(prog)};
		uint32_t kind = build_random(rng, 12);

		rows[i].link = build_random(rng, 2);
		rows[i].type = build_random(rng, 2) == 0 ? IN : OUT;
		rows[i].entry = kind < 8 ? bpf : kind < 10 ? ip : plain;
		rows[i].entry.skip_sw = build_random(rng, 6) == 0;
		if (kind == 11) {
			rows[i].type = HOOK_TCX_EGRESS;
			rows[i].entry = attached;
		}
		/* In one list the kernel gives ascending priorities. */
		pref += build_random(rng, 4);
		if (high != 0 && build_random(rng, 4) == 0) {
			pref = pref < high ? high : pref;
		}
		pref = pref > PREF_MAX ? PREF_MAX : pref;
	}
	build_rows(snap, rows, MAX_PLACED);
}

static bool is_feasible(const struct recommendation *got, uint32_t priority)
{
	for (uint32_t i = 0; i < got->n_excluded; i++) {
		if (got->excluded[i] == priority) {
			return false;
		}
	}
	return got->feasible && priority >= got->feasible_min && priority <= got->feasible_max;
}

static void check_against_naive(const struct snapshot *snap, uint32_t current, uint32_t top,
                                uint32_t round)
{
	struct judged j;
	struct recommendation got = {0};
	uint32_t wrong = 0;

	judged_init(&j, snap, current);
	cr_assert_eq(solver_run(&j.ctx, &j.scratch, &got), 0);

	uint32_t best = naive_best(&j.ctx, current, top);

	cr_assert_eq(got.priority, best == current ? 0 : best, "round %u: %u, not %u", round,
	             got.priority, best);
	cr_assert_eq(got.seen_now, naive_seen(&j.ctx, current), "round %u", round);
	cr_assert_eq(got.seen_after, naive_seen(&j.ctx, best), "round %u", round);
	for (uint32_t priority = 1; priority <= top; priority++) {
		bool fits = naive_seen(&j.ctx, priority) == got.hooks_total;

		wrong = fits == is_feasible(&got, priority) ? wrong : priority;
	}
	cr_assert_eq(wrong, 0, "round %u: priority %u", round, wrong);
	judged_done(&j);
}

Test(solver, sweep_agrees_with_naive, .timeout = 120)
{
	uint64_t rng = UINT64_C(0x13198a2e03707344);

	for (uint32_t round = 0; round < 2000; round++) {
		struct snapshot snap;

		snap_init(&snap, BUILD_BYTES);
		random_snapshot(&snap, &rng, 0);
		check_against_naive(&snap, 1 + build_random(&rng, 20), 40, round);
		snap_done(&snap);
	}
}

Test(solver, sweep_agrees_over_all_priorities, .timeout = 120)
{
	uint64_t rng = UINT64_C(0xa4093822299f31d0);

	for (uint32_t round = 0; round < 12; round++) {
		struct snapshot snap;

		snap_init(&snap, BUILD_BYTES);
		random_snapshot(&snap, &rng, 65520);
		check_against_naive(&snap, 1 + build_random(&rng, PREF_MAX), PREF_MAX, round);
		snap_done(&snap);
	}
}

Test(solver, out_of_memory)
{
	struct snapshot snap;
	struct judged j;
	struct recommendation got = {.reason = "untouched"};
	struct arena tiny;

	snap_init(&snap, BUILD_BYTES);
	build_rows(&snap, cases[3].rows, MAX_PLACED);
	judged_init(&j, &snap, 10);
	arena_init(&tiny, 16);
	cr_expect_lt(solver_run(&j.ctx, &tiny, &got), 0);
	cr_expect_str_eq(got.reason, "untouched");
	arena_done(&tiny);
	judged_done(&j);
	snap_done(&snap);
}
