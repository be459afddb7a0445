/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include "model/abi.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_bpf.h>
#include <linux/tc_act/tc_connmark.h>
#include <linux/tc_act/tc_csum.h>
#include <linux/tc_act/tc_ct.h>
#include <linux/tc_act/tc_ctinfo.h>
#include <linux/tc_act/tc_defact.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_gate.h>
#include <linux/tc_act/tc_ife.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_mpls.h>
#include <linux/tc_act/tc_nat.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_sample.h>
#include <linux/tc_act/tc_skbedit.h>
#include <linux/tc_act/tc_skbmod.h>
#include <linux/tc_act/tc_tunnel_key.h>
#include <linux/tc_act/tc_vlan.h>
#include <string.h>

/** TCA_MIRRED_BLOCKID, linux/tc_act/tc_mirred.h of 6.8; Debian 12's header ends before it. */
#define MIRRED_BLOCKID 4

/** Attribute numbers of action options are all below this. */
#define MAX_ATTRS 16

/** How the parameters of nearly every action begin: macro tc_gen of linux/pkt_cls.h. */
struct gen {
	uint32_t index;
	uint32_t capab;
	int32_t action;
	int32_t refcnt;
	int32_t bindcnt;
};

/** One kind of action. Numbers of attributes; 0: there is none. */
struct act_kind {
	const char *kind;
	uint16_t parms;     /* struct beginning with struct gen */
	uint16_t parms_alt; /* the same in its extended form */
	uint16_t extra;     /* a further attribute, for the function */
	uint16_t extra_bytes;
	void (*more)(const struct nlattr *parms, const struct nlattr *extra,
	             struct snap_action *row);
};

static void set_control(struct snap_action *row, int32_t number)
{
	row->control_arg = 0;
	row->control = act_control_from_number(number, &row->control_arg);
}

/**
 * Two ways out of one action. What a packet gets that is not dropped is what counts; when both
 * deliver, and differently, nobody can say.
 */
static void set_either(struct snap_action *row, int32_t one, int32_t other)
{
	set_control(row, one == ABI_ACT_SHOT ? other : one);
	if (one != other && one != ABI_ACT_SHOT && other != ABI_ACT_SHOT) {
		row->control = ACT_UNKNOWN;
		row->control_arg = 0;
	}
}

/** gact may roll dice between its own control and another one. */
static void more_gact(const struct nlattr *parms, const struct nlattr *extra,
                      struct snap_action *row)
{
	struct gen gen;
	struct tc_gact_p prob;

	if (extra == NULL) {
		return;
	}
	memcpy(&gen, mnl_attr_get_payload(parms), sizeof(gen));
	memcpy(&prob, mnl_attr_get_payload(extra), sizeof(prob));
	if (prob.ptype != PGACT_NONE) {
		set_either(row, gen.action, prob.paction);
	}
}

static void more_mirred(const struct nlattr *parms, const struct nlattr *extra,
                        struct snap_action *row)
{
	struct tc_mirred mirred = {0};
	uint16_t len = mnl_attr_get_payload_len(parms);

	memcpy(&mirred, mnl_attr_get_payload(parms), len < sizeof(mirred) ? len : sizeof(mirred));
	if (mirred.eaction == TCA_EGRESS_REDIR || mirred.eaction == TCA_INGRESS_REDIR) {
		row->op = "redirect";
	} else if (mirred.eaction == TCA_EGRESS_MIRROR || mirred.eaction == TCA_INGRESS_MIRROR) {
		row->op = "mirror";
	}
	if (row->op != NULL) {
		row->direction = mirred.eaction >= TCA_INGRESS_REDIR ? "ingress" : "egress";
	}
	row->target_ifindex = mirred.ifindex;
	row->target_block = attrs_u32(extra, 0);
}

static void more_bpf(const struct nlattr *parms, const struct nlattr *extra,
                     struct snap_action *row)
{
	(void)parms;
	row->prog_id = attrs_u32(extra, 0);
}

