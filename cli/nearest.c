/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"

#include <stdbool.h>
#include <string.h>

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

size_t nearest_distance(const char *a, const char *b)
{
	size_t len_a = strlen(a);
	size_t len_b = strlen(b);
	size_t rows[3][NEAREST_MAX_LEN + 1]; /* the two before, and the one being filled */

	if (len_a > NEAREST_MAX_LEN || len_b > NEAREST_MAX_LEN) {
		return NEAREST_MAX_LEN + 1;
	}
	for (size_t j = 0; j <= len_b; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= len_a; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);

			row[j] = min3(above[j] + 1, row[j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    rows[(i - 2) % 3][j - 2] + 1 < row[j]) {
				row[j] = rows[(i - 2) % 3][j - 2] + 1;
			}
		}
	}
	return rows[len_a % 3][len_b];
}

void nearest_offer(struct nearest *n, const char *candidate)
{
	size_t distance = nearest_distance(n->word, candidate);
	/* What was typed may be the beginning of the word: --prio for --priority. */
	bool begins = strlen(n->word) >= 3 && strncmp(n->word, candidate, strlen(n->word)) == 0;

	if (begins) {
		distance = 1;
	}
	if (n->best == NULL || distance < n->distance) {
		n->best = candidate;
		n->distance = distance;
	}
}

const char *nearest_result(const struct nearest *n)
{
	size_t len = strlen(n->word);

	return n->best != NULL && n->distance <= (len < 4 ? 1 : len / 2) ? n->best : NULL;
}
