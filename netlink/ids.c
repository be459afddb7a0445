/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/decode.h"

#include <errno.h>
#include <stdlib.h>

int ids_push(struct ids *ids, uint32_t id)
{
	if (ids->n == ids->cap) {
		uint32_t cap = ids->cap > 0 ? ids->cap * 2 : 64;
		uint32_t *rows = NULL;

		if (cap > ids->cap) {
			rows = reallocarray(ids->rows, cap, sizeof(*rows));
		}
		if (rows == NULL) {
			return -ENOMEM;
		}
		ids->rows = rows;
		ids->cap = cap;
	}
	ids->rows[ids->n++] = id;
	return 0;
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void ids_sort(struct ids *ids)
{
	uint32_t kept = 0;

	if (ids->n < 2) {
		return;
	}
	qsort(ids->rows, ids->n, sizeof(*ids->rows), compare_u32);
	for (uint32_t i = 0; i < ids->n; i++) {
		if (kept == 0 || ids->rows[i] != ids->rows[kept - 1]) {
			ids->rows[kept++] = ids->rows[i];
		}
	}
	ids->n = kept;
}
