/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's answer about one program: bpf_prog_get_info_by_fd() in kernel/bpf/syscall.c.
 *
 * It fills what there is room for and says how much there is, so buffers that fit nearly all
 * programs make it one question. Where it leaves early the numbers asked with come back unchanged:
 * withheld instructions (the pointer is cleared, the length stays) and offloaded programs have no
 * records of functions then, whatever nr_func_info says.
 */
#include "bpf/prog.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#define INSN_BYTES 8u

/** Room to begin with: 16,384 instructions and what goes with them. */
#define FIRST_BYTES (16384u * INSN_BYTES)
#define FIRST_MAPS  64u
#define FIRST_FUNCS 256u

/** Maps of one program; the verifier's bound is 64 and a few that were bound later. */
#define MAX_MAPS 65536u

/** Times a program's sizes may change between two questions (BPF_PROG_BIND_MAP adds maps). */
#define READ_TRIES 4

/** Make room for @p need elements. @return 0 or -ENOMEM. */
static int reserve(void **vec, uint32_t *cap, uint32_t need, size_t size)
{
	if (need <= *cap) {
		return 0;
	}
	void *more = reallocarray(*vec, need, size);

	if (!more) {
		return -ENOMEM;
	}
	*vec = more;
	*cap = need;
	return 0;
}

static int make_room(struct prog_room *room, uint32_t bytes, uint32_t n_maps, uint32_t n_funcs)
{
	void *insns = room->insns;
	void *maps = room->map_ids;
	void *funcs = room->funcs;
	int r = reserve(&insns, &room->cap_bytes, bytes, 1);

	room->insns = insns;
	r = r < 0 ? r : reserve(&maps, &room->cap_maps, n_maps, sizeof(*room->map_ids));
	room->map_ids = maps;
	r = r < 0 ? r : reserve(&funcs, &room->cap_funcs, n_funcs, sizeof(*room->funcs));
	room->funcs = funcs;
	return r;
}

void prog_room_done(struct prog_room *room)
{
	free(room->insns);
	free(room->map_ids);
	free(room->funcs);
	*room = (struct prog_room){0};
}

/** One question. @return 0 or a negative errno. */
static int ask(const struct prog_room *room, int fd, bool with_code, bool with_funcs,
               struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	*info = (struct bpf_prog_info){
		.nr_map_ids = room->cap_maps,
		.map_ids = (uint64_t)(uintptr_t)room->map_ids,
	};
	if (with_code) {
		info->xlated_prog_len = room->cap_bytes;
		info->xlated_prog_insns = (uint64_t)(uintptr_t)room->insns;
	}
	if (with_funcs) {
		info->nr_func_info = room->cap_funcs;
		info->func_info_rec_size = sizeof(*room->funcs);
		info->func_info = (uint64_t)(uintptr_t)room->funcs;
		room->funcs[0].type_id = 0; /* no function has it: shows what was not filled in */
	}
	return bpf_obj_get_info_by_fd(fd, info, &len) < 0 ? -errno : 0;
}

/** Without the records of functions, should this kernel have others than those known here. */
static int ask_either(struct prog_room *room, int fd, bool with_code, struct bpf_prog_info *info)
{
	int r = ask(room, fd, with_code, !room->without_funcs, info);

	if (r == -EINVAL && !room->without_funcs) {
		r = ask(room, fd, with_code, false, info);
		room->without_funcs = r == 0;
	}
	return r;
}

static uint32_t functions(const struct prog_room *room, const struct bpf_prog_info *info)
{
	bool whole = !room->without_funcs && info->btf_id != 0 &&
	             info->nr_func_info <= room->cap_funcs && room->funcs[0].type_id != 0;

	return whole ? info->nr_func_info : 0;
}

static bool fits(const struct prog_room *room, const struct bpf_prog_info *info, bool with_code)
{
	return info->nr_map_ids <= room->cap_maps &&
	       (!with_code || info->xlated_prog_len <= room->cap_bytes ||
	        info->xlated_prog_len > PROGS_MAX_XLATED) &&
	       (info->nr_func_info <= room->cap_funcs || info->nr_func_info > PROGS_MAX_FUNCS);
}

static int grow(struct prog_room *room, const struct bpf_prog_info *info)
{
	uint32_t bytes = info->xlated_prog_len <= PROGS_MAX_XLATED ? info->xlated_prog_len : 0;
	uint32_t n_funcs = info->nr_func_info <= PROGS_MAX_FUNCS ? info->nr_func_info : 0;

	return info->nr_map_ids > MAX_MAPS ? -E2BIG
	                                   : make_room(room, bytes, info->nr_map_ids, n_funcs);
}

/** The functions of a program whose instructions are withheld: their names are not. */
static uint32_t functions_alone(struct prog_room *room, int fd)
{
	struct bpf_prog_info info;

	return ask_either(room, fd, false, &info) == 0 ? functions(room, &info) : 0;
}

static void answer(struct prog_room *room, int fd, bool with_code, struct prog_answer *ret)
{
	const struct bpf_prog_info *info = &ret->info;
	uint32_t bytes = info->xlated_prog_len;
	bool withheld = with_code && bytes > 0 && info->xlated_prog_insns == 0;

	ret->map_ids = room->map_ids;
	ret->insns = with_code && !withheld && bytes <= room->cap_bytes ? room->insns : NULL;
	ret->n_funcs = withheld ? functions_alone(room, fd) : functions(room, info);
	ret->funcs = room->funcs;
}

int prog_ask(struct prog_room *room, int fd, bool with_code, struct prog_answer *ret)
{
	int r = make_room(room, FIRST_BYTES, FIRST_MAPS, FIRST_FUNCS);

	for (int tries = 0; r == 0 && tries < READ_TRIES; tries++) {
		r = ask_either(room, fd, with_code, &ret->info);
		if (r == 0 && fits(room, &ret->info, with_code)) {
			answer(room, fd, with_code, ret);
			return 0;
		}
		r = r < 0 ? r : grow(room, &ret->info);
	}
	return r < 0 ? r : -EAGAIN;
}
