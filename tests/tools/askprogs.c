/* SPDX-License-Identifier: Apache-2.0 */
/**
 * askprogs.c - the least that reading every program of the node can cost: for each id a
 * descriptor, one question with room for instructions, maps and functions, and nothing else.
 *
 * Prints the number of programs and milliseconds.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROOM_BYTES (1u << 20)
#define ROOM_MAPS  256u
#define ROOM_FUNCS 1024u
#define MOST_PROGS 1000000u
#define NS_PER_MS  1e6
#define MS_PER_S   1e3

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * MS_PER_S + (double)t.tv_nsec / NS_PER_MS;
}

/** @return 0, or -1 with errno. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes there */
static int ask(uint32_t id, void *insns, uint32_t *maps, struct bpf_func_info *funcs)
{
	struct bpf_prog_info info = {
		.xlated_prog_len = ROOM_BYTES,
		.xlated_prog_insns = (uint64_t)(uintptr_t)insns,
		.nr_map_ids = ROOM_MAPS,
		.map_ids = (uint64_t)(uintptr_t)maps,
		.nr_func_info = ROOM_FUNCS,
		.func_info_rec_size = sizeof(*funcs),
		.func_info = (uint64_t)(uintptr_t)funcs,
	};
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);
	int r = fd < 0 ? -1 : bpf_obj_get_info_by_fd(fd, &info, &len);

	if (fd >= 0) {
		(void)close(fd);
	}
	return r;
}

int main(void)
{
	void *insns = malloc(ROOM_BYTES);
	uint32_t *maps = calloc(ROOM_MAPS, sizeof(*maps));
	struct bpf_func_info *funcs = calloc(ROOM_FUNCS, sizeof(*funcs));
	double start = now_ms();
	uint32_t n = 0;
	int r = insns && maps && funcs ? 0 : -1;

	for (uint32_t id = 0; r == 0 && n < MOST_PROGS && bpf_prog_get_next_id(id, &id) == 0;) {
		r = ask(id, insns, maps, funcs);
		n += r == 0;
		r = r < 0 && errno == ENOENT ? 0 : r; /* unloaded meanwhile */
	}
	if (r < 0) {
		(void)fprintf(stderr, "askprogs: %s\n", strerror(errno));
	} else {
		(void)printf("%u %.3f\n", n, now_ms() - start);
	}
	free(insns);
	free(maps);
	free(funcs);
	return r < 0 ? 1 : 0;
}
