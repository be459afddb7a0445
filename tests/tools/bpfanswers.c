/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bpfanswers [SECONDS] - does this kernel answer a request to load a program?
 *
 * Status 0: it does, be it with a refusal. 1: it has not within SECONDS (10). A kernel whose
 * workers wait for each other (seen on 6.18 after thousands of programs were freed at once) never
 * does, and who asks can no longer be killed: so a child asks, which shares nothing with us.
 */
#include "model/attrs.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 20

static void ask(void)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* A child that hangs must not keep the pipes of those who wait for our output. */
	for (int fd = 0; fd <= 2; fd++) {
		(void)dup2(null, fd);
	}
	(void)setsid();
	(void)bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tcaudit_answers", "GPL", insns,
	                    COUNT_OF(insns), NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 10;
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	pid_t pid = fork();

	if (pid < 0) {
		perror("fork");
		return 2;
	}
	if (pid == 0) {
		ask();
	}
	for (long i = 0; i < seconds * 1000 / POLL_MS; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			return 0;
		}
		(void)nanosleep(&pause, NULL);
	}
	(void)fprintf(stderr, "no answer to loading a program within %ld s\n", seconds);
	return 1;
}