static const struct act_kind act_kinds[] = {
	{"bpf", TCA_ACT_BPF_PARMS, 0, TCA_ACT_BPF_ID, 4, more_bpf},
	{"connmark", TCA_CONNMARK_PARMS, 0, 0, 0, NULL},
	{"csum", TCA_CSUM_PARMS, 0, 0, 0, NULL},
	{"ct", TCA_CT_PARMS, 0, 0, 0, NULL},
	{"ctinfo", TCA_CTINFO_ACT, 0, 0, 0, NULL},
	{"gact", TCA_GACT_PARMS, 0, TCA_GACT_PROB, sizeof(struct tc_gact_p), more_gact},
	{"gate", TCA_GATE_PARMS, 0, 0, 0, NULL},
	{"ife", TCA_IFE_PARMS, 0, 0, 0, NULL},
	{"mirred", TCA_MIRRED_PARMS, 0, MIRRED_BLOCKID, 4, more_mirred},
	{"mpls", TCA_MPLS_PARMS, 0, 0, 0, NULL},
	{"nat", TCA_NAT_PARMS, 0, 0, 0, NULL},
	{"pedit", TCA_PEDIT_PARMS, TCA_PEDIT_PARMS_EX, 0, 0, NULL},
	{"sample", TCA_SAMPLE_PARMS, 0, 0, 0, NULL},
	{"simple", TCA_DEF_PARMS, 0, 0, 0, NULL},
	{"skbedit", TCA_SKBEDIT_PARMS, 0, 0, 0, NULL},
	{"skbmod", TCA_SKBMOD_PARMS, 0, 0, 0, NULL},
	{"tunnel_key", TCA_TUNNEL_KEY_PARMS, 0, 0, 0, NULL},
	{"vlan", TCA_VLAN_PARMS, 0, 0, 0, NULL},
};

static const char police_kind[] = "police";

static int decode_generic(const struct act_kind *kind, const struct nlattr *options,
                          struct snap_action *row, struct err *err)
{
	static const struct attr_want parms_want = ATTR_STRUCT(sizeof(struct gen));
	const struct attr_want extra_want = ATTR_STRUCT(kind->extra_bytes);
	struct attr_want want[MAX_ATTRS] = {0};
	const struct nlattr *tb[MAX_ATTRS];
	const struct nlattr *parms;
	struct gen gen;
	int r;

	want[kind->parms_alt] = parms_want;
	want[kind->extra] = extra_want;
	want[0] = (struct attr_want){0};
	want[kind->parms] = parms_want;

	r = attrs_nested(options, want, COUNT_OF(want), tb, err);
	if (r < 0) {
		return r;
	}
	parms = tb[kind->parms];
	if (parms == NULL && kind->parms_alt != 0) {
		parms = tb[kind->parms_alt];
	}
	if (parms == NULL) {
		return err_set(err, -EBADMSG, "action %s: no parameters", kind->kind);
	}
	memcpy(&gen, mnl_attr_get_payload(parms), sizeof(gen));
	row->index = gen.index;
	set_control(row, gen.action);
	if (kind->more != NULL) {
		kind->more(parms, kind->extra != 0 ? tb[kind->extra] : NULL, row);
	}
	return 0;
}

/**
 * A policer has two ways out: its action for packets beyond the rate, and TCA_POLICE_RESULT, left
 * out when it is 0, for those within it (tcf_police_act() in net/sched/act_police.c).
 */
static int decode_police(const struct nlattr *options, struct snap_action *row, struct err *err)
{
	static const struct attr_want want[] = {
		[TCA_POLICE_TBF] = ATTR_STRUCT(sizeof(struct tc_police)),
		[TCA_POLICE_RESULT] = ATTR_U32,
	};
	const struct nlattr *tb[COUNT_OF(want)];
	struct tc_police police;
	int r = attrs_nested(options, want, COUNT_OF(want), tb, err);

	if (r < 0) {
		return r;
	}
	if (tb[TCA_POLICE_TBF] == NULL) {
		return err_set(err, -EBADMSG, "action police: no parameters");
	}
	memcpy(&police, mnl_attr_get_payload(tb[TCA_POLICE_TBF]), sizeof(police));
	row->index = police.index;
	set_either(row, (int32_t)attrs_u32(tb[TCA_POLICE_RESULT], ABI_ACT_OK), police.action);
	return 0;
}

