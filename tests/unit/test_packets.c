/* SPDX-License-Identifier: Apache-2.0 */
/* layers: analyzer model */
#include "analyzer/order.h"
#include "model/attrs.h"
#include "tests/unit/build.h"

/* A second, naive reading of the kernel: it follows single packets and tries every result that a
 * program has and both answers of every condition. */

struct packets {
	const struct snapshot *snap;
	const struct lane *lane;
	uint32_t priority;
	bool lost; /**< Some packet was let through and never came to the Agent. */
};

static void sim_filters(struct packets *p, uint32_t at);

static uint32_t sim_codes(const struct packets *p, uint32_t entry)
{
	return snap_find_prog(p->snap, p->snap->entries[entry].prog_id)->returns.codes;
}

static void sim_tcx(struct packets *p, uint32_t at)
{
	const struct snap_hook *hook =
		p->lane->tcx == SNAP_NONE ? NULL : &p->snap->hooks[p->lane->tcx];

	if (hook == NULL || at == hook->n_entries) {
		sim_filters(p, 0);
		return;
	}

	uint32_t codes = sim_codes(p, hook->first_entry + at);

	for (unsigned int code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) == 0 || code == CODE_SHOT) {
			continue;
		}
		if (code == CODE_UNSPEC) {
			sim_tcx(p, at + 1);
		} else if (code == CODE_OK || code == CODE_REDIRECT) {
			p->lost = true;
		} else {
			sim_filters(p, 0);
		}
	}
}

static void sim_netkit(struct packets *p, uint32_t at)
{
	const struct snap_hook *hook =
		p->lane->netkit == SNAP_NONE ? NULL : &p->snap->hooks[p->lane->netkit];

	if (hook == NULL || at == hook->n_entries) {
		sim_tcx(p, 0);
		return;
	}

	uint32_t codes = sim_codes(p, hook->first_entry + at);

	if ((codes & BIT(UNSPEC)) != 0) {
		sim_netkit(p, at + 1);
	}
	if ((codes & BIT(OK)) != 0) {
		sim_tcx(p, 0);
	}
	if ((codes & BIT(REDIRECT)) != 0) {
		p->lost = true;
	}
}

/** The packet matched a filter with actions. */
static void sim_actions(struct packets *p, uint32_t entry, uint32_t at)
{
	const struct snap_entry *row = &p->snap->entries[entry];
	enum act_control control = ACT_PIPE;

	for (uint32_t i = 0; i < row->n_actions && control == ACT_PIPE; i++) {
		control = p->snap->actions[row->first_action + i].control;
	}
	if (control == ACT_UNSPEC) {
		sim_filters(p, at + 1);
	} else if (control != ACT_SHOT) {
		p->lost = true;
	}
}

static void sim_program(struct packets *p, uint32_t entry, uint32_t at)
{
	bool direct = p->snap->entries[entry].direct_action;
	uint32_t codes = sim_codes(p, entry);

	for (unsigned int code = 0; code < N_CODES; code++) {
		if ((codes & CODE_BIT(code)) == 0) {
			continue;
		}
		if (!direct && code != CODE_OK) {
			sim_actions(p, entry, at);
			continue;
		}
		switch (direct ? code : CODE_UNSPEC) {
		case CODE_OK:
		case CODE_STOLEN:
		case CODE_TRAP:
		case CODE_REDIRECT:
			p->lost = true;
			break;
		case CODE_SHOT:
			break;
		default:
			sim_filters(p, at + 1);
			break;
		}
	}
}

static void sim_filters(struct packets *p, uint32_t at)
{
	const struct snap_hook *hook =
		p->lane->filters == SNAP_NONE ? NULL : &p->snap->hooks[p->lane->filters];

	if (p->lost || hook == NULL || at == hook->n_entries) {
		return; /* came to the Agent, which is the last before the end */
	}

	uint32_t entry = hook->first_entry + at;
	const struct snap_entry *row = &p->snap->entries[entry];

	if (row->pref > p->priority) {
		return; /* came to the Agent */
	}

	bool bpf = strcmp(row->kind, "bpf") == 0;
	bool conditional = row->protocol != ABI_ETH_P_ALL || (!bpf && row->match != MATCH_ALL);
	bool runs = row->chain == 0 && !row->skip_sw && row->handle != 0;

	if (!runs || conditional) {
		sim_filters(p, at + 1);
	}
	if (runs && bpf) {
		sim_program(p, entry, at);
	} else if (runs) {
		sim_actions(p, entry, at);
	}
}

/** What the Agent must see, from the packets and from what the kernel would refuse. */
static enum sight simulate(const struct snapshot *snap, const struct lane *lane, uint32_t priority)
{
	struct packets p = {.snap = snap, .lane = lane, .priority = priority};
	enum sight tie = SIGHT_FULL;

	if (lane->wrong_qdisc) {
		return SIGHT_BLIND;
	}
	if (lane->filters != SNAP_NONE) {
		const struct snap_hook *hook = &snap->hooks[lane->filters];

		for (uint32_t i = 0; i < hook->n_entries; i++) {
			const struct snap_entry *row = &snap->entries[hook->first_entry + i];

			if (row->pref != priority || row->chain != 0) {
				continue;
			}
			if (strcmp(row->kind, "bpf") != 0 || row->protocol != ABI_ETH_P_ALL) {
				return SIGHT_BLIND;
			}
			tie = SIGHT_UNSURE;
		}
		if (hook->block != 0) {
			return SIGHT_BLIND;
		}
	}
	sim_netkit(&p, 0);
	return p.lost ? SIGHT_BLIND : tie;
}

