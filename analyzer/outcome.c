/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/outcome.h"

#include "model/abi.h"
#include "model/attrs.h"
#include "model/text.h"

/** How a hook reads the result of a program; codes in none of the sets drop the packet. */
struct reading {
	uint32_t on;   /**< Next entry. */
	uint32_t stop; /**< Next hook. */
	uint32_t end;
};

#define BIT(code) CODE_BIT(CODE_##code)

/* kernel: tcx_run() and tcx_action_code(), net/core/dev.c and include/net/tcx.h. The loop ends at
 * any value that is not NEXT; only afterwards unknown ones are read as NEXT, so clsact runs. */
static const struct reading tcx_reading = {
	.on = BIT(UNSPEC),
	.stop = CODES_ALL & ~(BIT(UNSPEC) | BIT(OK) | BIT(SHOT) | BIT(REDIRECT)),
	.end = BIT(OK) | BIT(REDIRECT),
};

/* kernel: netkit_run() and netkit_xmit(), drivers/net/netkit.c. PASS ends the list, and the packet
 * goes on to the receive hooks of the other end. */
static const struct reading netkit_reading = {
	.on = BIT(UNSPEC),
	.stop = BIT(OK),
	.end = BIT(REDIRECT),
};

/* XDP's codes are stored by their meaning, see code_of_xdp_result(). */
static const struct reading xdp_reading = {
	.on = BIT(OK),
	.stop = 0,
	.end = BIT(REDIRECT),
};

/* kernel: cls_bpf_exec_opcode(), net/sched/cls_bpf.c: five codes are final, all else is UNSPEC. */
static const struct reading direct_reading = {
	.on = CODES_ALL & ~(BIT(OK) | BIT(SHOT) | BIT(STOLEN) | BIT(TRAP) | BIT(REDIRECT)),
	.stop = 0,
	.end = BIT(OK) | BIT(STOLEN) | BIT(TRAP) | BIT(REDIRECT),
};

bool outcome_is_bpf(const struct snap_entry *entry)
{
	return text_eq(entry->kind, "bpf");
}

static struct snap_returns classic_returns(const struct snap_entry *entry)
{
	struct snap_returns ret = {.codes = entry->classic_codes};

	if (ret.codes == 0) {
		return (struct snap_returns){
			.codes = CODES_ALL,
			.reason = "the results of the classic bytecode are not known",
		};
	}
	/* The decoder followed every path to its return, failing loads and divisions included. */
	ret.exact = ret.codes != CODES_ALL;
	ret.reason = ret.exact ? NULL : "classic bytecode that returns what it computed";
	return ret;
}

struct snap_returns outcome_returns(const struct snapshot *snap, const struct snap_entry *entry)
{
	if (!outcome_is_bpf(entry)) {
		return (struct snap_returns){.exact = true};
	}
	if (entry->prog_id == 0 && (entry->classic != NULL || entry->classic_codes != 0)) {
		return classic_returns(entry);
	}

	const struct snap_prog *prog =
		entry->prog_id != 0 ? snap_find_prog(snap, entry->prog_id) : NULL;

	if (prog == NULL || prog->returns.codes == 0) {
		return (struct snap_returns){
			.codes = CODES_ALL,
			.reason = "the program could not be read",
		};
	}
	return prog->returns;
}

static const struct reading *reading_of(enum hook_type type)
{
	switch (type) {
	case HOOK_XDP:
		return &xdp_reading;
	case HOOK_TCX_INGRESS:
	case HOOK_TCX_EGRESS:
		return &tcx_reading;
	case HOOK_NETKIT_PRIMARY:
	case HOOK_NETKIT_PEER:
		return &netkit_reading;
	case HOOK_CLSACT_INGRESS:
	case HOOK_INGRESS:
	case HOOK_CLSACT_EGRESS:
	case HOOK_QDISC:
		break;
	}
	return &direct_reading;
}

static uint32_t read_codes(const struct reading *reading, uint32_t codes)
{
	uint32_t set = 0;

	set |= (codes & reading->on) != 0 ? OUTCOME_ON : 0;
	set |= (codes & reading->stop) != 0 ? OUTCOME_STOP : 0;
	set |= (codes & reading->end) != 0 ? OUTCOME_END : 0;
	set |= (codes & ~(reading->on | reading->stop | reading->end)) != 0 ? OUTCOME_DROP : 0;
	return set;
}

