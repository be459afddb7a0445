/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "tests/unit/corpus_files.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#define MOST_PROGRAMS   512u
#define FEWEST_PROGRAMS 120u
#define FEWEST_DUMPS    100u
#define PERCENT_EXACT   98u
#define RESULT_BYTES    ((size_t)16 << 20)

static const char *const kernels[] = {"6.1", "6.12", "6.18"};

/** What programs must be there for: encodings, rewrites, traps, techniques, helpers. */
static const char *const rows[] = {
	"2.r11", "2.number", "2.map", "2.map-value", "2.function", "2.tail-call", "2.call",
	"2.call-far", "2.kfunc", "2.long-jump", "2.movsx", "2.percpu-move", "2.arena-cast",
	"2.ldsx", "2.ldsx-guarded", "2.bswap", "2.endian", "2.fetch", "2.cmpxchg", "2.load-acquire",
	"2.atomic-guarded", "2.barrier", "2.sdiv", "2.shift-modulo", "2.mask-minus-one",
	"2.div-zero", "2.w-clears", "2.imm-signed", "2.low-32",
	/* what the kernel writes */
	"3.dead-code", "3.prologue", "3.classic-load", "3.array-lookup", "3.percpu-lookup",
	"3.cpu-number", "3.hash-lookup", "3.division", "3.may-goto", "3.loop-inlined", "3.callback",
	"3.ctx-field", "3.exception", "3.no-perfmon", "3.harden", "3.no-jit",
	/* traps */
	"4.replaced", "4.throw", "4.tail-in-function", "4.tail-fails", "4.two-arrays", "4.tag",
	"4.mutable-data", "4.percpu-copy", "4.helper-writes", "4.callee-writes", "4.atomic-writes",
	"4.unknown-store", "4.copies-partial", "4.redirect-alone", "4.anonymous", "4.hardened",
	/* techniques */
	"5.const-sets", "5.ranges", "5.helper-returns", "5.tail-followed", "5.tail-empty",
	"5.tail-constant-index", "5.tail-cycle", "5.states", "5.refine-64", "5.refine-32",
	"5.refine-signed", "5.refine-unsigned", "5.shift-sets", "5.stack-whole", "5.stack-part",
	"5.ctx-cells", "5.same-compare", "5.functions-static", "5.functions-global",
	"5.function-pointer-result", "5.packed-result", "5.copies", "5.shift-pairs",
	"5.redirect-flags", "5.rodata", "5.rodata-table", "5.known-bits", "5.word-mask",
	"5.callbacks", "5.ctx-twice", "5.loop", "5.remainder", "5.switch-mask", "5.scratch",
	/* helpers */
	"7.redirect", "7.redirect-peer", "7.redirect-neigh", "7.load-bytes", "7.errno-helpers",
	"7.clone-redirect", "7.prandom", "7.cpu", "7.loop-count", "7.lookup"};

static struct corpus_want wants[MOST_PROGRAMS];
static uint32_t n_wants;

static int by_name(const void *a, const void *b)
{
	const struct corpus_want *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void read_wants(void)
{
	DIR *dir = opendir(CORPUS_DIR);

	cr_assert_not_null(dir, CORPUS_DIR " is not here: run from the root of the tree");
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		char *suffix = strstr(e->d_name, ".want");

		if (!suffix || suffix[5] != '\0') {
			continue;
		}
		*suffix = '\0';
		cr_assert_lt(n_wants, MOST_PROGRAMS);
		cr_assert(corpus_read_want(e->d_name, &wants[n_wants]), "%s", e->d_name);
		n_wants++;
	}
	(void)closedir(dir);
	qsort(wants, n_wants, sizeof(wants[0]), by_name);
}

static void print_set(const char *what, uint32_t set, char text[256])
{
	size_t at = (size_t)snprintf(text, 256, "%s", what);

	for (uint32_t c = 0; c < N_CODES; c++) {
		if (set & CODE_BIT(c)) {
			at += (size_t)snprintf(text + at, 256 - at, " %s", code_word((enum code)c));
		}
	}
}

/** What is done with the verdict of each dump. */
typedef void visit_fn(const struct corpus_want *w, const char *kernel, const struct verdict *v,
                      void *arg);

/** @return how many dumps there are. */
static uint32_t judge_all(visit_fn *visit, void *arg)
{
	uint32_t n = 0;

	read_wants();
	for (size_t i = 0; i < n_wants * COUNT_OF(kernels); i++) {
		const struct corpus_want *w = &wants[i / COUNT_OF(kernels)];
		const char *kernel = kernels[i % COUNT_OF(kernels)];
		struct corpus_dump *d = corpus_read_dump(w, kernel);
		struct arena arena;
		struct verdict v = {0};

		if (!d) {
			continue;
		}
		arena_init(&arena, RESULT_BYTES);
		cr_expect_eq(verdict_run(&d->facts, 1, NULL, &arena, &v), 0, "%s.%s", w->name,
		             kernel);
		visit(w, kernel, &v, arg);
		n++;
		arena_done(&arena);
		free(d);
	}
	return n;
}

