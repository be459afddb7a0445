#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Shared blocks, a plain ingress qdisc, classes of a root qdisc, hidden qdiscs.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

hooks()
{
	echo "[.namespaces[] | select(.names == [\"$1\"]) | .links[] | select(.name == \"$2\") | .hooks[] | select(.hook == \"$3\")]"
}

netns a
veth a v0
veth a v1
tc -n a qdisc add dev v0 ingress_block 22 clsact || skip "no shared blocks"
tc -n a qdisc add dev v1 ingress_block 22 clsact
bpf a --pref 12 --name shared block 22 >/dev/null || skip "no filter on a block"
bpf a --pref 13 --name own v1 egress >/dev/null
scan "$WORK/a.json" -n a
for dev in v0 v1; do
	has "$dev has the block's filter" "$WORK/a.json" \
		"$(hooks a $dev clsact/ingress)[0] | .block == 22 and (.entries | length == 1) and .entries[0].name == \"shared\""
done
has "the other direction is the device's own" "$WORK/a.json" \
	"$(hooks a v1 clsact/egress)[0] | .block == null and .entries[0].name == \"own\""
"$TCAUDIT" check -q -n a -f json -o "$WORK/ac.json"
equal "a shared block is a failure" 3 $?
has "TC205 on both devices" "$WORK/ac.json" '.findings[] | select(.code == "TC205") | .count == 2 and .severity == "fail"'

netns b
veth b w0
tc -n b qdisc add dev w0 ingress
tc -n b filter add dev w0 parent ffff: pref 1 u32 match u32 0 0 action mirred egress redirect dev w0p
# The kernel takes an egress filter there and runs it on receive.
bpf b --pref 2 --name stray w0 egress >/dev/null
scan "$WORK/b.json" -n b
has "ingress lists both once" "$WORK/b.json" \
	"$(hooks b w0 ingress) | length == 1 and (.[0].entries | map(.pref) == [1, 2])"
has "no clsact there" "$WORK/b.json" "$(hooks b w0 clsact/egress) | length == 0"
"$TCAUDIT" check -q -n b -f json -o "$WORK/bc.json"
has "TC206" "$WORK/bc.json" '.findings | any(.code == "TC206" and .severity == "fail")'
has "TC204 for the redirect" "$WORK/bc.json" '.findings | any(.code == "TC204")'

netns c
veth c x0
if tc -n c qdisc add dev x0 root handle 1: htb default 10 2>/dev/null; then
	tc -n c class add dev x0 parent 1: classid 1:10 htb rate 1mbit
	tc -n c class add dev x0 parent 1: classid 1:20 htb rate 1mbit
	tc -n c filter add dev x0 parent 1: pref 3 protocol ip u32 match ip dport 80 0xffff flowid 1:20
	tc -n c filter add dev x0 parent 1:10 pref 4 u32 match u32 0 0 flowid 1:20
	bpf c --pref 5 --no-da --name onroot x0 1:0 >/dev/null
	scan "$WORK/c.json" -n c
	has "filters of the root" "$WORK/c.json" "$(hooks c x0 qdisc/1:0)[0].entries | map(.pref) == [3, 5]"
	has "flowid" "$WORK/c.json" "$(hooks c x0 qdisc/1:0)[0].entries[0].classid == (1 * 65536 + 32)"
	has "filters of a class" "$WORK/c.json" "$(hooks c x0 qdisc/1:10)[0].entries | map(.pref) == [4]"
	has "a class without filters has no hook" "$WORK/c.json" "$(hooks c x0 qdisc/1:20) | length == 0"
	has "qdiscs are listed" "$WORK/c.json" \
		'[.namespaces[].links[] | select(.name == "x0").qdiscs[].kind] | index("htb") != null'
	"$TCAUDIT" check -q -n c -f json -o "$WORK/cc.json"
	has "TC208" "$WORK/cc.json" '.findings | any(.code == "TC208")'
else
	echo "skipped: no htb here"
fi
finish
