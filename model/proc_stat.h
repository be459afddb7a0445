/* SPDX-License-Identifier: Apache-2.0 */
/**
 * proc_stat.h - the line of /proc/PID/stat.
 */
#ifndef TCAUDIT_MODEL_PROC_STAT_H
#define TCAUDIT_MODEL_PROC_STAT_H

#include <stdbool.h>

/** The second process of every kernel since 2.6 makes the kernel's threads, and is one. */
#define PROC_STAT_KTHREADD 2

/** The flags field of the line; 0 when it has none. */
unsigned long proc_stat_flags(const char *stat);

/** Is it a kernel thread's line? These live in the first pid namespace only. */
bool proc_stat_is_kernel(const char *stat);

#endif
