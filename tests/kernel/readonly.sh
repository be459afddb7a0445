#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A scan only reads: every netlink request is a dump or a get, and no bpf command loads, attaches,
# updates or pins; a pin is only opened.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

command -v strace >/dev/null || skip "needs strace"
netns a
veth a v0
tc -n a qdisc add dev v0 clsact
bpf a --pref 5 v0 ingress >/dev/null || skip "no bpf classifier"
bpf a --prog-name t --pin "$WORK/bpf/l" --returns -1 v0 tcx/ingress >/dev/null 2>&1
mkdir -p "$WORK/sys/fs"
ln -s "$WORK/bpf" "$WORK/sys/fs/bpf"
bpf a --pref 6 --pin "$WORK/bpf/p" v0 ingress >/dev/null
strace -f -o "$WORK/trace" -s 64 -e trace=sendto,sendmsg,bpf,openat,unlink,unlinkat,rename,mkdir,mount,ioctl,socket,execve,clone,fork,vfork,clone3 \
	"$TCAUDIT" check -q --sys "$WORK/sys" -f json -o "$WORK/out.json" || [ $? -ge 3 ] || skip "strace does not work here"
check "it saw the filter" grep -q '"clsact/ingress"' "$WORK/out.json"
# Older straces print numbers: RTM_GETLINK, QDISC, TCLASS, TFILTER, NSID, CHAIN.
grep -E 'sendto|sendmsg' "$WORK/trace" | grep -oE 'nlmsg_type=[A-Za-z_0-9]+' | sed 's/nlmsg_type=//' | sort -u >"$WORK/types"
equal "netlink requests that are no gets" "" "$(grep -vE '^(RTM_GET[A-Z]+|0x(12|26|2a|2e|5a|66))$' "$WORK/types")"
check "there were netlink requests" grep -qE 'RTM_GETTFILTER|0x2e' "$WORK/types"
equal "netlink flags beyond request, ack, dump" "" \
	"$(grep -E 'sendto|sendmsg' "$WORK/trace" | grep -oE 'nlmsg_flags=[A-Za-z_|0-9]+' | tr '|' '\n' | sed 's/nlmsg_flags=//' | sort -u | grep -vE '^(NLM_F_REQUEST|NLM_F_ACK|NLM_F_DUMP|0x300)$')"
equal "bpf commands" "" \
	"$(grep -oE 'bpf\([A-Z_0-9x]+' "$WORK/trace" | sort -u | grep -vE 'BPF_(PROG_QUERY|PROG_GET_FD_BY_ID|MAP_GET_FD_BY_ID|BTF_GET_FD_BY_ID|LINK_GET_FD_BY_ID|OBJ_GET_INFO_BY_FD|OBJ_GET|MAP_LOOKUP_ELEM)$')"
# A pin is opened read-only; one of a link cannot be, so it is asked for again (EINVAL).
check "pins were looked at" grep -q 'bpf(BPF_OBJ_GET,.*file_flags=BPF_F_RDONLY' "$WORK/trace"
equal "pins opened without having been refused read-only" \
	"$(grep 'bpf(BPF_OBJ_GET,' "$WORK/trace" | grep BPF_F_RDONLY | grep -c EINVAL)" \
	"$(grep 'bpf(BPF_OBJ_GET,' "$WORK/trace" | grep -vc BPF_F_RDONLY)"
check "there were bpf queries" grep -q BPF_PROG_GET_FD_BY_ID "$WORK/trace"
equal "files opened for writing" 1 "$(grep openat "$WORK/trace" | grep -E 'O_WRONLY|O_RDWR|O_CREAT' | grep -cv ENOENT)"
equal "other programs run" 1 "$(grep -c execve "$WORK/trace")"
# What costs time is asked for once, and only when needed: each program in one question, and the
# kernel's symbols, which take longer than anything else, for no program without a call.
calls_of_programs()
{
	strace -f -y -o "$WORK/asked" -e trace=openat,lseek,bpf "$TCAUDIT" scan -q -n calls -f json -o /dev/null ||
		[ $? = 5 ]
	equal "$1: questions for each program" "$(grep -c 'BPF_PROG_GET_FD_BY_ID.*= [0-9]' "$WORK/asked")" \
		"$(grep -c BPF_OBJ_GET_INFO_BY_FD "$WORK/asked")"
	equal "$1: symbols opened, or gone back in" "$2" "$(grep -c kallsyms "$WORK/asked")"
}
netns calls
veth calls v
tc -n calls qdisc add dev v clsact
for pref in 1 2 3; do
	bpf calls --pref "$pref" --returns "$pref" v ingress >/dev/null
done
calls_of_programs "no call" 0
bpf calls --pref 4 --program redirect v egress >/dev/null
bpf calls --pref 5 --program redirect v egress >/dev/null
if [ "$(awk '$3 == "__bpf_call_base" {print $1}' /proc/kallsyms)" = 0000000000000000 ]; then
	echo "kernel addresses are hidden: calls have no numbers, so no names are looked for"
	calls_of_programs "calls without numbers" 0
else
	calls_of_programs "two calls" 1
fi
# One namespace at a time: whatever is opened as ns/net or below netns is closed before the next.
strace -f -o "$WORK/fds" -e trace=openat,close,setns "$TCAUDIT" scan -q -f json -o /dev/null || [ $? = 5 ]
awk '/setns\(/ {n++} END {exit !(n > 0 && n % 2 == 0)}' "$WORK/fds" || not_ok "each setns has its way home"
finish
