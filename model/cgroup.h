/* SPDX-License-Identifier: Apache-2.0 */
/**
 * cgroup.h - container and pod out of the text of /proc/PID/cgroup.
 */
#ifndef TCAUDIT_MODEL_CGROUP_H
#define TCAUDIT_MODEL_CGROUP_H

#include <stdbool.h>

#define CGROUP_CONTAINER_BYTES 65 /**< 64 hex digits and NUL. */
#define CGROUP_POD_BYTES       37 /**< A UUID with dashes and NUL. */

/** What the path of a control group says; empty strings for "nothing". */
struct cgroup_facts {
	char container[CGROUP_CONTAINER_BYTES];
	char pod_uid[CGROUP_POD_BYTES];
};

/**
 * Look for a container id and a pod uid in the lines of /proc/PID/cgroup (version 1 or 2). Within
 * a path the innermost one counts (containers in containers), between lines the first that has it.
 *
 * @return whether anything was found.
 */
bool cgroup_parse(const char *text, struct cgroup_facts *ret);

#endif
