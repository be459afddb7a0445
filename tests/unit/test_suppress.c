/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/ignore.h"
#include "model/attrs.h"
#include "model/text.h"
#include "tests/unit/build.h"

#define N_DEVICES 20u

/** A filter that ends packets at priority 5, on veth0 to veth19. */
static void build_devices(struct snapshot *snap)
{
	uint32_t host = build_netns(snap, 1, true);

	for (uint32_t i = 0; i < N_DEVICES; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "veth%u", i);
		uint32_t link = build_link(snap, host, i + 2, name);

		(void)build_entry(snap, build_hook(snap, link, HOOK_CLSACT_INGRESS),
		                  (struct snap_entry){BPF(5, 1)});
	}
	build_prog(snap, 1, "vendor", BIT(OK));
	build_seal(snap);
}

static void judge(const struct snapshot *snap, const struct analyze_options *opts,
                  struct findings *got)
{
	struct err err = {0};

	findings_init(got, BUILD_BYTES);
	cr_assert_eq(analyze(snap, opts, got, &err), 0, "%s", err.text);
}

static const struct suppress_case {
	const char *name;
	struct ignore_row rows[3]; /**< Ends at reason == NULL. */
	const char *skip;
	const char *today;
	uint32_t n_fail, open, suppressed; /**< Open findings; places of the open and others. */
	uint32_t n_rows;                   /**< Of TC102. */
	const char *by;                    /**< Of the first suppressed one. */
	uint32_t n_expired;
} suppress_cases[] = {
	{"no rows", {{0}}, NULL, NULL, 1, 20, 0, 1, NULL, 0},
	{"three of twenty",
         {{NULL, NULL, "veth[1-3]", "r", NULL}},
         NULL,
         NULL,
         1,
         17,
         3,
         2,
         "r",
         0},
	{"with code",
         {{"TC102", NULL, "veth[1-3]", "r", "2026-12-31"}},
         NULL,
         "2026-12-31",
         1,
         17,
         3,
         2,
         "r (until 2026-12-31)",
         0},
	{"another code", {{"TC101", NULL, "veth1", "r", NULL}}, NULL, NULL, 1, 20, 0, 1, NULL, 0},
	{"all", {{"TC102", NULL, NULL, "r", NULL}}, NULL, NULL, 0, 0, 20, 1, "r", 0},
	{"expired",
         {{"TC102", NULL, NULL, "r", "2026-12-31"}},
         NULL,
         "2027-01-01",
         1,
         20,
         0,
         1,
         NULL,
         1},
	{"each row has its own",
         {{NULL, NULL, "veth1", "a", NULL}, {NULL, NULL, "veth1?", "b", NULL}},
         NULL,
         NULL,
         1,
         9,
         11,
         3,
         "a",
         0},
	{"vendor that nobody is",
         {{NULL, "cilium", NULL, "r", NULL}},
         NULL,
         NULL,
         1,
         20,
         0,
         1,
         NULL,
         0},
	{"option", {{0}}, "TC102", NULL, 0, 0, 20, 1, "--skip", 0},
	{"the file says more than the option",
         {{NULL, NULL, "veth[1-3]", "r", NULL}},
         "TC102",
         NULL,
         0,
         0,
         20,
         2,
         "--skip",
         0},
};

static uint32_t count_code(const struct findings *got, const char *code)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < got->n; i++) {
		n += text_eq(got->rows[i].code, code);
	}
	return n;
}

static void check_rows(const struct suppress_case *c, const struct findings *got)
{
	uint32_t open = 0;
	uint32_t suppressed = 0;
	const char *by = NULL;
	const struct finding *first = NULL;

	for (uint32_t i = 0; i < got->n; i++) {
		const struct finding *f = &got->rows[i];
		bool hidden = f->state == FINDING_SUPPRESSED;

		if (!text_eq(f->code, "TC102")) {
			continue; /* other rules have something to say here too */
		}
		first = first == NULL ? f : first;
		cr_expect_eq(hidden, f->suppressed != NULL, "%s", c->name);
		cr_expect_eq(f->fingerprint, first->fingerprint, "%s", c->name);
		cr_expect_not_null(f->message, "%s", c->name);
		cr_expect_leq(f->n_places, f->count, "%s", c->name);
		open += hidden ? 0 : f->count;
		suppressed += hidden ? f->count : 0;
		by = hidden && by == NULL ? f->suppressed : by;
	}
	cr_expect_eq(open, c->open, "%s: %u open", c->name, open);
	cr_expect_eq(suppressed, c->suppressed, "%s: %u suppressed", c->name, suppressed);
	cr_expect(text_eq(by, c->by), "%s: %s", c->name, by);
}

