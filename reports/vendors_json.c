/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/vendors_json.h"

#include "model/codes.h"

static void add_codes(struct json_build *b, cJSON *obj, const char *key, uint32_t codes)
{
	cJSON *words = json_add_array(b, obj, key);

	for (uint32_t code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) != 0) {
			json_push_text(b, words, code_word((enum code)code));
		}
	}
}

static void add_returns(struct json_build *b, cJSON *item, const struct vendor_seen *seen)
{
	cJSON *returns = json_add_object(b, item, "returns");

	add_codes(b, returns, "codes", seen->codes);
	json_add_bool(b, returns, "exact", seen->exact);
	add_codes(b, returns, "table", seen->table_codes);
}

static void add_attach(struct json_build *b, cJSON *item, const struct vendor_seen *seen)
{
	cJSON *array = json_add_array(b, item, "attach");

	for (uint32_t type = 0; type < N_HOOK_TYPES; type++) {
		if ((seen->hook_types & (1u << type)) != 0) {
			json_push_text(b, array, hook_type_word((enum hook_type)type));
		}
	}
}

static void add_vendor(struct json_build *b, cJSON *array, const struct vendor_seen *seen)
{
	cJSON *item = json_new_object(b);

	json_add_text(b, item, "id", seen->id);
	json_add_text(b, item, "name", seen->name);
	json_add_text(b, item, "version_hint", seen->version);
	json_add_text(b, item, "strength", match_strength_word(seen->strength));
	json_add_bool(b, item, "running", seen->running);
	json_add_number(b, item, "hooks", seen->n_hooks);

	cJSON *prefs = json_add_array(b, item, "prefs");

	for (uint32_t i = 0; i < seen->n_prefs; i++) {
		json_push_number(b, prefs, seen->prefs[i]);
	}
	add_attach(b, item, seen);
	add_returns(b, item, seen);

	cJSON *evidence = json_add_array(b, item, "evidence");

	for (uint32_t i = 0; i < seen->n_evidence; i++) {
		json_push_text(b, evidence, seen->evidence[i]);
	}
	json_push(b, array, item);
}

void vendors_add_json(struct json_build *b, cJSON *root, const struct findings *f)
{
	cJSON *array = json_add_array(b, root, "vendors");

	for (uint32_t i = 0; i < f->n_vendors; i++) {
		add_vendor(b, array, &f->vendors[i]);
	}
}
