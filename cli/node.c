/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/node.h"

#include "model/text.h"
#include "model/version.h"
#include "netlink/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/** Longest text taken from the system here. */
#define FACT_BYTES 256

static int import(struct snapshot *snap, const char *text, const char **ret)
{
	const char *copy = text_import(&snap->arena, text, FACT_BYTES);

	if (copy == NULL) {
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

static int taken_at(struct snapshot *snap)
{
	char text[32];
	struct tm tm;
	time_t now = time(NULL);

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		return import(snap, "1970-01-01T00:00:00Z", &snap->taken_at);
	}
	return import(snap, text, &snap->taken_at);
}

/** The boot id is of the kernel, not of a mount: always our own /proc. */
static int boot_id(struct snapshot *snap)
{
	char text[64];
	AUTO_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0) {
		return 0;
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return import(snap, text, &snap->boot_id);
}

int node_facts(struct snapshot *snap)
{
	struct utsname uts;
	int r = taken_at(snap);

	if (r == 0 && uname(&uts) == 0) {
		r = import(snap, uts.nodename, &snap->hostname);
		r = r == 0 ? import(snap, uts.release, &snap->kernel) : r;
		r = r == 0 ? import(snap, uts.machine, &snap->arch) : r;
	}
	snap->tool_version = TCAUDIT_VERSION;
	return r == 0 ? boot_id(snap) : r;
}

static const char *copy_text(struct arena *arena, const char *text, bool *failed)
{
	if (text == NULL) {
		return NULL;
	}
	const char *copy = arena_strndup(arena, text, strlen(text));

	*failed = *failed || copy == NULL;
	return copy;
}

int node_copy_netns(struct snapshot *snap, const struct snap_netns *row, uint32_t *ret_netns)
{
	struct snap_netns copy = *row;
	bool failed = false;

	if (row->n_names > 0) {
		copy.names = arena_alloc(&snap->arena, row->n_names * sizeof(*copy.names));
		if (copy.names == NULL) {
			return -ENOMEM;
		}
	}
	for (uint32_t i = 0; i < row->n_names; i++) {
		copy.names[i] = copy_text(&snap->arena, row->names[i], &failed);
	}
	copy.process = copy_text(&snap->arena, row->process, &failed);
	copy.container = copy_text(&snap->arena, row->container, &failed);
	copy.pod_uid = copy_text(&snap->arena, row->pod_uid, &failed);
	return failed ? -ENOMEM : snap_add_netns(snap, &copy, ret_netns);
}