static void check_case(const struct suppress_case *c)
{
	struct ignore_list list = {.file = "f.json", .rows = c->rows};
	struct analyze_options opts = {.priority = 10,
	                               .ignore = &list,
	                               .today = c->today,
	                               .skip = &c->skip,
	                               .n_skip = c->skip != NULL};
	struct snapshot snap;
	struct findings got;

	while (list.n < COUNT_OF(c->rows) && c->rows[list.n].reason != NULL) {
		list.n++;
	}
	snap_init(&snap, BUILD_BYTES);
	build_devices(&snap);
	judge(&snap, &opts, &got);
	cr_expect_eq(got.n_fail, c->n_fail, "%s: %u", c->name, got.n_fail);
	cr_expect_eq(count_code(&got, "TC102"), c->n_rows, "%s", c->name);
	cr_expect_eq(got.n_expired, c->n_expired, "%s", c->name);
	/* What is accepted hides packets all the same. */
	cr_expect_eq(got.advice.action, ACTION_SET_PRIORITY, "%s", c->name);
	cr_expect_eq(got.advice.priority, 4, "%s", c->name);
	check_rows(c, &got);
	findings_done(&got);
	snap_done(&snap);
}

Test(suppress, places)
{
	for (size_t i = 0; i < COUNT_OF(suppress_cases); i++) {
		check_case(&suppress_cases[i]);
	}
}

Test(suppress, expired_rows_are_named)
{
	static const struct ignore_row rows[] = {
		{.code = "TC102", .reason = "r"},
		{.code = "TC101",
	         .vendor = "x",
	         .device = "lo",
	         .reason = "r",
	         .expires = "2026-01-31"},
	};
	const struct ignore_list list = {.file = "f.json", .rows = rows, .n = COUNT_OF(rows)};
	struct analyze_options opts = {.ignore = &list, .today = "2026-02-01"};
	struct snapshot snap;
	struct findings got;

	snap_init(&snap, BUILD_BYTES);
	build_devices(&snap);
	judge(&snap, &opts, &got);
	cr_assert_eq(got.n_expired, 1);
	cr_expect_str_eq(got.expired[0],
	                 "f.json: ignore[1] (code TC101, vendor x, device lo) holds no longer: it "
	                 "expired on 2026-01-31");
	findings_done(&got);
	snap_done(&snap);
}

/** What could not be read stays a gap: suppressing TC901 makes nobody see it. */
Test(suppress, gaps_and_rules_that_could_not_look)
{
	static const struct ignore_row rows[] = {
		{.code = "TC901", .reason = "known"},
		{.code = "TC102", .reason = "accepted"},
	};
	const struct ignore_list list = {.file = "f.json", .rows = rows, .n = COUNT_OF(rows)};
	struct analyze_options opts = {.priority = 10, .ignore = &list};
	struct snapshot snap;
	struct findings got;
	uint32_t n = 0;

	snap_init(&snap, BUILD_BYTES);
	cr_assert_eq(snap_add_gap(&snap, GAP_NETNS_UNREADABLE, "net:[9]", "gone"), 0);
	build_devices(&snap);
	judge(&snap, &opts, &got);
	cr_expect_eq(snap.n_gaps, 1);
	for (uint32_t i = 0; i < got.n; i++) {
		const struct finding *f = &got.rows[i];

		if (text_eq(f->code, "TC901")) {
			n++;
			cr_expect_eq(f->state, FINDING_SUPPRESSED);
			cr_expect_str_eq(f->suppressed, "known");
		}
		if (text_eq(f->code, "TC102")) {
			n++;
			cr_expect_eq(f->state, FINDING_SUPPRESSED, "%s", f->message);
		}
	}
	cr_expect_eq(n, 3, "%u", n); /* the gap, the filters, and that it could not look */
	findings_done(&got);
	snap_done(&snap);
}
