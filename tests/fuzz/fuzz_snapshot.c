/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
/*
 * Any bytes as a snapshot: an error with a description, or a snapshot that is written, read and
 * written again to the same bytes.
 */
#include "model/json.h"
#include "model/snapshot_json.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#define LIMIT_BYTES       ((size_t)8 << 20)
#define LARGE_LIMIT_BYTES (4 * LIMIT_BYTES)

static struct out_mem write_doc(const struct snapshot *snap)
{
	struct out_mem mem = {0};
	struct out o;

	out_init(&o, out_mem_write, &mem);
	FUZZ_PROMISE(snapshot_write_json(snap, &o) == 0);
	FUZZ_PROMISE(out_flush(&o) == 0);
	return mem;
}

static void check_again(const struct out_mem *first)
{
	struct snapshot snap;
	struct err err = {0};

	snap_init(&snap, LARGE_LIMIT_BYTES);
	if (snapshot_read_json(first->bytes, first->len, &snap, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
	}
	FUZZ_PROMISE(err.code == 0);

	struct out_mem second = write_doc(&snap);

	FUZZ_PROMISE(first->len == second.len);
	FUZZ_PROMISE(memcmp(first->bytes, second.bytes, first->len) == 0);
	out_mem_done(&second);
	snap_done(&snap);
}

/** Whatever passes the check before cJSON must pass cJSON: memory is not short here. */
static void check_parser(const uint8_t *data, size_t size)
{
	struct err err = {0};
	cJSON *root = json_parse((const char *)data, size, &err);

	FUZZ_PROMISE(root || err.code == -EBADMSG);
	cJSON_Delete(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot snap;
	struct err err = {0};

	check_parser(data, size);
	snap_init(&snap, LIMIT_BYTES);
	int r = snapshot_read_json((const char *)data, size, &snap, &err);

	FUZZ_PROMISE(r == err.code);
	if (r == 0) {
		struct out_mem doc = write_doc(&snap);

		check_again(&doc);
		out_mem_done(&doc);
	} else {
		FUZZ_PROMISE(r == -EBADMSG || r == -EPROTONOSUPPORT || r == -ENOMEM);
		FUZZ_PROMISE(err.text[0] != '\0');
	}
	snap_done(&snap);
	return 0;
}
