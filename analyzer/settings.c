/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/settings.h"

#include "analyzer/vendors.h"
#include "model/text.h"

#include <errno.h>
#include <string.h>

/** Settings that are listed; a node has a handful of vendors. */
#define MAX_SETTINGS 32u

/** What helps, the least intrusive first. N_VENDOR_PURPOSES: no more. */
struct remedies {
	unsigned int order[N_VENDOR_PURPOSES];
};

/** A filter can move behind the Agent; a list that runs before clsact cannot. */
static const struct remedies for_filter = {
	{SETTING_PRIORITY, SETTING_ATTACH, SETTING_OFF, N_VENDOR_PURPOSES}};
static const struct remedies for_list = {
	{SETTING_ATTACH, SETTING_POSITION, SETTING_OFF, N_VENDOR_PURPOSES}};
static const struct remedies for_qdisc = {
	{SETTING_OFF, N_VENDOR_PURPOSES, N_VENDOR_PURPOSES, N_VENDOR_PURPOSES}};

static const struct remedies *remedies_for(enum hook_type type, uint32_t entry)
{
	switch (type) {
	case HOOK_TCX_INGRESS:
	case HOOK_TCX_EGRESS:
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
	case HOOK_XDP:
		return &for_list;
	case HOOK_CLSACT_INGRESS:
	case HOOK_CLSACT_EGRESS:
	case HOOK_INGRESS:
	case HOOK_QDISC:
		break;
	}
	return entry != SNAP_NONE ? &for_filter : &for_qdisc;
}

const struct vendor *settings_vendor_at(const struct context *ctx, uint32_t hook, uint32_t entry)
{
	const struct vendor *vendor = NULL;

	if (ctx->who == NULL || hook == SNAP_NONE) {
		return NULL;
	}
	if (entry != SNAP_NONE) {
		return vendors_of_entry(ctx->who, entry);
	}

	const struct snap_hook *row = &ctx->snap->hooks[hook];

	for (uint32_t i = 0; i < row->n_entries && vendor == NULL; i++) {
		vendor = vendors_of_entry(ctx->who, row->first_entry + i);
	}
	return vendor;
}

static bool is_listed(const struct recommendation *ret, const struct vendor *vendor,
                      const struct vendor_setting *setting)
{
	for (uint32_t i = 0; i < ret->n_settings; i++) {
		if (text_eq(ret->settings[i].vendor, vendor->id) &&
		    text_eq(ret->settings[i].setting, setting->name) &&
		    text_eq(ret->settings[i].how, setting->how)) {
			return true;
		}
	}
	return false;
}

/** Every setting of one purpose that holds there. @return whether there was one. */
static bool add_purpose(const struct context *ctx, const struct vendor *vendor,
                        unsigned int purpose, enum hook_type type, struct recommendation *ret)
{
	uint32_t index = (uint32_t)(vendor - ctx->who->table->rows);
	bool found = false;

	for (uint32_t i = 0; i < vendor->n_settings; i++) {
		const struct vendor_setting *setting = &vendor->settings[i];

		if (setting->purpose != purpose ||
		    vendors_applies(ctx->who, index, &setting->when, type) == RELEASE_OUTSIDE) {
			continue;
		}
		found = true;
		if (!is_listed(ret, vendor, setting) && ret->n_settings < MAX_SETTINGS) {
			ret->settings[ret->n_settings++] = (struct vendor_advice){
				.vendor = vendor->id,
				.name = vendor->name,
				.setting = setting->name,
				.how = setting->how,
				.paste = setting->paste,
			};
		}
	}
	return found;
}

static void add_blocker(const struct context *ctx, const struct blocker *blocker,
                        struct recommendation *ret)
{
	const struct vendor *vendor =
		settings_vendor_at(ctx, blocker->place.hook, blocker->place.entry);

	if (vendor == NULL || vendor->agent) {
		return;
	}

	enum hook_type type = ctx->snap->hooks[blocker->place.hook].type;
	const struct remedies *remedies = remedies_for(type, blocker->place.entry);

	for (size_t i = 0; i < COUNT_OF(remedies->order); i++) {
		if (remedies->order[i] == N_VENDOR_PURPOSES ||
		    add_purpose(ctx, vendor, remedies->order[i], type, ret)) {
			break;
		}
	}
}

int settings_find(const struct context *ctx, struct arena *arena, struct recommendation *ret)
{
	ret->settings = NULL;
	ret->n_settings = 0;
	if (ctx->who == NULL || ret->n_blocked_by == 0) {
		return 0;
	}
	ret->settings = arena_alloc(arena, MAX_SETTINGS * sizeof(*ret->settings));
	if (ret->settings == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < ret->n_blocked_by; i++) {
		add_blocker(ctx, &ret->blocked_by[i], ret);
	}
	return 0;
}
