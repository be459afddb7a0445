/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of programs that programs of type EXT have replaced: the translated instructions of
 * the replaced program do not show it, only the links of the whole node do.
 */
#include "bpf/prog.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** Attach type of EXT programs: they have none, so the kernel stores 0 (bpf_tracing_prog_attach()
 *  in kernel/bpf/syscall.c). */
#define ATTACH_EXT 0u

/** Times a link may be found half made (bpf_link_by_id() answers EAGAIN until it is settled). */
#define SETTLE_TRIES 20

/** Wait between them. */
#define SETTLE_NS 1000000

/** @return a descriptor, or a negative errno. */
static int open_link(uint32_t id)
{
	const struct timespec moment = {.tv_nsec = SETTLE_NS};
	int fd = -EAGAIN;

	for (int tries = 0; tries < SETTLE_TRIES && fd == -EAGAIN; tries++) {
		if (tries > 0) {
			(void)nanosleep(&moment, NULL);
		}
		fd = bpf_link_get_fd_by_id(id);
		fd = fd < 0 ? -errno : fd;
	}
	return fd;
}

/** Note a link if it replaces a function. @return 0, -ENOMEM, or the kernel's errno. */
static int read_link(struct progs_run *run, uint32_t id)
{
	struct bpf_link_info info = {0};
	uint32_t len = sizeof(info);
	int fd = open_link(id);

	if (fd < 0) {
		return fd == -ENOENT ? 0 : fd; /* gone since it was listed */
	}
	int r = bpf_obj_get_info_by_fd(fd, &info, &len) < 0 ? -errno : 0;

	(void)close(fd);
	if (r < 0 || info.type != BPF_LINK_TYPE_TRACING || info.tracing.attach_type != ATTACH_EXT) {
		return r;
	}
	if (info.tracing.target_obj_id == 0) {
		return -EOPNOTSUPP; /* before Linux 5.13 the kernel does not say what is replaced */
	}
	const struct code_ext ext = {.target = info.tracing.target_obj_id,
	                             .type_id = info.tracing.target_btf_id,
	                             .prog_id = info.prog_id};

	return code_add_ext(run->code, &ext);
}

/** @return 0 when all links were looked at, -ENOMEM, or why not. */
static int read_links(struct progs_run *run)
{
	uint32_t id = 0;

	for (uint32_t n = 0; n < PROGS_MAX_LINKS; n++) {
		if (bpf_link_get_next_id(id, &id) < 0) {
			return errno == ENOENT ? 0 : -errno;
		}
		int r = read_link(run, id);

		if (r < 0) {
			return r;
		}
	}
	return -E2BIG;
}

static bool has_globals(const struct code_facts *code)
{
	for (uint32_t i = 0; i < code->n_progs; i++) {
		if (code->progs[i].has_globals) {
			return true;
		}
	}
	return false;
}

/** Programs without a global function need no links; for the others it is a gap. */
static int without_links(struct progs_run *run, int why)
{
	int r = prog_linkage(run->code);

	if (r < 0 || !has_globals(run->code)) {
		return r;
	}
	return snap_add_gap(run->snap, GAP_PROGS_UNREADABLE, "BPF links", strerror(-why));
}

int prog_ext_links(struct progs_run *run)
{
	struct code_facts *code = run->code;

	if (!has_globals(code)) {
		return 0;
	}
	int r = read_links(run);

	if (r == -ENOMEM) {
		return r;
	}
	if (r < 0) {
		return without_links(run, r);
	}
	code->links_read = true;
	for (uint32_t i = 0; i < code->n_exts && r == 0; i++) {
		if (idmap_find(&code->prog_of, code->exts[i].target, NULL)) {
			r = progs_queue(run, code->exts[i].prog_id);
		}
	}
	return r;
}
