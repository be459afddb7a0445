/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corpus_load.h - part of bpfcorpus: reads a .want file and loads the programs as it asks.
 */
#ifndef TCAUDIT_TESTS_TOOLS_CORPUS_LOAD_H
#define TCAUDIT_TESTS_TOOLS_CORPUS_LOAD_H

#include "model/attrs.h"
#include "model/codes.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_DIRECTIVES 16u
#define MOST_PROGS      16u
#define MOST_MAPS       16u
#define MOST_INSNS      65536u
#define MOST_FUNCS      32u
#define MOST_VALUE      4096u
#define MOST_PACKET     256u
#define MOST_CPUS       256u
#define RUN_SECONDS     2 /* of one program: some loop for long */
#define WORD            64
#define REFILL          8u /* packets until maps named rnd* get other content */

/** A line of NAME.want that says how to load, in words. */
struct directive {
	char key[WORD];
	char arg[3][WORD];
};

struct want {
	char name[WORD];
	char source[WORD];
	uint32_t codes, unseen;
	struct directive dirs[MOST_DIRECTIVES];
	uint32_t n_dirs;
};

struct options {
	const char *kernel, *objects, *out;
	unsigned long runs;
};

/** One case while it is worked on. */
struct session {
	const struct options *opt;
	const struct want *want;
	struct bpf_object *obj, *ext;
	struct bpf_link *links[MOST_PROGS];
	uint32_t n_links;
	struct {
		int fd;
		uint32_t id;
		const char *name;
		const char *target; /* function replaced, for programs of type EXT */
		bool xdp;
	} progs[MOST_PROGS];
	uint32_t n_progs;
	uint32_t map_ids[MOST_MAPS];
	uint32_t n_maps;
	char why[256];
};

static char last_words[256];
static char verifier_log[16u << 20];

/* --- the wanted --- */

static uint32_t parse_codes(char *text)
{
	uint32_t set = 0;
	char *rest = NULL;

	for (char *w = strtok_r(text, " \n", &rest); w; w = strtok_r(NULL, " \n", &rest)) {
		enum code code = CODE_OTHER;

		if (strcmp(w, "any") == 0) {
			set |= CODES_ALL;
		} else if (code_from_word(w, &code)) {
			set |= CODE_BIT(code);
		} else {
			(void)fprintf(stderr, "bpfcorpus: no code is called %s\n", w);
			exit(2);
		}
	}
	return set;
}

static void parse_line(struct want *w, char *line)
{
	char *colon = strchr(line, ':');
	char key[WORD] = "";

	if (line[0] == '#' || !colon || (size_t)(colon - line) >= sizeof(key)) {
		return;
	}
	memcpy(key, line, (size_t)(colon - line));
	if (strcmp(key, "codes") == 0) {
		w->codes = parse_codes(colon + 1);
	} else if (strcmp(key, "unseen") == 0) {
		w->unseen = parse_codes(colon + 1);
	} else if (strcmp(key, "source") == 0) {
		(void)sscanf(colon + 1, "%63s", w->source);
	} else if (w->n_dirs < MOST_DIRECTIVES) {
		struct directive *d = &w->dirs[w->n_dirs++];

		memcpy(d->key, key, sizeof(key));
		(void)sscanf(colon + 1, "%63s %63s %63s", d->arg[0], d->arg[1], d->arg[2]);
	} else {
		(void)fprintf(stderr, "bpfcorpus: %s: too many lines\n", w->name);
		exit(2);
	}
}

static bool read_want(const char *path, struct want *w)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *dot = strstr(base, ".want");
	char line[1024];
	FILE *f = fopen(path, "re");

	*w = (struct want){0};
	if (!f || !dot || (size_t)(dot - base) >= sizeof(w->name)) {
		if (f) {
			(void)fclose(f);
		}
		return false;
	}
	memcpy(w->name, base, (size_t)(dot - base));
	memcpy(w->source, w->name, sizeof(w->name));
	while (fgets(line, sizeof(line), f)) {
		parse_line(w, line);
	}
	(void)fclose(f);
	char *suffix = strrchr(w->source, '.');

	if (suffix) {
		*suffix = '\0';
	}
	return w->codes != 0;
}

