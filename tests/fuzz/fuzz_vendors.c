/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
/*
 * Any bytes as a vendor table: an error with a description, or a table that recognises, or does
 * not, the programs of a small node, and gives the same answer twice.
 */
#include "analyzer/vendors.h"
#include "model/abi.h"
#include "model/text.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)4 << 20)

static const struct {
	const char *dev;
	enum hook_type hook;
	const char *prog, *filter;
	uint32_t pref;
} node[] = {
	{"lxc12ab", HOOK_CLSACT_INGRESS, "cil_from_contai", "cil_from_container-lxc12ab", 1},
	{"eth0", HOOK_TCX_INGRESS, "cali_tc_preambl", NULL, 0},
	{"eni1", HOOK_CLSACT_EGRESS, NULL, "handle_ingress", 1},
};

static void fill_node(struct snapshot *snap)
{
	struct snap_netns netns = {.inode = 1, .host = true};
	struct snap_process process = {.pid = 1, .comm = "cilium-agent", .version = "1.15.6"};
	int r = snap_add_netns(snap, &netns, NULL);

	for (uint32_t i = 0; i < sizeof(node) / sizeof(node[0]) && r == 0; i++) {
		struct snap_link link = {.ifindex = i + 1, .name = node[i].dev, .netnsid = -1};
		struct snap_hook hook = {.type = node[i].hook};
		struct snap_prog prog = {.id = i + 1, .name = node[i].prog, .type = "sched_cls"};
		struct snap_entry entry = {.kind = "bpf",
		                           .protocol = ABI_ETH_P_ALL,
		                           .pref = node[i].pref,
		                           .handle = 1,
		                           .direct_action = true,
		                           .name = node[i].filter,
		                           .prog_id = i + 1};

		r = snap_add_link(snap, &link, &hook.link);
		r = r < 0 ? r : snap_add_hook(snap, &hook, &entry.hook);
		r = r < 0 ? r : snap_add_entry(snap, &entry, NULL);
		r = r < 0 ? r : snap_add_prog(snap, &prog, NULL);
	}
	r = r < 0 ? r : snap_add_process(snap, &process, NULL);
	FUZZ_PROMISE(r == 0 && snap_seal(snap, NULL) == 0);
}

static void check_entry(const struct identities *who, const struct snapshot *snap, uint32_t entry)
{
	const struct vendor *vendor = vendors_of_entry(who, entry);
	uint32_t codes = 0;

	if (vendor == NULL) {
		return;
	}
	FUZZ_PROMISE(who->entries[entry].evidence != NULL);
	FUZZ_PROMISE(vendor->uses_tc && !vendor->generic);
	FUZZ_PROMISE(vendors_find(who->table, vendor->id) == vendor);
	FUZZ_PROMISE(!vendors_returns(who, snap, entry, &codes) || codes != 0);
	for (uint32_t i = 0; i < vendor->n_takes; i++) {
		(void)vendor_takes_on(&vendor->takes[i], "eth0");
	}
}

static void use_table(const struct vendors *table)
{
	const struct vendor_versions versions = {.cilium = NULL};
	struct vendor_seen *seen = NULL;
	struct identities who;
	struct identities again;
	struct snapshot snap;
	struct arena arena;
	uint32_t n = 0;

	snap_init(&snap, LIMIT_BYTES);
	fill_node(&snap);
	arena_init(&arena, LIMIT_BYTES);
	FUZZ_PROMISE(vendors_identify(table, &snap, &versions, &arena, &who) == 0);
	FUZZ_PROMISE(vendors_identify(table, &snap, &versions, &arena, &again) == 0);
	FUZZ_PROMISE(vendors_summary(&who, &snap, &arena, &seen, &n) == 0);
	for (uint32_t i = 0; i < snap.n_entries; i++) {
		FUZZ_PROMISE(who.entries[i].vendor == again.entries[i].vendor);
		FUZZ_PROMISE(text_eq(who.entries[i].evidence, again.entries[i].evidence));
		check_entry(&who, &snap, i);
	}
	arena_done(&arena);
	snap_done(&snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vendors table;
	struct err err = {0};
	struct arena arena;

	arena_init(&arena, LIMIT_BYTES);

	int r = vendors_parse((const char *)data, size, "table", &arena, &table, &err);

	FUZZ_PROMISE(r == err.code);
	if (r == 0) {
		use_table(&table);
	} else {
		FUZZ_PROMISE(r == -EBADMSG || r == -EFBIG || r == -ENOMEM);
		FUZZ_PROMISE(text_starts(err.text, "table: "));
	}
	arena_done(&arena);
	return 0;
}
