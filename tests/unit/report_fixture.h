/* SPDX-License-Identifier: Apache-2.0 */
/**
 * report_fixture.h - snapshots and findings by hand, for the tests of reports/.
 *
 * Rows have to be added in the order of sealing (host first, links by number, hooks by type), so
 * that indexes stay what they were. Effects are given by the test, not computed: reports/ renders
 * what it is told.
 */
#ifndef TCAUDIT_TESTS_UNIT_REPORT_FIXTURE_H
#define TCAUDIT_TESTS_UNIT_REPORT_FIXTURE_H

#include "model/abi.h"
#include "model/text.h"
#include "reports/report.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE_BYTES ((size_t)256 << 20)

struct fixture {
	struct snapshot snap;
	struct findings f;
	struct report rep;
	struct out_mem mem; /**< Last rendering. */
};

/** Text as the collectors bring it in. */
static inline const char *fixture_import(struct fixture *fx, const char *bytes)
{
	const char *text = bytes == NULL ? NULL : text_import(&fx->snap.arena, bytes, SIZE_MAX);

	cr_assert(bytes == NULL || text != NULL);
	return text;
}

static inline void fixture_init(struct fixture *fx)
{
	*fx = (struct fixture){0};
	snap_init(&fx->snap, FIXTURE_BYTES);
	findings_init(&fx->f, FIXTURE_BYTES);
	fx->snap.hostname = "node-7";
	fx->snap.kernel = "6.1.0-18-amd64";
	fx->snap.arch = "x86_64";
	fx->snap.taken_at = "2026-11-23T10:00:00Z";
	fx->snap.host_netns = 4026531840;
	fx->f.agent_priority = 10;
	fx->rep.snap = &fx->snap;
	fx->rep.findings = &fx->f;
}

static inline void fixture_done(struct fixture *fx)
{
	snap_done(&fx->snap);
	findings_done(&fx->f);
	out_mem_done(&fx->mem);
}

static inline uint32_t fixture_netns(struct fixture *fx, uint64_t inode, const char *name)
{
	struct snap_netns row = {.inode = inode, .host = name == NULL};
	uint32_t idx;

	if (name != NULL) {
		row.names = arena_alloc(&fx->snap.arena, sizeof(*row.names));
		cr_assert_not_null(row.names);
		row.names[0] = fixture_import(fx, name);
		row.n_names = 1;
	}
	cr_assert_eq(snap_add_netns(&fx->snap, &row, &idx), 0);
	fx->snap.namespaces_found++;
	fx->snap.namespaces_read++;
	return idx;
}

static inline uint32_t fixture_link(struct fixture *fx, uint32_t netns, uint32_t ifindex,
                                    const char *name)
{
	struct snap_link row = {
		.netns = netns,
		.ifindex = ifindex,
		.name = fixture_import(fx, name),
		.kind = "veth",
		.up = true,
		.netnsid = -1,
	};
	uint32_t idx;

	cr_assert_eq(snap_add_link(&fx->snap, &row, &idx), 0);
	fx->snap.links_read++;
	return idx;
}

static inline uint32_t fixture_hook(struct fixture *fx, uint32_t link, enum hook_type type,
                                    uint32_t block)
{
	struct snap_hook row = {.link = link, .type = type, .block = block};
	uint32_t idx;

	cr_assert_eq(snap_add_hook(&fx->snap, &row, &idx), 0);
	return idx;
}

static inline uint32_t fixture_entry(struct fixture *fx, const struct snap_entry *entry)
{
	struct snap_entry row = *entry;
	uint32_t idx;

	row.name = fixture_import(fx, entry->name);
	row.order = fx->snap.n_entries; /* sealing counts from 0 in each hook */
	cr_assert_eq(snap_add_entry(&fx->snap, &row, &idx), 0);
	return idx;
}

/** A direct-action bpf filter for all protocols. */
static inline uint32_t fixture_bpf(struct fixture *fx, uint32_t hook, uint32_t pref,
                                   const char *name, uint32_t prog_id)
{
	struct snap_entry row = {
		.hook = hook,
		.kind = "bpf",
		.is_filter = true,
		.protocol = ABI_ETH_P_ALL,
		.pref = pref,
		.handle = 1,
		.direct_action = true,
		.name = name,
		.prog_id = prog_id,
	};

	return fixture_entry(fx, &row);
}

static inline void fixture_prog(struct fixture *fx, uint32_t id, const char *name, uint32_t codes,
                                bool exact)
{
	struct snap_prog row = {
		.id = id,
		.name = fixture_import(fx, name),
		.type = "sched_cls",
		.returns = {.codes = codes, .exact = exact, .reason = exact ? NULL : "too clever"},
	};

	cr_assert_eq(snap_add_prog(&fx->snap, &row, NULL), 0);
}

