/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay_main - run a fuzz target over files and directories, without a fuzzer: for compilers that
 * have no libFuzzer, and for `make check`.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/** Largest input; corpora hold small ones. */
#define MAX_INPUT_BYTES ((size_t)16 << 20)

static int complain(const char *path)
{
	(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return -1;
}

/** All bytes of a file, in a block of exactly their number so that reading on is noticed. */
static uint8_t *load(FILE *file, size_t *ret_size)
{
	uint8_t *big = malloc(MAX_INPUT_BYTES);
	uint8_t *exact = NULL;

	if (!big) {
		return NULL;
	}

	size_t size = fread(big, 1, MAX_INPUT_BYTES, file);

	if (ferror(file) || !feof(file)) {
		errno = ferror(file) ? EIO : EFBIG;
	} else {
		exact = malloc(size > 0 ? size : 1);
	}
	if (exact) {
		memcpy(exact, big, size);
		*ret_size = size;
	}
	free(big);
	return exact;
}

/** @return 1, or -1. */
static int replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;

	if (!file) {
		return complain(path);
	}

	uint8_t *data = load(file, &size);

	(void)fclose(file);
	if (!data) {
		return complain(path);
	}
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/** The files of a directory, in the order of their names, not of those below. @return how many,
 * or -1. */
static int replay_dir(const char *path)
{
	struct dirent **list = NULL;
	int n = scandir(path, &list, NULL, alphasort);
	int done = 0;

	if (n < 0) {
		return complain(path);
	}
	for (int i = 0; i < n; i++) {
		char *name = NULL;

		if (asprintf(&name, "%s/%s", path, list[i]->d_name) < 0) {
			abort();
		}
		free(list[i]);
		if (done >= 0 && !is_dir(name)) {
			done = replay_file(name) < 0 ? -1 : done + 1;
		}
		free(name);
	}
	free(list);
	return done;
}

int main(int argc, char *argv[])
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = is_dir(argv[i]) ? replay_dir(argv[i]) : replay_file(argv[i]);

		if (n < 0) {
			return 1;
		}
		total += n;
	}
	(void)printf("%d inputs replayed\n", total);
	return total > 0 ? 0 : 1; /* nothing replayed proves nothing */
}