/** @return the @p nth line with a key, or NULL. */
static const struct directive *directive(const struct want *w, const char *key, uint32_t nth)
{
	for (uint32_t i = 0; i < w->n_dirs; i++) {
		if (strcmp(w->dirs[i].key, key) == 0 && nth-- == 0) {
			return &w->dirs[i];
		}
	}
	return NULL;
}

/* --- rights and switches of the kernel --- */

/** Leave or take back CAP_PERFMON, and CAP_SYS_ADMIN which contains it. */
static void set_perfmon(bool on)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &head, data) < 0) {
		abort();
	}
	for (uint32_t cap = 0; cap < WORD; cap++) {
		if (cap == CAP_SYS_ADMIN || cap == CAP_PERFMON) {
			uint32_t bit = 1u << (cap % 32);

			data[cap / 32].effective &= ~bit;
			data[cap / 32].effective |= on ? data[cap / 32].permitted & bit : 0;
		}
	}
	if (syscall(SYS_capset, &head, data) < 0) {
		abort();
	}
}

/** Write a sysctl; @p old gets what it was. */
static bool set_sysctl(const char *name, const char *value, char old[WORD])
{
	char path[WORD * 2];
	FILE *f = NULL;

	(void)snprintf(path, sizeof(path), "/proc/sys/%s", name);
	f = fopen(path, "r+e");
	if (!f) {
		return false;
	}
	if (!fgets(old, WORD, f)) {
		old[0] = '\0';
	}
	rewind(f);
	bool ok = fputs(value, f) >= 0;

	return fclose(f) == 0 && ok;
}

/** @return how many lines "sysctl" were carried out. */
static uint32_t apply_sysctls(struct session *s, char old[MOST_DIRECTIVES][WORD])
{
	const struct directive *d = NULL;
	uint32_t n = 0;

	while ((d = directive(s->want, "sysctl", n)) != NULL) {
		if (!set_sysctl(d->arg[0], d->arg[1], old[n])) {
			(void)snprintf(s->why, sizeof(s->why), "sysctl %s=%s: %s", d->arg[0],
			               d->arg[1], strerror(errno));
			break;
		}
		n++;
	}
	return n;
}

static void restore_sysctls(const struct session *s, char old[MOST_DIRECTIVES][WORD], uint32_t n)
{
	char ignored[WORD];

	while (n-- > 0) {
		const struct directive *d = directive(s->want, "sysctl", n);

		if (d && !set_sysctl(d->arg[0], old[n], ignored)) {
			(void)fprintf(stderr, "bpfcorpus: %s could not be restored\n", d->arg[0]);
			exit(2);
		}
	}
}

/* --- loading --- */

__attribute__((format(printf, 2, 0))) static int keep_words(enum libbpf_print_level level,
                                                            const char *fmt, va_list args)
{
	if (level == LIBBPF_WARN && last_words[0] == '\0') {
		(void)vsnprintf(last_words, sizeof(last_words), fmt, args);
	}
	return 0;
}

/** The verifier's last line before its statistics says why it refused. */
static void explain_failure(struct session *s, int error)
{
	char *line = verifier_log;
	char *best = NULL;

	while (line && *line) {
		char *end = strchr(line, '\n');

		if (end) {
			*end = '\0';
		}
		if (*line && strncmp(line, "processed ", 10) != 0 &&
		    strncmp(line, "verification", 12) != 0) {
			best = line;
		}
		line = end ? end + 1 : NULL;
	}
	last_words[strcspn(last_words, "\n")] = '\0';
	(void)snprintf(s->why, sizeof(s->why), "%s: %.200s", strerror(-error),
	               best ? best : last_words);
}

static struct bpf_object *open_object(struct session *s, const char *suffix)
{
	const struct bpf_object_open_opts opts = {.sz = sizeof(opts),
	                                          .kernel_log_buf = verifier_log,
	                                          .kernel_log_size = sizeof(verifier_log),
	                                          .kernel_log_level = 1};
	char path[1024];
	struct bpf_object *obj = NULL;