static void expect_sound(const struct corpus_want *w, const char *kernel, const struct verdict *v,
                         void *arg)
{
	char missing[256];

	(void)arg;
	print_set("misses", w->codes & ~v->codes, missing);
	cr_expect_eq(w->codes & ~v->codes, 0, "%s.%s %s", w->name, kernel, missing);
}

Test(corpus, never_smaller_than_the_truth)
{
	cr_expect_gt(judge_all(expect_sound, NULL), 0);
}

static void expect_honest(const struct corpus_want *w, const char *kernel, const struct verdict *v,
                          void *arg)
{
	char got[256];

	(void)arg;
	print_set("claims to be exactly", v->codes, got);
	cr_expect(!v->exact || v->codes == w->codes, "%s.%s %s", w->name, kernel, got);
	cr_expect(v->exact || v->reason, "%s.%s is not exact, without a reason", w->name, kernel);
}

Test(corpus, exact_only_when_it_is)
{
	cr_expect_gt(judge_all(expect_honest, NULL), 0);
}

struct precision {
	uint32_t n_finite, n_equal, n_exact;
};

static void count_precision(const struct corpus_want *w, const char *kernel,
                            const struct verdict *v, void *arg)
{
	struct precision *p = arg;
	char got[256];

	if (!w->finite) {
		return;
	}
	p->n_finite++;
	p->n_equal += v->codes == w->codes;
	p->n_exact += v->exact;
	if (v->codes != w->codes) {
		print_set("", v->codes & ~w->codes, got);
		(void)fprintf(stderr, "vague: %s.%s has too much:%s (%s, at %u: %s)\n", w->name,
		              kernel, got, verdict_cause_word(v->cause), v->reason_pc,
		              v->reason ? v->reason : "");
	}
}

Test(corpus, precise)
{
	struct precision p = {0};

	(void)judge_all(count_precision, &p);
	(void)fprintf(stderr, "%u of %u finite truths found, %u of them called exact\n", p.n_equal,
	              p.n_finite, p.n_exact);
	cr_expect_gt(p.n_finite, 0);
	cr_expect_geq(p.n_equal * 100, p.n_finite * PERCENT_EXACT, "%u of %u", p.n_equal,
	              p.n_finite);
}

static bool has_source(const struct corpus_want *w)
{
	static const char *const suffixes[] = {"", ".c", ".S"};
	char path[512];

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		/* Without a line that names it, the source has the name of the program. */
		if ((w->source[0] != '\0') != (suffixes[i][0] == '\0')) {
			continue;
		}
		(void)snprintf(path, sizeof(path), CORPUS_DIR "/%s%s",
		               w->source[0] ? w->source : w->name, suffixes[i]);
		if (access(path, R_OK) == 0) {
			return true;
		}
	}
	return false;
}

Test(corpus, every_program_is_whole)
{
	read_wants();
	cr_expect_geq(n_wants, FEWEST_PROGRAMS);
	for (uint32_t i = 0; i < n_wants; i++) {
		const struct corpus_want *w = &wants[i];
		uint32_t n = 0;

		cr_expect(has_source(w), "%s has no source", w->name);
		cr_expect_neq(w->codes, 0, "%s expects no code", w->name);
		cr_expect_neq(w->rows[0], '\0', "%s says not what it is for", w->name);
		for (size_t k = 0; k < COUNT_OF(kernels); k++) {
			struct corpus_dump *d = corpus_read_dump(w, kernels[k]);

			n += d != NULL;
			free(d);
		}
		cr_expect_gt(n, 0, "%s is of no kernel", w->name);
	}
}

Test(corpus, every_kernel_is_there)
{
	read_wants();
	for (size_t k = 0; k < COUNT_OF(kernels); k++) {
		uint32_t n = 0;

		for (uint32_t i = 0; i < n_wants; i++) {
			struct corpus_dump *d = corpus_read_dump(&wants[i], kernels[k]);

			n += d != NULL;
			free(d);
		}
		cr_expect_geq(n, FEWEST_DUMPS, "kernel %s: %u", kernels[k], n);
	}
}

Test(corpus, every_row_has_a_program)
{
	read_wants();
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		char word[CORPUS_WORD];
		bool found = false;

		(void)snprintf(word, sizeof(word), " %s ", rows[r]);
		for (uint32_t i = 0; i < n_wants; i++) {
			found = found || strstr(wants[i].rows, word);
		}
		cr_expect(found, "nothing is there for %s", rows[r]);
	}
}