/** Only while a list of actions is read: the next action decides. */
#define OUTCOME_NEXT (1u << 31)
#define OUTCOME_ANY  (OUTCOME_ON | OUTCOME_END | OUTCOME_DROP)

/* kernel: tcf_action_exec(), net/sched/act_api.c, and __tcf_classify(), net/sched/cls_api.c. */
static const struct control_row {
	uint32_t set;
	bool proven;
} controls[N_ACT_CONTROLS] = {
	[ACT_UNSPEC] = {OUTCOME_ON, true},
	[ACT_OK] = {OUTCOME_END, true},
	[ACT_RECLASSIFY] = {OUTCOME_ANY, false}, /* from the start again, at most 16 times */
	[ACT_SHOT] = {OUTCOME_DROP, true},
	[ACT_PIPE] = {OUTCOME_NEXT, true},
	[ACT_STOLEN] = {OUTCOME_END, true},
	[ACT_QUEUED] = {OUTCOME_END, true},
	[ACT_REPEAT] = {OUTCOME_ANY | OUTCOME_NEXT, false},
	[ACT_REDIRECT] = {OUTCOME_END, true},
	[ACT_TRAP] = {OUTCOME_END, true},
	[ACT_JUMP] = {OUTCOME_ANY | OUTCOME_NEXT, false},
	[ACT_GOTO_CHAIN] = {OUTCOME_GOTO, true},
	[ACT_UNKNOWN] = {OUTCOME_ANY | OUTCOME_NEXT, false},
};

static struct outcome control_outcome(const struct snap_action *action)
{
	const struct control_row *row = &controls[action->control];
	struct outcome ret = {.set = row->set, .proven = row->proven};

	if (action->control == ACT_GOTO_CHAIN) {
		ret.goto_chain = action->control_arg;
	}
	return ret;
}

/**
 * The program of an action decides itself; UNSPEC leaves it to the action's own control.
 * kernel: tcf_bpf_act(), net/sched/act_bpf.c.
 */
static struct outcome program_action(const struct snapshot *snap, const struct snap_action *action)
{
	struct outcome own = control_outcome(action);
	const struct snap_prog *prog = snap_find_prog(snap, action->prog_id);
	uint32_t codes = prog != NULL && prog->returns.codes != 0 ? prog->returns.codes : CODES_ALL;
	uint32_t ends = BIT(OK) | BIT(REDIRECT);
	uint32_t left = codes & ~(ends | BIT(SHOT) | BIT(PIPE) | BIT(RECLASSIFY) | BIT(UNSPEC));
	struct outcome ret = {
		.set = ((codes & ends) != 0 ? OUTCOME_END : 0) |
	               ((codes & BIT(SHOT)) != 0 ? OUTCOME_DROP : 0) |
	               ((codes & BIT(PIPE)) != 0 ? OUTCOME_NEXT : 0) |
	               ((codes & BIT(RECLASSIFY)) != 0 ? OUTCOME_ANY : 0) |
	               (left != 0 ? OUTCOME_ON : 0),
		.proven = prog != NULL && prog->returns.exact && (codes & BIT(RECLASSIFY)) == 0,
	};

	if ((codes & BIT(UNSPEC)) != 0) {
		ret.set |= own.set;
		ret.proven = ret.proven && own.proven;
		ret.goto_chain = own.goto_chain;
	}
	return ret;
}

static struct outcome action_outcome(const struct snapshot *snap, const struct snap_action *action)
{
	if (text_eq(action->kind, "bpf")) {
		return program_action(snap, action);
	}

	struct outcome ret = control_outcome(action);

	if (text_eq(action->kind, "police") && action->control != ACT_OK) {
		/* Two controls: the one we know is for packets over the rate, the other one is not
		 * in the snapshot. kernel: tcf_police_act(), net/sched/act_police.c. */
		ret.set |= OUTCOME_ANY | OUTCOME_NEXT;
		ret.proven = false;
	}
	return ret;
}

/** What happens to the packets that a filter matches. */
static struct outcome actions_outcome(const struct snapshot *snap, const struct snap_entry *entry)
{
	struct outcome ret = {.proven = true};

