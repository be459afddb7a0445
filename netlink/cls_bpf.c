/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include "model/codes.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>

static const struct attr_want bpf_want[] = {
	[TCA_BPF_ACT] = ATTR_ANY,
	[TCA_BPF_POLICE] = ATTR_ANY,
	[TCA_BPF_CLASSID] = ATTR_U32,
	[TCA_BPF_OPS_LEN] = ATTR_U16,
	[TCA_BPF_OPS] = ATTR_ANY,
	[TCA_BPF_NAME] = ATTR_TEXT,
	[TCA_BPF_FLAGS] = ATTR_U32,
	[TCA_BPF_FLAGS_GEN] = ATTR_U32,
	[TCA_BPF_TAG] = {.used = true, .min = 8, .max = 8},
	[TCA_BPF_ID] = ATTR_U32,
};

/**
 * Can the instruction end the program with result 0 by itself? A load outside of the packet does,
 * and so does a division by a register that is zero (bpf_convert_filter() in net/core/filter.c).
 */
static bool may_bail_out(const struct sock_filter *op)
{
	unsigned mode = BPF_MODE(op->code);

	switch (BPF_CLASS(op->code)) {
	case BPF_LD:
		if (mode == BPF_ABS) {
			return op->k < (uint32_t)SKF_AD_OFF; /* above: metadata, always there */
		}
		return mode == BPF_IND;
	case BPF_LDX:
		return mode == BPF_MSH;
	case BPF_ALU:
		return BPF_SRC(op->code) == BPF_X &&
		       (BPF_OP(op->code) == BPF_DIV || BPF_OP(op->code) == BPF_MOD);
	default:
		return false;
	}
}

/** Mark where control goes from instruction @p at. @return false: out of the program. */
static bool mark_next(const struct sock_filter *ops, size_t n, size_t at, bool reached[])
{
	const struct sock_filter *op = &ops[at];
	size_t yes = at + 1;
	size_t no = at + 1;

	if (BPF_CLASS(op->code) == BPF_JMP && BPF_OP(op->code) == BPF_JA) {
		yes += op->k;
		no = yes;
	} else if (BPF_CLASS(op->code) == BPF_JMP) {
		yes += op->jt;
		no += op->jf;
	}
	if (yes >= n || no >= n) {
		return false;
	}
	reached[yes] = true;
	reached[no] = true;
	return true;
}

uint32_t cls_bpf_classic_codes(const void *ops_bytes, size_t bytes)
{
	struct sock_filter ops[BPF_MAXINSNS];
	bool reached[BPF_MAXINSNS] = {true};
	size_t n = bytes / sizeof(ops[0]);
	uint32_t codes = 0;

	if (n == 0 || n > BPF_MAXINSNS || bytes % sizeof(ops[0]) != 0) {
		return CODES_ALL;
	}
	memcpy(ops, ops_bytes, bytes);
	/* Jumps only go forward, so one pass reaches everything. */
	for (size_t i = 0; i < n; i++) {
		if (!reached[i]) {
			continue;
		}
		if (BPF_CLASS(ops[i].code) == BPF_RET) {
			if (BPF_RVAL(ops[i].code) != BPF_K) {
				return CODES_ALL;
			}
			codes |= CODE_BIT(code_of_result((int32_t)ops[i].k));
			continue;
		}
		if (may_bail_out(&ops[i])) {
			codes |= CODE_BIT(code_of_result(0));
		}
		if (!mark_next(ops, n, i, reached)) {
			return CODES_ALL;
		}
	}
	return codes;
}

/** "n,code jt jf k,code jt jf k": the form tc reads and writes. */
static const char *classic_text(struct arena *arena, const struct nlattr *attr)
{
	const unsigned char *bytes = mnl_attr_get_payload(attr);
	size_t n = mnl_attr_get_payload_len(attr) / sizeof(struct sock_filter);
	/* Longest: "65535 255 255 4294967295," for each, and the count. */
	size_t room = n * sizeof("65535 255 255 4294967295,") + sizeof("65535,");
	char *text = arena_alloc(arena, room);
	size_t used;

	if (text == NULL) {
		return NULL;
	}
	used = (size_t)snprintf(text, room, "%zu", n);
	for (size_t i = 0; i < n && used < room; i++) {
		struct sock_filter op;

		memcpy(&op, bytes + i * sizeof(op), sizeof(op));
		used += (size_t)snprintf(text + used, room - used, ",%u %u %u %u", op.code, op.jt,
		                         op.jf, op.k);
	}
	return text;
}

static const char *tag_text(struct arena *arena, const struct nlattr *attr)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *tag = mnl_attr_get_payload(attr);
	char hex[16];

	for (size_t i = 0; i < sizeof(hex) / 2; i++) {
		hex[2 * i] = digits[tag[i] >> 4];
		hex[2 * i + 1] = digits[tag[i] & 15];
	}
	return arena_strndup(arena, hex, sizeof(hex));
}

static int decode_program(const struct nlattr *const tb[], struct cls_result *res)
{
	struct snap_entry *row = res->entry;

	row->prog_id = attrs_u32(tb[TCA_BPF_ID], 0);
	if (tb[TCA_BPF_NAME] != NULL) {
		row->name = attrs_import(res->arena, tb[TCA_BPF_NAME]);
		if (row->name == NULL) {
			return -ENOMEM;
		}
	}
	if (tb[TCA_BPF_TAG] != NULL) {
		row->tag = tag_text(res->arena, tb[TCA_BPF_TAG]);
		if (row->tag == NULL) {
			return -ENOMEM;
		}
	}
	if (tb[TCA_BPF_OPS] != NULL) {
		uint16_t len = mnl_attr_get_payload_len(tb[TCA_BPF_OPS]);

		row->classic = classic_text(res->arena, tb[TCA_BPF_OPS]);
		row->classic_codes =
			cls_bpf_classic_codes(mnl_attr_get_payload(tb[TCA_BPF_OPS]), len);
		if (row->classic == NULL) {
			return -ENOMEM;
		}
		if (tb[TCA_BPF_OPS_LEN] != NULL &&
		    mnl_attr_get_u16(tb[TCA_BPF_OPS_LEN]) * sizeof(struct sock_filter) != len) {
			row->classic_codes = CODES_ALL;
		}
	}
	return 0;
}

int cls_bpf(const struct cls_kind *self, const struct nlattr *options, struct cls_result *res,
            struct err *err)
{
	const struct nlattr *tb[COUNT_OF(bpf_want)];
	int r = attrs_nested(options, bpf_want, COUNT_OF(bpf_want), tb, err);

	(void)self;
	if (r < 0) {
		return r;
	}
	res->entry->direct_action =
		(attrs_u32(tb[TCA_BPF_FLAGS], 0) & TCA_BPF_FLAG_ACT_DIRECT) != 0;
	cls_flags(res->entry, attrs_u32(tb[TCA_BPF_FLAGS_GEN], 0));
	res->entry->classid = attrs_u32(tb[TCA_BPF_CLASSID], 0);
	res->actions = tb[TCA_BPF_ACT];
	res->police = tb[TCA_BPF_POLICE];
	return decode_program(tb, res);
}
