/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpfcorpus - load programs of testdata/bpf into this kernel and write down what it made of them.
 *
 * bpfcorpus --kernel X.Y --objects DIR --out DIR [--run N] NAME.want...: for each, loads NAME.o as
 * the .want file asks, writes NAME.X.Y.xlated, and with --run calls it with N random packets and
 * compares what it returns with the codes expected. The formats are in testdata/bpf/README.md.
 */
#include "tests/tools/corpus_load.h"
#include "tests/tools/corpus_run.h"
#include "tests/tools/corpus_show.h"

static bool load_all(struct session *s)
{
	s->obj = open_object(s, ".o");
	return s->obj && load_object(s, s->obj) && enter_progs(s, s->obj) && replace_functions(s) &&
	       fill_slots(s);
}

static void session_done(struct session *s)
{
	for (uint32_t i = 0; i < s->n_links; i++) {
		(void)bpf_link__destroy(s->links[i]);
	}
	for (uint32_t i = 0; i < s->n_progs; i++) {
		(void)close(s->progs[i].fd);
	}
	bpf_object__close(s->ext);
	bpf_object__close(s->obj);
}

/** Is the case for this kernel at all? */
static bool is_meant(const struct want *w, const char *kernel)
{
	const struct directive *d = directive(w, "kernels", 0);
	bool meant = !d;

	for (size_t i = 0; d && i < COUNT_OF(d->arg); i++) {
		meant = meant || strcmp(d->arg[i], kernel) == 0;
	}
	return meant;
}

/** @return false for a failure; a kernel that cannot load a program is none, and is said. */
static bool record(const struct options *opt, const struct want *want)
{
	struct session s = {.opt = opt, .want = want};
	char old[MOST_DIRECTIVES][WORD] = {0};
	bool ok = true;

	if (!is_meant(want, opt->kernel)) {
		printf("skip  %s: not for kernel %s\n", want->name, opt->kernel);
		return true;
	}
	uint32_t n_sysctls = apply_sysctls(&s, old);

	if (s.why[0] || !load_all(&s) || !write_all(&s)) {
		printf("skip  %s: %s\n", want->name, s.why[0] ? s.why : "could not be loaded");
	} else if (opt->runs > 0) {
		ok = check_runs(&s);
	} else {
		printf("ok    %s\n", want->name);
	}
	restore_sysctls(&s, old, n_sysctls);
	session_done(&s);
	(void)fflush(stdout);
	return ok;
}

static int parse_options(int argc, char **argv, struct options *opt)
{
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		const char **text = strcmp(argv[i], "--kernel") == 0    ? &opt->kernel
		                    : strcmp(argv[i], "--objects") == 0 ? &opt->objects
		                    : strcmp(argv[i], "--out") == 0     ? &opt->out
		                                                        : NULL;
		if (text) {
			*text = argv[i + 1];
		} else if (strcmp(argv[i], "--run") == 0) {
			opt->runs = strtoul(argv[i + 1], NULL, 10);
		} else {
			return argc;
		}
	}
	return opt->kernel && opt->objects && opt->out ? i : argc;
}

int main(int argc, char **argv)
{
	struct options opt = {0};
	int first = parse_options(argc, argv, &opt);
	bool ok = true;

	if (first >= argc) {
		(void)fprintf(stderr,
		              "usage: bpfcorpus --kernel X.Y --objects DIR --out DIR [--run N] "
		              "WANT...\n");
		return 2;
	}
	if (!read_symbols()) {
		(void)fprintf(stderr,
		              "bpfcorpus: /proc/kallsyms shows no addresses (kptr_restrict?)\n");
		return 2;
	}
	(void)libbpf_set_print(keep_words);
	for (int i = first; i < argc; i++) {
		struct want want;

		if (!read_want(argv[i], &want)) {
			printf("FAIL  %s: not readable, or without codes\n", argv[i]);
			ok = false;
			continue;
		}
		ok = record(&opt, &want) && ok;
	}
	free(symbols);
	return ok ? 0 : 1;
}
