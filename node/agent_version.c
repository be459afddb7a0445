/* SPDX-License-Identifier: Apache-2.0 */
#include "node/agent_version.h"

#include "model/json.h"
#include "model/text.h"
#include "node/file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Largest manifest; those of releases have about 100 KiB. */
#define MAX_MANIFEST ((size_t)4 << 20)

#define INSTALL_DIR "/opt/datadog-agent"

/** Copy a word that looks like a version: a digit, then what versions are made of. */
static bool take_version(const char *word, size_t len, char ret[AGENT_VERSION_BYTES])
{
	if (len == 0 || len >= AGENT_VERSION_BYTES || !isdigit((unsigned char)word[0])) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)word[i]) && !strchr(".+-~_", word[i])) {
			return false;
		}
	}
	memcpy(ret, word, len);
	ret[len] = '\0';
	return true;
}

bool agent_version_of_text(const char *text, char ret[AGENT_VERSION_BYTES])
{
	size_t name = strcspn(text, " \r\n");

	if (!text_starts(text, "datadog-") || text[name] != ' ') {
		return false;
	}

	const char *word = text + name + 1;

	return take_version(word, strcspn(word, " \r\n"), ret);
}

bool agent_version_of_json(const char *bytes, size_t len, char ret[AGENT_VERSION_BYTES])
{
	struct err ignored = {0};
	cJSON *root = json_parse(bytes, len, &ignored);
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "build_version");
	bool found = cJSON_IsString(item) &&
	             take_version(item->valuestring, strlen(item->valuestring), ret);

	cJSON_Delete(root);
	return found;
}

/** Both manifests of one installation. @return whether one has a version; -ENOMEM. */
static int read_install(int proc_fd, const char *dir, char ret[AGENT_VERSION_BYTES])
{
	static const char *const names[] = {"version-manifest.txt", "version-manifest.json"};
	char path[PATH_MAX];
	bool found = false;

	for (size_t i = 0; i < COUNT_OF(names) && !found; i++) {
		struct file_text text = {0};
		struct err ignored = {0};
		int n = snprintf(path, sizeof(path), "%s/%s", dir, names[i]);

		if (n < 0 || (size_t)n >= sizeof(path)) {
			continue;
		}
		int r = file_read_in_root(proc_fd, path, MAX_MANIFEST, &text, &ignored);

		if (r == -ENOMEM) {
			return r;
		}
		if (r == 0) {
			found = i == 0 ? agent_version_of_text(text.bytes, ret)
			               : agent_version_of_json(text.bytes, text.len, ret);
		}
		file_done(&text);
	}
	return found;
}

/** The directory a program is installed in: what stands before /embedded/bin/ or /bin/. */
static bool install_dir(int proc_fd, char dir[PATH_MAX])
{
	static const char *const parts[] = {"/embedded/bin/", "/bin/"};
	ssize_t n = readlinkat(proc_fd, "exe", dir, PATH_MAX - 1);

	if (n <= 0) {
		return false;
	}
	dir[n] = '\0';
	for (size_t i = 0; i < COUNT_OF(parts) && text_starts(dir, "/opt/datadog"); i++) {
		char *part = strstr(dir, parts[i]);

		if (part) {
			*part = '\0';
			return true;
		}
	}
	return false;
}

int agent_version_read(int proc_fd, struct arena *arena, const char **ret_version)
{
	char version[AGENT_VERSION_BYTES];
	char dir[PATH_MAX];
	int r = install_dir(proc_fd, dir) ? read_install(proc_fd, dir, version) : 0;

	if (r == 0) {
		r = read_install(proc_fd, INSTALL_DIR, version);
	}
	if (r <= 0) {
		*ret_version = NULL;
		return r;
	}
	*ret_version = arena_strndup(arena, version, strlen(version));
	return *ret_version ? 0 : -ENOMEM;
}
