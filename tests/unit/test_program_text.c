/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports model */
#include "reports/program_text.h"
#include "tests/unit/report_fixture.h"

#include <stdio.h>

#define LONG_STEPS 500u

static const struct verdict_step ok_steps[] = {
	{VERDICT_STEP_TAKEN, 41, 3},
	{VERDICT_STEP_EXIT, 41, 9},
};

static const struct verdict_step shot_steps[] = {
	{VERDICT_STEP_NOT_TAKEN, 41, 3}, {VERDICT_STEP_CALL, 41, 4}, {VERDICT_STEP_RETURN, 41, 4},
	{VERDICT_STEP_TAIL_FAIL, 41, 5}, {VERDICT_STEP_TAIL, 41, 6}, {VERDICT_STEP_THROW, 42, 0},
};

static struct verdict_step long_steps[LONG_STEPS];

/** Program 41 on a hook, 42 in its array, 43 equal to 41, 44 of type xdp and not exact. */
static void programs(struct fixture *fx)
{
	static const uint32_t calls[] = {42};
	static const struct verdict_path paths[] = {
		{CODE_OK, ok_steps, COUNT_OF(ok_steps), false, false},
		{CODE_PIPE, ok_steps, COUNT_OF(ok_steps), false, false},
		{CODE_SHOT, shot_steps, COUNT_OF(shot_steps), false, true},
	};
	static const struct verdict_path long_paths[] = {
		{CODE_OK, long_steps, LONG_STEPS, true, false},
	};

	fixture_init(fx);
	uint32_t host = fixture_netns(fx, 4026531840, NULL);
	uint32_t eth = fixture_link(fx, host, 2, "eth0");
	uint32_t in = fixture_hook(fx, eth, HOOK_CLSACT_INGRESS, 0);

	for (uint32_t pref = 1; pref <= 20; pref++) {
		(void)fixture_bpf(fx, in, pref, "vendor", 41);
	}
	for (uint32_t i = 0; i < LONG_STEPS; i++) {
		long_steps[i] = (struct verdict_step){VERDICT_STEP_TAKEN, 44, i};
	}
	fixture_prog(fx, 41, "ven\x1b[31mdor", 0x2a, true);
	fixture_prog(fx, 42, "target", CODE_BIT(CODE_SHOT), true);
	fixture_prog(fx, 43, "twin", 0x2a, true);
	fixture_prog(fx, 44, "xdp_vendor", CODE_BIT(CODE_OK) | CODE_BIT(CODE_OTHER), false);

	struct snap_prog *rows = fx->snap.progs;

	rows[0].returns.codes = CODE_BIT(CODE_OK) | CODE_BIT(CODE_PIPE) | CODE_BIT(CODE_SHOT);
	rows[0].returns.paths = paths;
	rows[0].returns.n_paths = COUNT_OF(paths);
	rows[0].tail_calls = calls;
	rows[0].n_tail_calls = 1;
	rows[2].returns.codes = rows[0].returns.codes;
	rows[2].returns.same_as = 41;
	rows[3].type = "xdp";
	rows[3].returns.reason = "too clever at instruction 7 of target";
	rows[3].returns.pc = 7;
	rows[3].returns.pc_prog = 42;
	rows[3].returns.paths = long_paths;
	rows[3].returns.n_paths = 1;
	fixture_seal(fx);
}

/** Instruction text for all but program 42; one line of source for two instructions. */
static void look_up(void *ctx, uint32_t prog_id, uint32_t pc, struct listing *ret)
{
	static char text[32];

	(*(uint32_t *)ctx)++;
	if (prog_id == 42) {
		return;
	}
	(void)snprintf(text, sizeof(text), "if r0 > %u\x07", pc);
	ret->insn = text;
	ret->source = pc <= 4 ? "\tif (length)\x1b" : "return;";
	ret->file = "/src/vendor.c";
	ret->line = pc <= 4 ? 12 : 30;
}

static char *render(struct fixture *fx, uint32_t id, bool live, void *ctx)
{
	struct program_report rep = {.snap = &fx->snap,
	                             .prog = snap_find_prog(&fx->snap, id),
	                             .listing = live ? look_up : NULL,
	                             .ctx = ctx};
	struct out_mem mem = {0};
	struct out o;

	cr_assert_not_null(rep.prog);
	out_init(&o, out_mem_write, &mem);
	render_program(&rep, &o);
	cr_assert_eq(out_flush(&o), 0);
	return mem.bytes;
}

static const struct {
	const char *name;
	uint32_t id;
	bool live;
	const char *want;
} cases[] = {
	{"what", 41, false, "program 41 ven\\x1b[31mdor  sched_cls\n"},
	{"where", 41, false, "  attached: eth0 clsact/ingress pref 1 0x1 id 41 in host\n"},
	{"not too many places", 41, false, "pref 16 0x1 id 41 in host\n  and 4 more\n"},
	{"codes", 41, false, "  returns ok, shot, pipe; proven, and each of them happens\n"},
	{"one path for two codes", 41, false,
         "\nok, pipe: 2 steps\n  program 41 ven\\x1b[31mdor\n       3  taken\n       9  exit\n"},
	{"a path through another program", 41, false,
         "\nshot: 6 steps, one of several ways that were looked at together\n  program 41 "
         "ven\\x1b[31mdor\n       3  not taken\n       4  call\n"
         "       4  back\n       5  tail call fails\n       6  tail call\n  program 42 target\n"
         "       0  throw, ends it\n"},
	{"instructions", 41, true, "       3  taken            if r0 > 3\\x07\n"},
	{"source above its first instruction, once", 41, true,
         "\nshot: 6 steps, one of several ways that were looked at together\n  program 41 "
         "ven\\x1b[31mdor\n          if (length)\\x1b  // "
         "vendor.c:12\n"
         "       3  not taken        if r0 > 3\\x07\n       4  call             if r0 > 4\\x07\n"
         "       4  back             if r0 > 4\\x07\n          return;  // vendor.c:30\n"
         "       5  tail call fails  if r0 > 5\\x07\n"},
	{"a program without instructions", 41, true,
         "  program 42 target\n       0  throw, ends it\n"},
	{"target", 42, false, "  in a program array of: program 41 ven\\x1b[31mdor\n"},
	{"no path", 42, false, "\nshot: no path is known\n"},
	{"nowhere", 43, false, "  attached nowhere that was looked at\n"},
	{"equal", 43, false, "  equal to program 41, which was analysed in its place\n"},
	{"paths of the equal one", 43, false, "\nok, pipe: 2 steps\n  program 41 "},
	{"superset", 44, false, "  returns at most ok, other\n"},
	{"reason", 44, false, "  not exact: too clever at instruction 7 of target (program 42)\n"},
	{"XDP", 44, false, "ok is PASS"},
	{"cut", 44, false, "\nok: 500 steps\n  (its beginning was not kept)\n"},
	{"long", 44, false, "      23  taken\n  ... 436 steps left out\n     460  taken\n"},
	{"the last one", 44, false, "     499  taken\n\nother: no path is known\n"},
};

Test(program_text, texts)
{
	struct fixture fx;
	uint32_t calls = 0;

	programs(&fx);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = render(&fx, cases[i].id, cases[i].live, &calls);

		cr_expect(strstr(text, cases[i].want) != NULL, "%s: not in:\n%s", cases[i].name,
		          text);
		free(text);
	}
	cr_expect_gt(calls, 0);
	fixture_done(&fx);
}
