/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/vendors_json.h"

#include "model/codes.h"
#include "model/text.h"

#include <stdlib.h>

/** Program names listed as evidence for one vendor. */
#define MAX_EVIDENCE 16u

/** One attached entry of an identified vendor. */
struct sighting {
	const char *vendor;
	uint32_t hook;
	enum hook_type type;
	uint32_t pref; /**< 0: not a filter. */
	const struct snap_prog *prog;
};

static int by_vendor(const void *a, const void *b)
{
	const struct sighting *x = a;
	const struct sighting *y = b;
	int r = text_cmp(x->vendor, y->vendor);

	if (r == 0) {
		r = (x->hook > y->hook) - (x->hook < y->hook);
	}
	return r != 0 ? r : (x->pref > y->pref) - (x->pref < y->pref);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return text_cmp(*x, *y);
}

static void add_codes(struct json_build *b, cJSON *item, const struct sighting *seen, uint32_t n)
{
	uint32_t codes = 0;
	bool exact = true;
	cJSON *returns = json_add_object(b, item, "returns");
	cJSON *words = json_add_array(b, returns, "codes");

	for (uint32_t i = 0; i < n; i++) {
		codes |= seen[i].prog->returns.codes;
		exact = exact && seen[i].prog->returns.exact;
	}
	for (uint32_t code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) != 0) {
			json_push_text(b, words, code_word((enum code)code));
		}
	}
	json_add_bool(b, returns, "exact", exact);
}

static void add_prefs(struct json_build *b, cJSON *item, const struct sighting *seen, uint32_t n)
{
	cJSON *array = json_add_array(b, item, "prefs");
	uint32_t *prefs = calloc(n, sizeof(*prefs));

	if (prefs == NULL) {
		b->failed = true;
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		prefs[i] = seen[i].pref;
	}
	qsort(prefs, n, sizeof(*prefs), by_number);
	for (uint32_t i = 0; i < n; i++) {
		if (prefs[i] != 0 && (i == 0 || prefs[i] != prefs[i - 1])) {
			json_push_number(b, array, prefs[i]);
		}
	}
	free(prefs);
}

static void add_attach(struct json_build *b, cJSON *item, const struct sighting *seen, uint32_t n)
{
	bool used[N_HOOK_TYPES] = {false};
	cJSON *array = json_add_array(b, item, "attach");

	for (uint32_t i = 0; i < n; i++) {
		used[seen[i].type] = true;
	}
	for (uint32_t type = 0; type < N_HOOK_TYPES; type++) {
		if (used[type]) {
			json_push_text(b, array, hook_type_word((enum hook_type)type));
		}
	}
}

/** Distinct names of the programs that the vendor was recognised by. */
static void add_evidence(struct json_build *b, cJSON *item, const struct sighting *seen, uint32_t n)
{
	cJSON *array = json_add_array(b, item, "evidence");
	const char **names = calloc(n, sizeof(*names));
	uint32_t used = 0;

	if (names == NULL) {
		b->failed = true;
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		names[i] = seen[i].prog->name;
	}
	qsort(names, n, sizeof(*names), by_name);
	for (uint32_t i = 0; i < n && used < MAX_EVIDENCE; i++) {
		if (names[i] != NULL && (i == 0 || !text_eq(names[i], names[i - 1]))) {
			json_push_text(b, array, names[i]);
			used++;
		}
	}
	free(names);
}

static void add_vendor(struct json_build *b, cJSON *array, const struct sighting *seen, uint32_t n)
{
	cJSON *item = json_new_object(b);
	uint32_t hooks = 0;

	for (uint32_t i = 0; i < n; i++) {
		hooks += i == 0 || seen[i].hook != seen[i - 1].hook;
	}
	json_add_text(b, item, "id", seen[0].vendor);
	json_add_text(b, item, "name", seen[0].vendor);
	json_add_null(b, item, "version_hint");
	json_add_number(b, item, "hooks", hooks);
	add_prefs(b, item, seen, n);
	add_attach(b, item, seen, n);
	add_codes(b, item, seen, n);
	add_evidence(b, item, seen, n);
	json_push(b, array, item);
}

/** Entries whose program carries a vendor. @return how many were written to @p seen. */
static uint32_t collect(const struct snapshot *snap, struct sighting *seen)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < snap->n_entries; i++) {
		const struct snap_entry *entry = &snap->entries[i];
		const struct snap_prog *prog =
			entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;

		if (prog != NULL && prog->vendor != NULL) {
			seen[n++] = (struct sighting){
				.vendor = prog->vendor,
				.hook = entry->hook,
				.type = snap->hooks[entry->hook].type,
				.pref = entry->is_filter ? entry->pref : 0,
				.prog = prog,
			};
		}
	}
	return n;
}

void vendors_add_json(struct json_build *b, cJSON *root, const struct snapshot *snap)
{
	cJSON *array = json_add_array(b, root, "vendors");

	if (snap->n_entries == 0) {
		return;
	}

	struct sighting *seen = calloc(snap->n_entries, sizeof(*seen));

	if (seen == NULL) {
		b->failed = true;
		return;
	}

	uint32_t n = collect(snap, seen);

	qsort(seen, n, sizeof(*seen), by_vendor);
	for (uint32_t first = 0; first < n;) {
		uint32_t end = first + 1;

		while (end < n && text_eq(seen[end].vendor, seen[first].vendor)) {
			end++;
		}
		add_vendor(b, array, &seen[first], end - first);
		first = end;
	}
	free(seen);
}
