/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/privs.h"

#include "netlink/fd.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Enough for /proc/self/status up to its capability lines. */
#define STATUS_BYTES 4096

static const struct {
	unsigned int bit;
	const char *name;
	const char *shows;
} wanted[] = {
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "other network namespaces and BPF programs"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", "TCX and netkit"},
	{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "the namespaces of other users' processes"},
};

uint64_t privs_effective(const char *status)
{
	const char *line = strstr(status, "\nCapEff:");

	return line != NULL ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
}

void privs_note(struct ui *ui)
{
	char status[STATUS_BYTES];
	char text[512] = "";
	size_t used = 0;
	AUTO_FD int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);

	if (n <= 0) {
		return;
	}
	status[n] = '\0';
	uint64_t caps = privs_effective(status);

	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		if ((caps >> wanted[i].bit & 1) == 0 && used < sizeof(text)) {
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (%s)",
			                         used > 0 ? ", " : "", wanted[i].name,
			                         wanted[i].shows);
		}
	}
	if (used > 0) {
		ui_note(ui, "missing: %s; the result will be incomplete", text);
	}
}
