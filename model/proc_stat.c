/* SPDX-License-Identifier: Apache-2.0 */
#include "model/proc_stat.h"

#include <stdlib.h>
#include <string.h>

/** PF_KTHREAD, include/linux/sched.h. */
#define PF_KTHREAD_FLAG 0x00200000ul

/** Spaces between the name in PID/stat and its flags (do_task_stat() in fs/proc/array.c). */
#define STAT_SPACES_TO_FLAGS 7

unsigned long proc_stat_flags(const char *stat)
{
	/* pid (comm) state ppid pgrp session tty tpgid flags; comm may hold anything. */
	const char *at = strrchr(stat, ')');

	for (int spaces = 0; at != NULL && spaces < STAT_SPACES_TO_FLAGS; spaces++) {
		at = strchr(at + 1, ' ');
	}
	return at != NULL ? strtoul(at, NULL, 10) : 0;
}

bool proc_stat_is_kernel(const char *stat)
{
	return (proc_stat_flags(stat) & PF_KTHREAD_FLAG) != 0;
}
