/* SPDX-License-Identifier: Apache-2.0 */
#include "model/codes.h"

#include "model/abi.h"
#include "model/attrs.h"

#include <stddef.h>
#include <string.h>

static const char *const words[] = {
	[CODE_UNSPEC] = "unspec", [CODE_OK] = "ok",         [CODE_RECLASSIFY] = "reclassify",
	[CODE_SHOT] = "shot",     [CODE_PIPE] = "pipe",     [CODE_STOLEN] = "stolen",
	[CODE_QUEUED] = "queued", [CODE_REPEAT] = "repeat", [CODE_REDIRECT] = "redirect",
	[CODE_TRAP] = "trap",     [CODE_OTHER] = "other",
};
_Static_assert(COUNT_OF(words) == N_CODES, "a word for each code");

enum code code_of_result(int32_t result)
{
	switch (result) {
	case ABI_ACT_UNSPEC:
		return CODE_UNSPEC;
	case ABI_ACT_OK:
		return CODE_OK;
	case ABI_ACT_RECLASSIFY:
		return CODE_RECLASSIFY;
	case ABI_ACT_SHOT:
		return CODE_SHOT;
	case ABI_ACT_PIPE:
		return CODE_PIPE;
	case ABI_ACT_STOLEN:
		return CODE_STOLEN;
	case ABI_ACT_QUEUED:
		return CODE_QUEUED;
	case ABI_ACT_REPEAT:
		return CODE_REPEAT;
	case ABI_ACT_REDIRECT:
		return CODE_REDIRECT;
	case ABI_ACT_TRAP:
		return CODE_TRAP;
	default:
		return CODE_OTHER;
	}
}

enum code code_of_xdp_result(int32_t result)
{
	switch (result) {
	case ABI_XDP_PASS:
		return CODE_OK;
	case ABI_XDP_ABORTED:
	case ABI_XDP_DROP:
		return CODE_SHOT;
	case ABI_XDP_TX:
	case ABI_XDP_REDIRECT:
		return CODE_REDIRECT;
	default:
		return CODE_OTHER;
	}
}

const char *code_word(enum code code)
{
	return words[code];
}

bool code_from_word(const char *word, enum code *ret_code)
{
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret_code = (enum code)i;
			return true;
		}
	}
	return false;
}