#define N_RANDOM_PROGS 40

static void random_progs(struct snapshot *snap, uint64_t *rng)
{
	for (uint32_t id = 1; id <= N_RANDOM_PROGS; id++) {
		uint32_t codes = 0;

		/* Mostly one or two codes, so that lists drop, stop and end in every mixture. */
		do {
			codes |= CODE_BIT(build_random(rng, N_CODES));
		} while (build_random(rng, 3) == 0);
		build_prog(snap, id, "p", codes);
	}
}

static void random_filters(struct snapshot *snap, uint32_t hook, uint64_t *rng)
{
	static const enum act_control controls[] = {ACT_UNSPEC, ACT_OK,     ACT_SHOT,
	                                            ACT_PIPE,   ACT_STOLEN, ACT_GOTO_CHAIN};
	uint32_t n = build_random(rng, 5);
	uint32_t pref = 0;

	for (uint32_t i = 0; i < n; i++) {
		pref += build_random(rng, 3) + (i == 0 ? 1 : 0);

		struct snap_entry bpf = {BPF(pref, 1 + build_random(rng, N_RANDOM_PROGS))};
		struct snap_entry plain = {PLAIN("matchall", pref)};
		struct snap_entry row = build_random(rng, 4) == 0 ? plain : bpf;

		row.protocol = build_random(rng, 5) == 0 ? 0x0800 : ABI_ETH_P_ALL;
		row.match = build_random(rng, 2) == 0 ? MATCH_ALL : MATCH_SOME;
		row.skip_sw = build_random(rng, 8) == 0;
		row.handle = build_random(rng, 10) == 0 ? 0 : 1;
		row.chain = build_random(rng, 8) == 0 ? 1 : 0;
		row.direct_action = row.direct_action && build_random(rng, 5) != 0;

		uint32_t idx = build_entry(snap, hook, row);

		for (uint32_t a = build_random(rng, 3); a > 0; a--) {
			build_action(
				snap, idx,
				(struct snap_action){
					.kind = "gact",
					.control =
						controls[build_random(rng, COUNT_OF(controls))]});
		}
	}
}

static void random_link(struct snapshot *snap, uint32_t link, uint64_t *rng)
{
	static const enum hook_type lists[] = {HOOK_NETKIT_PEER, HOOK_TCX_INGRESS, HOOK_TCX_EGRESS,
	                                       HOOK_XDP};
	bool plain_ingress = build_random(rng, 6) == 0;

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		uint32_t n = build_random(rng, 3) == 0 ? build_random(rng, 4) : 0;

		if (n == 0) {
			continue;
		}

		uint32_t hook = build_hook(snap, link, lists[i]);

		for (uint32_t k = 0; k < n; k++) {
			build_entry(snap, hook,
			            (struct snap_entry){
					    ATTACHED(1 + build_random(rng, N_RANDOM_PROGS))});
		}
	}
	if (plain_ingress) {
		random_filters(snap, build_hook(snap, link, HOOK_INGRESS), rng);
		return;
	}
	for (int egress = 0; egress < 2; egress++) {
		uint32_t hook =
			build_hook(snap, link, egress ? HOOK_CLSACT_EGRESS : HOOK_CLSACT_INGRESS);

		snap->hooks[hook].block = build_random(rng, 12) == 0 ? 3 : 0;
		random_filters(snap, hook, rng);
	}
}

Test(packets, walk_agrees_with_packets, .timeout = 120)
{
	uint64_t rng = UINT64_C(0x243f6a8885a308d3);
	uint32_t seen[SIGHT_BLIND + 1] = {0};

	for (uint32_t round = 0; round < 20000; round++) {
		struct snapshot snap;
		struct judged j;

		snap_init(&snap, BUILD_BYTES);
		random_link(&snap, build_link(&snap, build_netns(&snap, 1, true), 2, "eth0"), &rng);
		random_progs(&snap, &rng);
		build_seal(&snap);
		judged_init(&j, &snap, 1);
		for (uint32_t priority = 1; priority <= 12; priority++) {
			for (unsigned int dir = 0; dir < N_DIRECTIONS; dir++) {
				struct lane lane = order_lane(&j.ctx, 0, (enum direction)dir);
				enum sight got =
					order_walk(&j.ctx, &lane, priority, NULL, NULL).sight;
				enum sight want = simulate(&snap, &lane, priority);

				cr_assert_eq(got, want,
				             "round %u, priority %u, direction %u: %d, %d", round,
				             priority, dir, (int)got, (int)want);
				seen[want]++;
			}
		}
		judged_done(&j);
		snap_done(&snap);
	}
	/* The generator reaches all three answers, so the comparison means something. */
	cr_expect_gt(seen[SIGHT_FULL], 1000);
	cr_expect_gt(seen[SIGHT_UNSURE], 100);
	cr_expect_gt(seen[SIGHT_BLIND], 1000);
}
