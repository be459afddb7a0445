/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink/classic_text.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdlib.h>

/** Most instructions of a classic program; linux/bpf_common.h BPF_MAXINSNS. */
#define MAX_INSNS 4096u

/** Digits, and nothing that strtoul() would take besides. */
static bool take_number(const char **at, char end, unsigned long max, unsigned long *ret)
{
	char *stop = NULL;

	if (**at < '0' || **at > '9') {
		return false;
	}
	errno = 0;
	*ret = strtoul(*at, &stop, 10);
	if (errno != 0 || *ret > max || (*stop != end && (end != ',' || *stop != '\0'))) {
		return false;
	}
	*at = *stop != '\0' ? stop + 1 : stop;
	return true;
}

/** "code jt jf k" up to a comma or the end. */
static bool take_insn(const char **at, struct bpf_insn *ret)
{
	unsigned long code;
	unsigned long jt;
	unsigned long jf;
	unsigned long k;

	if (!take_number(at, ' ', UINT16_MAX, &code) || !take_number(at, ' ', UINT8_MAX, &jt) ||
	    !take_number(at, ' ', UINT8_MAX, &jf) || !take_number(at, ',', UINT32_MAX, &k)) {
		return false;
	}
	*ret = (struct bpf_insn){
		.code = (u_short)code, .jt = (u_char)jt, .jf = (u_char)jf, .k = (bpf_u_int32)k};
	return true;
}

/** libpcap sets columns with blanks and a tab; the tab would be escaped. */
static void write_image(const struct bpf_insn *insn, int at, struct out *o)
{
	/* A buffer of libpcap's own, written anew by each call. */
	for (const char *c = bpf_image(insn, at); *c != '\0'; c++) {
		out_bytes(o, *c == '\t' ? " " : c, 1);
	}
}

void classic_write(const char *classic, uint32_t indent, struct out *o)
{
	const char *at = classic;
	struct bpf_insn insn;
	unsigned long n = 0;
	unsigned long i = 0;

	if (take_number(&at, ',', MAX_INSNS, &n)) {
		for (; i < n && take_insn(&at, &insn); i++) {
			out_fmt(o, "%*s", (int)indent, "");
			write_image(&insn, (int)i, o);
			out_str(o, "\n");
		}
	}
	if (i == 0 || i < n) {
		out_fmt(o, "%*sno instruction from here on\n", (int)indent, "");
	}
}
