#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Without root: partial, honest, status 5.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

command -v setpriv >/dev/null || skip "needs setpriv"
netns a
veth a v0
tc -n a qdisc add dev v0 clsact
ip link add own0 type veth peer name own1
tc qdisc add dev own0 clsact
"$TOOLS/mkfilter" --pref 5 --name mine own0 ingress >/dev/null || skip "no bpf classifier"

# The program may lie where only root can go.
install -m 755 "$TCAUDIT" "$WORK/tcaudit"
chmod 755 "$WORK"
as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
as_nobody "$WORK/tcaudit" check -f json >"$WORK/check.json" 2>"$WORK/err"
equal "status" 5 $?
check "says which capabilities are missing" grep -q "CAP_SYS_ADMIN.*CAP_NET_ADMIN" "$WORK/err"
has "incomplete" "$WORK/check.json" '.verdict == "incomplete" and .coverage.complete == false'
has "the other namespace is a gap" "$WORK/check.json" '.coverage.gaps | any(.kind == "netns-unreadable" and .hint != null)'
has "programs are a gap" "$WORK/check.json" '.coverage.gaps | any(.kind == "programs-unreadable" or .kind == "tcx-unreadable")'
has "its own namespace was read" "$WORK/check.json" '.coverage.namespaces_read >= 1 and .coverage.links_read >= 3'
has "the filter there is seen as caution" "$WORK/check.json" \
	'.findings | any(.code == "TC102" and .severity == "warn" and .where.device == "own0")'
has "TC901" "$WORK/check.json" '.findings | any(.code == "TC901")'
status 0 as_nobody "$WORK/tcaudit" check -q --exit-zero
# With a fresh user namespace of our own: root there, nobody outside.
if unshare --user --map-root-user --net true 2>/dev/null; then
	unshare --user --map-root-user "$WORK/tcaudit" check -q -f json >"$WORK/user.json"
	equal "status in a user namespace" 5 $?
	has "honest there too" "$WORK/user.json" '.coverage.complete == false'
fi
# In a pid namespace of its own, as in a container: what lies outside cannot be seen, and the tool
# says so; with the node's /proc it sees everything.
mkdir "$WORK/proc"
mount --bind /proc "$WORK/proc"
unshare --pid --fork --mount bash -c "mount -t proc proc /proc && exec '$TCAUDIT' check -q -f json" >"$WORK/pid.json"
has "a container's /proc is a gap" "$WORK/pid.json" \
	'.coverage.gaps | any(.kind == "proc-unreadable" and (.error | contains("container")))'
unshare --pid --fork --mount bash -c "mount -t proc proc /proc && exec '$TCAUDIT' check -q -f json --proc '$WORK/proc'" \
	>"$WORK/pid.json"
has "with --proc it is not" "$WORK/pid.json" '.coverage.gaps | any(.error | contains("container")) | not'
umount "$WORK/proc"
finish
