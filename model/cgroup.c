/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cgroup.h"

#include "model/attrs.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define ID_LEN         ((size_t)CGROUP_CONTAINER_BYTES - 1)
#define UUID_LEN       ((size_t)CGROUP_POD_BYTES - 1)
#define STATIC_POD_LEN ((size_t)32) /* a hash of the manifest in place of a UUID */

/** What runtimes put in front of the id in a systemd scope; "" for a plain directory. */
static const char *const id_prefixes[] = {"", "docker-", "cri-containerd-", "crio-", "libpod-"};

/** A piece of a path, not terminated. */
struct span {
	const char *at;
	size_t len;
};

static struct span without_suffix(struct span s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (s.len >= n && memcmp(s.at + s.len - n, suffix, n) == 0) {
		s.len -= n;
	}
	return s;
}

static bool all_hex(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isxdigit((unsigned char)at[i])) {
			return false;
		}
	}
	return true;
}

/** Container id of a component: the prefix must match whole, so that crio-conmon- does not. */
static bool take_container(struct span part, char *ret)
{
	const struct span s = without_suffix(part, ".scope");

	for (size_t i = 0; i < COUNT_OF(id_prefixes); i++) {
		size_t n = strlen(id_prefixes[i]);

		if (s.len == n + ID_LEN && memcmp(s.at, id_prefixes[i], n) == 0 &&
		    all_hex(s.at + n, ID_LEN)) {
			memcpy(ret, s.at + n, ID_LEN);
			ret[ID_LEN] = '\0';
			return true;
		}
	}
	return false;
}

/** A UUID whose dashes may be underscores (systemd reads a dash as a level of the tree). */
static bool is_uuid(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.at[i] != '-' && s.at[i] != '_' : !isxdigit((unsigned char)s.at[i])) {
			return false;
		}
	}
	return s.len == UUID_LEN;
}

/** "pod<uid>" or "kubepods-<class>-pod<uid>.slice". */
static bool take_pod(struct span part, char *ret)
{
	const struct span s = without_suffix(part, ".slice");

	for (size_t i = 0; i + 3 <= s.len; i++) {
		if (memcmp(s.at + i, "pod", 3) != 0 || (i > 0 && s.at[i - 1] != '-')) {
			continue;
		}
		const struct span uid = {s.at + i + 3, s.len - i - 3};

		if (!is_uuid(uid) && !(uid.len == STATIC_POD_LEN && all_hex(uid.at, uid.len))) {
			continue;
		}
		for (size_t k = 0; k < uid.len; k++) {
			ret[k] = uid.at[k];
			if (ret[k] == '_') {
				ret[k] = '-';
			}
		}
		ret[uid.len] = '\0';
		return true;
	}
	return false;
}

/** Components end at '/', and at ':' (containerd's "...slice:cri-containerd:<id>"). */
static void parse_path(const char *path, size_t len, struct cgroup_facts *facts)
{
	for (size_t at = 0; at < len;) {
		size_t end = at;

		while (end < len && path[end] != '/' && path[end] != ':') {
			end++;
		}
		const struct span part = {path + at, end - at};

		(void)take_container(part, facts->container);
		(void)take_pod(part, facts->pod_uid);
		at = end + 1;
	}
}

bool cgroup_parse(const char *text, struct cgroup_facts *ret)
{
	struct cgroup_facts out = {0};

	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		/* hierarchy:controllers:path; a controller name may hold '=' but no ':'. */
		const char *colon = memchr(line, ':', len);
		const char *path = NULL;

		if (colon) {
			path = memchr(colon + 1, ':', len - (size_t)(colon + 1 - line));
		}
		if (path) {
			struct cgroup_facts here = {0};

			parse_path(path + 1, len - (size_t)(path + 1 - line), &here);
			if (!out.container[0]) {
				memcpy(out.container, here.container, sizeof(out.container));
			}
			if (!out.pod_uid[0]) {
				memcpy(out.pod_uid, here.pod_uid, sizeof(out.pod_uid));
			}
		}
		line += len;
		line += *line == '\n';
	}
	*ret = out;
	return out.container[0] || out.pod_uid[0];
}
