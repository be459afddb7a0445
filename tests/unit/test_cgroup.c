/* SPDX-License-Identifier: Apache-2.0 */
/* layers: model */
#include "model/attrs.h"
#include "model/cgroup.h"

#include <criterion/criterion.h>

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID   "6f1c2b1e-83d4-4f4e-9c1a-0a1b2c3d4e5f"
#define UID_  "6f1c2b1e_83d4_4f4e_9c1a_0a1b2c3d4e5f"
#define HASH  "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

static const struct cgroup_case {
	const char *name;
	const char *text;
	const char *container;
	const char *pod_uid;
} cases[] = {
	{"empty file", "", "", ""},
	{"root", "0::/\n", "", ""},
	{"login session", "0::/user.slice/user-0.slice/session-1.scope\n", "", ""},
	{"docker, systemd", "0::/system.slice/docker-" ID ".scope\n", ID, ""},
	{"docker, cgroupfs", "0::/docker/" ID "\n", ID, ""},
	{"no newline at the end", "0::/docker/" ID, ID, ""},
	{"podman", "0::/machine.slice/libpod-" ID ".scope/container\n", ID, ""},
	{"monitor of podman", "0::/machine.slice/libpod-conmon-" ID ".scope\n", "", ""},
	{"monitor of cri-o", "0::/kubepods.slice/crio-conmon-" ID ".scope\n", "", ""},
	{"containerd, systemd",
         "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
         ".slice/cri-containerd-" ID ".scope\n",
         ID, UID},
	{"cri-o, guaranteed", "0::/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope\n",
         ID, UID},
	{"cgroupfs", "0::/kubepods/burstable/pod" UID "/" ID "\n", ID, UID},
	{"static pod", "0::/kubepods/besteffort/pod" HASH "/" ID "\n", ID, HASH},
	{"pod without container", "0::/kubepods/pod" UID "\n", "", UID},
	{"containerd, colons",
         "5:memory:/system.slice/containerd.service/kubepods-burstable-pod" UID_
         ".slice:cri-containerd:" ID "\n",
         ID, UID},
	{"version 1, many lines",
         "12:pids:/kubepods/pod" UID "/" ID "\n11:cpu,cpuacct:/kubepods/pod" UID "/" ID
         "\n1:name=systemd:/kubepods/pod" UID "/" ID "\n0::/\n",
         ID, UID},
	{"version 1, one line says it", "3:cpuset:/\n2:memory:/docker/" ID "\n0::/init.scope\n", ID,
         ""},
	{"first line wins", "2:memory:/docker/" ID "\n1:cpu:/docker/" OTHER "\n", ID, ""},
	{"container in a container", "0::/docker/" OTHER "/kubelet/pod" UID "/" ID "\n", ID, UID},
	{"outside of our cgroup namespace", "0::/../../kubepods/pod" UID "/" ID "\n", ID, UID},
	{"id too short", "0::/docker/0123456789abcdef\n", "", ""},
	{"id too long", "0::/docker/" ID "0\n", "", ""},
	{"id not hex",
         "0::/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg\n", "", ""},
	{"unknown prefix", "0::/system.slice/foo-" ID ".scope\n", "", ""},
	{"pod without uid", "0::/kubepods/podcast/x\n", "", ""},
	{"not a line", "docker-" ID ".scope\n", "", ""},
	{"no path", "0:\n0:a\n::\n", "", ""},
};

Test(cgroup, parse)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct cgroup_case *c = &cases[i];
		struct cgroup_facts got = {"x", "x"};
		bool found = cgroup_parse(c->text, &got);

		cr_expect_eq(found, c->container[0] || c->pod_uid[0], "%s: found", c->name);
		cr_expect_str_eq(got.container, c->container, "%s: container", c->name);
		cr_expect_str_eq(got.pod_uid, c->pod_uid, "%s: pod", c->name);
	}
}