	last_words[0] = '\0';
	verifier_log[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s%s", s->opt->objects, s->want->source, suffix);
	obj = bpf_object__open_file(path, &opts);
	if (!obj) {
		explain_failure(s, -errno);
	}
	return obj;
}

static bool load_object(struct session *s, struct bpf_object *obj)
{
	int r = 0;

	if (directive(s->want, "without-perfmon", 0)) {
		set_perfmon(false);
	}
	r = bpf_object__load(obj);
	set_perfmon(true);
	if (r < 0) {
		explain_failure(s, r);
	}
	return r == 0;
}

/** Enter the programs of an object; the one called entry comes first. */
static bool enter_progs(struct session *s, struct bpf_object *obj)
{
	struct bpf_program *p = NULL;

	for (int pass = 0; pass < 2; pass++) {
		bpf_object__for_each_program(p, obj)
		{
			struct bpf_prog_info info = {0};
			uint32_t len = sizeof(info);
			uint32_t n = s->n_progs;

			if ((strcmp(bpf_program__name(p), "entry") == 0) != (pass == 0)) {
				continue;
			}
			if (n == MOST_PROGS ||
			    bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len) < 0) {
				return false;
			}
			/* The rights that count for what is shown are those of the opener. */
			s->progs[n].fd = bpf_prog_get_fd_by_id(info.id);
			s->progs[n].id = info.id;
			s->progs[n].name = bpf_program__name(p);
			s->progs[n].xdp = bpf_program__type(p) == BPF_PROG_TYPE_XDP;
			s->n_progs++;
		}
	}
	return s->n_progs > 0 && strcmp(s->progs[0].name, "entry") == 0;
}

static int prog_by_name(const struct session *s, const char *name)
{
	for (uint32_t i = 0; i < s->n_progs; i++) {
		if (strcmp(s->progs[i].name, name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

static bool fill_slots(struct session *s)
{
	const struct directive *d = NULL;

	for (uint32_t i = 0; (d = directive(s->want, "slot", i)) != NULL; i++) {
		int map = bpf_object__find_map_fd_by_name(s->obj, d->arg[0]);
		uint32_t slot = (uint32_t)strtoul(d->arg[1], NULL, 10);
		int prog = prog_by_name(s, d->arg[2]);

		if (map < 0 || prog < 0 ||
		    bpf_map_update_elem(map, &slot, &s->progs[prog].fd, 0) < 0) {
			(void)snprintf(s->why, sizeof(s->why), "slot %s %s %s: %s", d->arg[0],
			               d->arg[1], d->arg[2], strerror(errno));
			return false;
		}
	}
	for (uint32_t i = 0; (d = directive(s->want, "freeze", i)) != NULL; i++) {
		int map = bpf_object__find_map_fd_by_name(s->obj, d->arg[0]);

		if (map < 0 || bpf_map_freeze(map) < 0) {
			(void)snprintf(s->why, sizeof(s->why), "freeze %s: %s", d->arg[0],
			               strerror(errno));
			return false;
		}
	}
	return true;
}

/** Load NAME.ext.o, whose programs replace functions of entry, if the case asks for it. */
static bool replace_functions(struct session *s)
{
	const struct directive *d = directive(s->want, "replace", 0);
	struct bpf_program *p = NULL;

	if (!d) {
		return true;
	}
	s->ext = open_object(s, ".ext.o");
	p = s->ext ? bpf_object__find_program_by_name(s->ext, d->arg[1]) : NULL;
	if (!p || bpf_program__set_attach_target(p, s->progs[0].fd, d->arg[0]) < 0 ||
	    !load_object(s, s->ext)) {
		return false;
	}
	s->links[s->n_links] = bpf_program__attach_freplace(p, s->progs[0].fd, d->arg[0]);
	if (!s->links[s->n_links]) {
		explain_failure(s, -errno);
		return false;
	}
	s->n_links++;
	uint32_t n = s->n_progs++;

	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len) < 0) {
		return false;
	}
	s->progs[n].fd = bpf_prog_get_fd_by_id(info.id);
	s->progs[n].id = info.id;
	s->progs[n].name = bpf_program__name(p);
	s->progs[n].target = d->arg[0];
	return true;
}

#endif
