#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Namespaces of all three kinds: named, held by a process only, bind-mounted elsewhere in another
# mount namespace; and ones that nothing leads to.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

# in_netns PID DEV: a veth and a filter inside the network namespace of a process.
in_netns()
{
	nsenter --net="/proc/$1/ns/net" sh -c "ip link set lo up && ip link add $2 type veth peer name ${2}p &&
		ip link set $2 up && tc qdisc add dev $2 clsact" || return
	nsenter --net="/proc/$1/ns/net" "$TOOLS/mkfilter" --pref 5 --name "on_$2" "$2" ingress >/dev/null
}

inode()
{
	stat -L -c %i "$1"
}

netns named
veth named n0
tc -n named qdisc add dev n0 clsact
bpf named --pref 5 --name on_n0 n0 ingress >/dev/null || skip "no bpf classifier"

unshare --net sleep 300 &
unnamed=$!
CHILDREN+=("$unnamed")
for _ in $(seq 50); do
	[ "$(inode /proc/$unnamed/ns/net)" != "$(inode /proc/self/ns/net)" ] && break
	sleep 0.1
done
in_netns "$unnamed" u0

# A process in another mount namespace keeps a third one by a bind mount under a path with a space;
# no process lives in it.
mkdir "$WORK/mnt"
unshare --mount --propagation private bash -c "mount -t tmpfs none '$WORK/mnt' && touch '$WORK/mnt/a b' &&
	unshare --net='$WORK/mnt/a b' true && touch '$WORK/mnt/done' && exec sleep 300" &
mounted=$!
CHILDREN+=("$mounted")
for _ in $(seq 50); do
	[ -e "/proc/$mounted/root/$WORK/mnt/done" ] && break
	sleep 0.1
done
bound="/proc/$mounted/root$WORK/mnt/a b"
nsenter --net="$bound" sh -c "ip link add m0 type veth peer name m0p && ip link set m0 up && tc qdisc add dev m0 clsact"
nsenter --net="$bound" "$TOOLS/mkfilter" --pref 5 --name on_m0 m0 ingress >/dev/null

scan "$WORK/all.json"
for dev in n0 u0 m0; do
	has "$dev is found" "$WORK/all.json" \
		"[.namespaces[].links[] | select(.name == \"$dev\") | .hooks[].entries[].name] == [\"on_$dev\"]"
done
has "by name" "$WORK/all.json" ".namespaces[] | select(.inode == $(inode /run/netns/named)) | .names == [\"named\"]"
has "by process" "$WORK/all.json" \
	".namespaces[] | select(.inode == $(inode /proc/$unnamed/ns/net)) | .names == [] and .pids == [$unnamed] and .process == \"sleep\""
has "by path" "$WORK/all.json" \
	".namespaces[] | select(.inode == $(inode "$bound")) | .names == [\"$WORK/mnt/a b\"] and .n_pids == 0"
has "each once" "$WORK/all.json" '[.namespaces[].inode] | length == (unique | length)'
"$TCAUDIT" check -q -f json -o "$WORK/check.json"
equal "status" 3 $?
has "one finding for three places" "$WORK/check.json" \
	'[.findings[] | select(.code == "TC102" and .state == "open") | .count] | add == 3'
has "recommends 4" "$WORK/check.json" '.recommendation.classifier_priority == 4'

# Selecting them.
n="(.namespaces | length)"
scan "$WORK/one.json" -n named
has "-n NAME" "$WORK/one.json" "$n == 1"
scan "$WORK/one.json" -n "/run/netns/named" -n "pid:$unnamed"
has "-n PATH, pid:N" "$WORK/one.json" "$n == 2"
scan "$WORK/one.json" -n "inode:$(inode "$bound")"
has "-n inode:N" "$WORK/one.json" "($n == 1) and .namespaces[0].links[1].name != null"
status 2 "$TCAUDIT" scan -n nosuch
status 2 "$TCAUDIT" scan -n pid:0
status 2 "$TCAUDIT" scan -n /etc/passwd
scan "$WORK/dev.json" -n named -i 'n0'
has "-i GLOB" "$WORK/dev.json" '[.namespaces[].links[].name] == ["n0"]'
scan "$WORK/max.json" --max-netns 1
has "--max-netns is a gap" "$WORK/max.json" '.coverage | .complete == false and any(.gaps[]; .kind == "limit")'

# A veth into a namespace that neither a process nor a mount shows: only a socket keeps it.
ip link add s0 type veth peer name s1
"$TOOLS/nlkeep" s1 >"$WORK/keep.out" 2>&1 &
keep=$!
CHILDREN+=("$keep")
for _ in $(seq 50); do
	grep -q ready "$WORK/keep.out" 2>/dev/null && break
	sleep 0.1
done
if grep -q ready "$WORK/keep.out"; then
	scan "$WORK/gap.json"
	has "a namespace out of reach is a gap" "$WORK/gap.json" \
		'.coverage.gaps | any(.kind == "netns-unreachable" and (.where | contains("s0")))'
else
	echo "skipped: cannot hide a namespace here: $(cat "$WORK/keep.out")"
fi
finish