static const struct act_kind *find_kind(const char *kind)
{
	for (size_t i = 0; i < COUNT_OF(act_kinds); i++) {
		if (strcmp(act_kinds[i].kind, kind) == 0) {
			return &act_kinds[i];
		}
	}
	return NULL;
}

static const struct attr_want one_want[] = {
	[TCA_ACT_KIND] = ATTR_TEXT,
	[TCA_ACT_OPTIONS] = ATTR_ANY,
	[TCA_ACT_INDEX] = ATTR_U32,
};

/** One numbered action. A row that could not be read in full is still added. */
static int decode_one(struct snapshot *snap, const struct nlattr *nest, struct snap_action *row,
                      struct err *err)
{
	const struct nlattr *tb[COUNT_OF(one_want)];
	const struct act_kind *known;
	int understood = 0;
	int r = attrs_nested(nest, one_want, COUNT_OF(one_want), tb, err);

	if (r < 0) {
		return r;
	}
	if (tb[TCA_ACT_KIND] == NULL) {
		return err_set(err, -EBADMSG, "action without a kind");
	}
	known = find_kind(mnl_attr_get_payload(tb[TCA_ACT_KIND]));
	row->control = ACT_UNKNOWN;
	row->index = attrs_u32(tb[TCA_ACT_INDEX], 0);
	if (known != NULL) {
		row->kind = known->kind;
		understood = decode_generic(known, tb[TCA_ACT_OPTIONS], row, err);
	} else if (attrs_text_is(tb[TCA_ACT_KIND], police_kind)) {
		row->kind = police_kind;
		understood = decode_police(tb[TCA_ACT_OPTIONS], row, err);
	} else {
		row->kind = attrs_import(&snap->arena, tb[TCA_ACT_KIND]);
		if (row->kind == NULL) {
			return -ENOMEM;
		}
	}
	r = snap_add_action(snap, row, NULL);
	return r < 0 ? r : understood;
}

/** Index of TCA_x_ACT: actions are numbered from 1 in the order they run. */
static int index_actions(const struct nlattr *nest, const struct nlattr *tb[TCA_ACT_MAX_PRIO + 1],
                         struct err *err)
{
	struct attr_want want[TCA_ACT_MAX_PRIO + 1];

	for (size_t i = 0; i < COUNT_OF(want); i++) {
		want[i] = (struct attr_want)ATTR_ANY;
	}
	return attrs_nested(nest, want, COUNT_OF(want), tb, err);
}

int actions_decode(struct snapshot *snap, uint32_t entry, const struct nlattr *nest,
                   struct err *err)
{
	const struct nlattr *tb[TCA_ACT_MAX_PRIO + 1];
	struct snap_action row = {.entry = entry};
	int understood = 0;
	int r = index_actions(nest, tb, err);

	if (r < 0) {
		return r;
	}
	for (size_t i = 1; i < COUNT_OF(tb); i++) {
		const uint32_t order = row.order;

		if (tb[i] == NULL) {
			continue;
		}
		r = decode_one(snap, tb[i], &row, err);
		if (r == -ENOMEM) {
			return r;
		}
		understood = understood < 0 ? understood : r;
		row = (struct snap_action){.entry = entry, .order = order + 1};
	}
	return understood;
}

int actions_decode_police(struct snapshot *snap, uint32_t entry, const struct nlattr *options,
                          struct err *err)
{
	struct snap_action row = {.entry = entry, .kind = police_kind, .control = ACT_UNKNOWN};
	int understood;
	int r;

	if (options == NULL) {
		return 0;
	}
	understood = decode_police(options, &row, err);
	r = snap_add_action(snap, &row, NULL);
	return r < 0 ? r : understood;
}

bool actions_plausible(const struct nlattr *nest)
{
	const struct nlattr *tb[TCA_ACT_MAX_PRIO + 1];
	const struct nlattr *one[COUNT_OF(one_want)];

	if (index_actions(nest, tb, NULL) < 0 || tb[0] != NULL || tb[1] == NULL) {
		return false;
	}
	return attrs_nested(tb[1], one_want, COUNT_OF(one_want), one, NULL) == 0 &&
	       one[TCA_ACT_KIND] != NULL && one[TCA_ACT_OPTIONS] != NULL;
}
