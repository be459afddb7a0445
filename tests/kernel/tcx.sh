#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TCX with three programs, and XDP: order, ids, and what they hide.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

netns a
veth a v0
tc -n a qdisc add dev v0 clsact
if ! bpf a --returns -1 --prog-name first --pin "$WORK/bpf/l1" v0 tcx/ingress >"$WORK/id1" 2>&1; then
	skip "no TCX"
fi
bpf a --returns -1 --prog-name second --pin "$WORK/bpf/l2" v0 tcx/ingress >"$WORK/id2"
bpf a --returns -1 --prog-name third --pin "$WORK/bpf/l3" v0 tcx/ingress >"$WORK/id3"
bpf a --pref 20 --name behind v0 ingress >/dev/null
scan "$WORK/a.json" -n a
h='[.namespaces[].links[] | select(.name == "v0") | .hooks[] | select(.hook == "tcx/ingress")][0]'
has "the kernel has TCX" "$WORK/a.json" '.features.tcx == true'
has "three in order" "$WORK/a.json" "$h.entries | map(.name) == [\"first\", \"second\", \"third\"]"
has "ids as attached" "$WORK/a.json" \
	"$h.entries | map(.prog_id) == [$(cat "$WORK/id1"), $(cat "$WORK/id2"), $(cat "$WORK/id3")]"
has "links" "$WORK/a.json" "$h.entries | all(.link_id > 0) and all(.pref == null and .handle == null and .chain == null)"
has "revision" "$WORK/a.json" "$h.revision | test(\"^[0-9]+$\")"
status 0 "$TCAUDIT" check -q -n a

# One that passes instead of going on hides all of clsact, and no priority helps.
bpf a --returns 0 --prog-name passes --pin "$WORK/bpf/l4" v0 tcx/egress >/dev/null
status 3 "$TCAUDIT" check -q -n a -f json -o "$WORK/ac.json"
has "TC201 names it" "$WORK/ac.json" \
	'.findings[] | select(.code == "TC201") | .severity == "fail" and (.message | contains("passes") and contains("v0"))'
has "no value helps" "$WORK/ac.json" \
	'.recommendation | .classifier_priority == null and .action == "fix-vendor" and .hooks.blind_after == 1'

netns b
veth b w0
if bpf b --returns 2 --prog-name xpass w0 xdp >/dev/null 2>&1; then
	scan "$WORK/b.json" -n b
	x='[.namespaces[].links[] | select(.name == "w0") | .hooks[] | select(.hook == "xdp")][0].entries[0]'
	has "XDP" "$WORK/b.json" "$x | .name == \"xpass\" and .mode == \"generic\""
	status 0 "$TCAUDIT" check -q -n b
	netns c
	veth c y0
	bpf c --returns 4 --prog-name xredir y0 xdp >/dev/null
	status 4 "$TCAUDIT" check -q -n c -f json -o "$WORK/cc.json"
	has "TC202" "$WORK/cc.json" '.findings | any(.code == "TC202" and .severity == "warn")'
else
	echo "skipped: no generic XDP here"
fi
finish