/** Seal, and give every entry the effect "goes on". */
static inline void fixture_seal(struct fixture *fx)
{
	struct err err = {0};
	size_t n = fx->snap.n_entries + 1;

	cr_assert_eq(snap_seal(&fx->snap, &err), 0, "%s", err.text);
	fx->f.effects = arena_alloc(&fx->f.arena, n * sizeof(*fx->f.effects));
	fx->f.own = arena_alloc(&fx->f.arena, n * sizeof(*fx->f.own));
	cr_assert(fx->f.effects != NULL && fx->f.own != NULL);
	for (size_t i = 0; i < n; i++) {
		fx->f.effects[i] = EFFECT_ON;
	}
}

/** Nowhere, to be filled in. */
static inline struct place fixture_place(uint32_t entry)
{
	return (struct place){
		.netns = SNAP_NONE,
		.link = SNAP_NONE,
		.hook = SNAP_NONE,
		.entry = entry,
	};
}

static inline struct finding *fixture_finding(struct fixture *fx, const char *code,
                                              enum severity severity, enum finding_state state)
{
	struct findings *f = &fx->f;
	void *rows = f->rows;

	cr_assert_eq(arena_reserve(&f->arena, &rows, f->n, &f->cap, sizeof(*f->rows)), 0);
	f->rows = rows;
	f->rows[f->n] = (struct finding){
		.code = code,
		.name = "a-name",
		.severity = severity,
		.state = state,
		.message = "Something was seen.",
		.remedy = "Do something.",
		.fingerprint = 0x0123456789abcdef,
	};
	f->n_fail += state == FINDING_OPEN && severity == SEV_FAIL;
	f->n_warn += state == FINDING_OPEN && severity == SEV_WARN;
	f->n_info += state == FINDING_OPEN && severity == SEV_INFO;
	return &f->rows[f->n++];
}

/** Judge as cli/ does, render, @return the text; it lives until the next rendering. */
static inline const char *fixture_render(struct fixture *fx, render_fn *render)
{
	struct out o;

	fx->rep.verdict = report_verdict(fx->rep.snap, fx->rep.findings);
	fx->rep.exit_code = report_exit_code(fx->rep.snap, fx->rep.findings,
	                                     FAIL_ON_FAIL | FAIL_ON_WARN | FAIL_ON_INCOMPLETE);
	out_mem_done(&fx->mem);
	out_init(&o, out_mem_write, &fx->mem);
	render(&fx->rep, &o);
	cr_assert_eq(out_flush(&o), 0);
	cr_assert_not_null(fx->mem.bytes);
	return fx->mem.bytes;
}

static inline bool fixture_has(const struct fixture *fx, const char *text)
{
	return strstr(fx->mem.bytes, text) != NULL;
}

/** Lines of the last rendering. */
static inline uint32_t fixture_lines(const struct fixture *fx)
{
	uint32_t n = 0;

	for (const char *c = fx->mem.bytes; *c != '\0'; c++) {
		n += *c == '\n';
	}
	return n;
}

/** A sink that is full after some bytes. */
struct fixture_sink {
	size_t room;
};

static inline int fixture_full(void *ctx, const char *bytes, size_t len)
{
	struct fixture_sink *sink = ctx;

	(void)bytes;
	if (len > sink->room) {
		return -ENOSPC;
	}
	sink->room -= len;
	return 0;
}

/** Render into sinks that fail after every number of bytes; the error has to stay. */
static inline void fixture_try_full(struct fixture *fx, render_fn *render, const char *name)
{
	size_t whole;

	(void)fixture_render(fx, render);
	whole = fx->mem.len;
	for (size_t n = 0; n <= whole; n++) {
		struct fixture_sink sink = {.room = n};
		struct out o;
		int want = n < whole ? -ENOSPC : 0;

		out_init(&o, fixture_full, &sink);
		render(&fx->rep, &o);
		cr_assert_eq(out_flush(&o), want, "%s: %zu of %zu bytes", name, n, whole);
	}
}

/** A limit on the renderer's width that every printed line has to keep. */
static inline void fixture_expect_width(const struct fixture *fx, size_t columns, const char *name)
{
	for (const char *line = fx->mem.bytes; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		cr_expect_leq(len, columns, "%s: %zu columns: %.*s", name, len, (int)len, line);
		line += len + (line[len] != '\0');
	}
}

#endif