	for (uint32_t i = 0; i < entry->n_actions; i++) {
		struct outcome one = action_outcome(snap, &snap->actions[entry->first_action + i]);

		if ((one.set & OUTCOME_GOTO) != 0 && (ret.set & OUTCOME_GOTO) == 0) {
			ret.goto_chain = one.goto_chain;
		}
		ret.set |= one.set & ~OUTCOME_NEXT;
		ret.proven = ret.proven && one.proven;
		if ((one.set & OUTCOME_NEXT) == 0) {
			return ret;
		}
	}
	/* No action at all, or a pipe after the last one: the packet is delivered. */
	ret.set |= OUTCOME_END;
	return ret;
}

/** A classifier that is not direct-action: 0 is "no match", anything else matches. */
static struct outcome indirect_outcome(const struct snapshot *snap, const struct snap_entry *entry,
                                       const struct snap_returns *returns)
{
	struct outcome ret = {.proven = true};

	if ((returns->codes & ~BIT(OK)) != 0) {
		ret = actions_outcome(snap, entry);
	}
	if ((returns->codes & BIT(OK)) != 0) {
		ret.set |= OUTCOME_ON;
	}
	ret.proven = ret.proven && returns->exact;
	return ret;
}

static struct outcome plain_outcome(const struct snapshot *snap, const struct snap_entry *entry)
{
	struct outcome ret = actions_outcome(snap, entry);

	if (text_eq(entry->kind, "u32") && entry->n_actions == 0 && entry->classid == 0) {
		/* Without the terminal flag, which tc sets for actions and classids, a match only
		 * leads to a linked hash table. kernel: u32_classify(), net/sched/cls_u32.c. */
		ret.set |= OUTCOME_ON;
		ret.proven = false;
	}
	return ret;
}

/**
 * A priority without a filter in it does nothing, but for `fw`: made without options it sorts by
 * the packet's mark all the same. kernel: fw_classify(), net/sched/cls_fw.c, "old method".
 */
static bool only_held(const struct snap_entry *entry)
{
	return entry->is_filter && entry->handle == 0 && !text_eq(entry->kind, "fw");
}

struct outcome outcome_of(const struct snapshot *snap, const struct snap_entry *entry)
{
	enum hook_type type = snap->hooks[entry->hook].type;
	struct outcome ret = {.proven = true};

	if (only_held(entry) || entry->skip_sw) {
		return ret;
	}
	if (!outcome_is_bpf(entry)) {
		ret = plain_outcome(snap, entry);
		ret.all = entry->match == MATCH_ALL && entry->protocol == ABI_ETH_P_ALL;
		return ret;
	}

	struct snap_returns returns = outcome_returns(snap, entry);

	if (entry->is_filter && !entry->direct_action) {
		ret = indirect_outcome(snap, entry, &returns);
	} else {
		ret.set = read_codes(reading_of(type), returns.codes);
		ret.proven = returns.exact;
	}
	ret.all = !entry->is_filter || entry->protocol == ABI_ETH_P_ALL;
	return ret;
}

enum effect outcome_effect(const struct outcome *outcome)
{
	const uint32_t ends = OUTCOME_END | OUTCOME_GOTO;

	if (outcome->set == 0) {
		return EFFECT_NEVER;
	}
	if ((outcome->set & ends) != 0) {
		/* A superset in which nothing goes on is proof as well: what is let through ends.
		 */
		return outcome->proven || (outcome->set & (OUTCOME_ON | OUTCOME_STOP)) == 0
		               ? EFFECT_ENDS
		               : EFFECT_MAY_END;
	}
	return (outcome->set & (OUTCOME_ON | OUTCOME_STOP)) != 0 ? EFFECT_ON : EFFECT_DROPS;
}

uint32_t outcome_granted_codes(const struct snapshot *snap, const struct snap_entry *entry,
                               uint32_t codes)
{
	if (entry->is_filter && !entry->direct_action) {
		return codes & ~BIT(OK);
	}
	return codes & reading_of(snap->hooks[entry->hook].type)->end;
}

bool outcome_goes_on(const struct snapshot *snap, const struct snap_entry *entry, uint32_t codes)
{
	const struct reading *reading = reading_of(snap->hooks[entry->hook].type);

	if (entry->is_filter && !entry->direct_action) {
		return (codes & BIT(OK)) != 0;
	}
	return (codes & (reading->on | reading->stop)) != 0;
}

uint32_t outcome_ending_codes(const struct snapshot *snap, const struct snap_entry *entry)
{
	return outcome_granted_codes(snap, entry, outcome_returns(snap, entry).codes);
}
