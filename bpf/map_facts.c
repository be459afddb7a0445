/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a map: its shape, and its content where nobody can change it any more.
 */
#include "bpf/prog.h"

#include "model/text.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Bytes of a descriptor's fdinfo that are looked at; the kernel writes about 200. */
#define FDINFO_BYTES 4096

bool map_is_frozen(const char *fdinfo)
{
	static const char key[] = "frozen:";

	for (const char *line = fdinfo; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (text_starts(line, key)) {
			line += sizeof(key) - 1;
			line += strspn(line, " \t");
			return line[0] == '1' && (line[1] == '\n' || line[1] == '\0');
		}
	}
	return false;
}

/** bpf_map_info does not say it, only /proc does (bpf_map_show_fdinfo() in the kernel). */
static bool ask_frozen(int map_fd)
{
	char text[FDINFO_BYTES];
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map_fd);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return false; /* then its content counts as changing: sound */
	}
	ssize_t n = read(fd, text, sizeof(text) - 1);

	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return map_is_frozen(text);
}

/** Both are needed: frozen stops user space, read-only stops the programs. */
static bool is_constant(int fd, const struct bpf_map_info *info)
{
	return info->type == BPF_MAP_TYPE_ARRAY && info->max_entries == 1 &&
	       (info->map_flags & BPF_F_RDONLY_PROG) != 0 && info->value_size > 0 &&
	       info->value_size <= CODE_MAX_FROZEN && ask_frozen(fd);
}

/** Room at the limit, or a refused lookup: the content is just not known. */
static const void *read_content(struct code_facts *code, int fd, uint32_t bytes)
{
	struct arena_mark before = arena_mark(&code->arena);
	const uint32_t key = 0;
	void *value = arena_alloc(&code->arena, bytes);

	if (value && bpf_map_lookup_elem(fd, &key, value) < 0) {
		arena_rewind(&code->arena, before);
		value = NULL;
	}
	return value;
}

int map_facts(struct code_facts *code, int fd, const struct bpf_map_info *info,
              const struct map_slots *slots)
{
	struct verdict_map row = {.id = info->id,
	                          .type = info->type,
	                          .value_size = info->value_size,
	                          .max_entries = info->max_entries,
	                          .slots_read = slots->all};

	if (slots->n > 0) {
		struct verdict_slot *copy =
			arena_alloc(&code->arena, slots->n * sizeof(*slots->rows));

		row.slots_read = row.slots_read && copy;
		if (copy) {
			memcpy(copy, slots->rows, slots->n * sizeof(*slots->rows));
			row.slots = copy;
			row.n_slots = slots->n;
		}
	}
	if (is_constant(fd, info)) {
		row.frozen = read_content(code, fd, info->value_size);
	}
	return code_add_map(code, &row);
}
