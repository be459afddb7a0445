/* SPDX-License-Identifier: Apache-2.0 */
/* layers: reports analyzer model */
/*
 * Whole snapshots in, whole reports out, compared byte for byte: testdata/cases/NAME/snapshot.json
 * with a golden for each format beside it, such as text.golden. UPDATE_GOLDEN=1 in the environment
 * rewrites them.
 */
#include "analyzer/analyze.h"
#include "analyzer/vendors.h"
#include "model/snapshot_json.h"
#include "reports/report.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES_DIR "testdata/cases"

/** At least this many have to be there: an empty directory must not pass. */
#define MIN_CASES 10

#define MAX_FILE_BYTES ((size_t)16 << 20)
#define PATH_BYTES     512

/** @return the whole file, NUL-terminated, to be freed; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "r");
	char *bytes;
	size_t len;

	if (file == NULL) {
		return NULL;
	}
	bytes = malloc(MAX_FILE_BYTES + 1);
	cr_assert_not_null(bytes);
	len = fread(bytes, 1, MAX_FILE_BYTES, file);
	cr_assert_eq(ferror(file), 0, "%s", path);
	cr_assert_lt(len, MAX_FILE_BYTES, "%s", path);
	cr_assert_eq(fclose(file), 0);
	bytes[len] = '\0';
	*ret_len = len;
	return bytes;
}

static void write_file(const char *path, const struct out_mem *mem)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file, "%s: %s", path, strerror(errno));
	cr_assert_eq(fwrite(mem->bytes, 1, mem->len, file), mem->len, "%s", path);
	cr_assert_eq(fclose(file), 0, "%s", path);
}

/** First line in which two texts differ, from 1. */
static size_t first_difference(const char *a, const char *b)
{
	size_t line = 1;

	while (*a != '\0' && *a == *b) {
		line += *a == '\n';
		a++;
		b++;
	}
	return line;
}

static void render(const struct report *rep, render_fn *fn, struct out_mem *mem)
{
	struct out o;

	out_init(&o, out_mem_write, mem);
	fn(rep, &o);
	cr_assert_eq(out_flush(&o), 0);
	cr_assert_not_null(mem->bytes);
}

static bool is_equal(const char *want, size_t len, const struct out_mem *got)
{
	return want != NULL && len == got->len && memcmp(want, got->bytes, len) == 0;
}

static void compare(const char *path, const struct out_mem *got)
{
	size_t len = 0;
	char *want = read_file(path, &len);
	size_t line = want == NULL ? 1 : first_difference(want, got->bytes);

	cr_expect(is_equal(want, len, got), "%s: differs from line %zu on. Got:\n%s", path, line,
	          got->bytes);
	free(want);
}

/** Rendering twice gives the same bytes. */
static void expect_same(const char *path, const struct out_mem *mem, const struct out_mem *again)
{
	cr_expect(is_equal(mem->bytes, mem->len, again), "%s: not the same twice", path);
}

static void check_format(const char *name, const struct report *rep, const struct format *format)
{
	const char *update = getenv("UPDATE_GOLDEN");
	struct out_mem mem = {0};
	struct out_mem again = {0};
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), CASES_DIR "/%s/%s.golden", name, format->name);
	render(rep, format->check, &mem);
	render(rep, format->check, &again);
	expect_same(path, &mem, &again);
	if (update != NULL && strcmp(update, "1") == 0) {
		write_file(path, &mem);
	} else {
		compare(path, &mem);
	}
	out_mem_done(&mem);
	out_mem_done(&again);
}

static void run_case(const char *name, const struct vendors *table)
{
	struct analyze_options opts = {.vendors = table};
	struct snapshot snap;
	struct findings findings;
	struct err err = {0};
	char path[PATH_BYTES];
	size_t len = 0;
	char *bytes;

	(void)snprintf(path, sizeof(path), CASES_DIR "/%s/snapshot.json", name);
	bytes = read_file(path, &len);
	cr_assert_not_null(bytes, "%s", path);
	snap_init(&snap, SNAP_ARENA_BYTES);
	findings_init(&findings, SNAP_ARENA_BYTES);
	cr_assert_eq(snapshot_read_json(bytes, len, &snap, &err), 0, "%s: %s", path, err.text);
	cr_assert_eq(analyze(&snap, &opts, &findings, &err), 0, "%s: %s", path, err.text);

	struct report rep = {
		.snap = &snap,
		.findings = &findings,
		.verdict = report_verdict(&snap, &findings),
		.exit_code = report_exit_code(&snap, &findings,
	                                      FAIL_ON_FAIL | FAIL_ON_WARN | FAIL_ON_INCOMPLETE),
	};

	for (uint32_t i = 0; i < n_formats; i++) {
		if (formats[i].check != NULL) {
			check_format(name, &rep, &formats[i]);
		}
	}
	findings_done(&findings);
	snap_done(&snap);
	free(bytes);
}

Test(golden, cases)
{
	DIR *dir = opendir(CASES_DIR);
	const struct dirent *entry;
	struct vendors table;
	struct arena arena;
	uint32_t n = 0;

	arena_init(&arena, SNAP_ARENA_BYTES);
	cr_assert_eq(vendors_parse(vendors_builtin, vendors_builtin_bytes, "built-in", &arena,
	                           &table, NULL),
	             0);
	cr_assert_not_null(dir, "%s: run this from the root of the tree", CASES_DIR);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.') {
			run_case(entry->d_name, &table);
			n++;
		}
	}
	cr_assert_eq(closedir(dir), 0);
	arena_done(&arena);
	cr_expect_geq(n, MIN_CASES, "%u cases", n);
}
