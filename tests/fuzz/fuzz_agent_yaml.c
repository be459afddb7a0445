/* SPDX-License-Identifier: Apache-2.0 */
/* layers: node model */
/*
 * Any bytes as a system-probe.yaml: an error with a line, or settings whose keys are among those
 * that matter, in UTF-8, the same ones every time.
 */
#include "model/text.h"
#include "node/agent_yaml.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 20)

static void check_settings(const struct settings *settings)
{
	for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
		const struct snap_config *row = &settings->rows[i];

		if (row->key) {
			FUZZ_PROMISE(setting_slot(row->key) == (int)i);
			FUZZ_PROMISE(text_is_utf8(row->key, strlen(row->key)));
			FUZZ_PROMISE(text_is_utf8(row->value, strlen(row->value)));
			FUZZ_PROMISE(strlen(row->value) < SETTING_VALUE_BYTES);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings first = {0};
	struct settings second = {0};
	struct err err = {0};
	struct arena arena;

	arena_init(&arena, LIMIT_BYTES);
	int r = agent_yaml_read((const char *)data, size, &arena, &first, &err);

	FUZZ_PROMISE(r == err.code);
	FUZZ_PROMISE(r == 0 || r == -EBADMSG || r == -EFBIG);
	FUZZ_PROMISE(r == 0 || err.text[0] != '\0');
	FUZZ_PROMISE(agent_yaml_read((const char *)data, size, &arena, &second, NULL) == r);
	if (r == 0) {
		check_settings(&first);
		for (size_t i = 0; i < N_SETTING_SLOTS; i++) {
			FUZZ_PROMISE(text_eq(first.rows[i].key, second.rows[i].key));
			FUZZ_PROMISE(text_eq(first.rows[i].value, second.rows[i].value));
		}
	}
	arena_done(&arena);
	return 0;
}
