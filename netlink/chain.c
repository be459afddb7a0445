/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <errno.h>
#include <string.h>

int chain_decode(const struct nlmsghdr *nlh, uint32_t *ret_chain, struct err *err)
{
	static const struct attr_want want[] = {[TCA_CHAIN] = ATTR_U32};
	const struct nlattr *tb[COUNT_OF(want)];
	int r = attrs_index(nlh, sizeof(struct tcmsg), want, COUNT_OF(want), tb, err);

	if (r < 0) {
		return r;
	}
	*ret_chain = attrs_u32(tb[TCA_CHAIN], 0);
	return 0;
}

int chain_store(struct snapshot *snap, uint32_t hook, struct ids *ids)
{
	uint32_t *rows;

	ids_sort(ids);
	if (ids->n == 0) {
		return 0;
	}
	rows = arena_alloc(&snap->arena, ids->n * sizeof(*rows));
	if (rows == NULL) {
		return -ENOMEM;
	}
	memcpy(rows, ids->rows, ids->n * sizeof(*rows));
	snap->hooks[hook].chains = rows;
	snap->hooks[hook].n_chains = ids->n;
	return 0;
}

int chain_add(struct snapshot *snap, uint32_t hook, uint32_t chain)
{
	struct snap_hook *h = &snap->hooks[hook];
	uint32_t at = 0;
	uint32_t *rows;

	while (at < h->n_chains && h->chains[at] < chain) {
		at++;
	}
	if (at < h->n_chains && h->chains[at] == chain) {
		return 0;
	}
	rows = arena_alloc(&snap->arena, ((size_t)h->n_chains + 1) * sizeof(*rows));
	if (rows == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < h->n_chains; i++) {
		rows[i < at ? i : i + 1] = h->chains[i];
	}
	rows[at] = chain;
	h->chains = rows;
	h->n_chains++;
	return 0;
}
