#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Filters on clsact: several handles and priorities, protocols, kinds, chains, actions.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

netns a
veth a v0
tc -n a qdisc add dev v0 clsact || skip "no clsact"

# Newest first within a priority, whatever the handle.
bpf a --pref 7 --handle 1 --name one v0 ingress >/dev/null || skip "no bpf classifier"
bpf a --pref 7 --handle 2 --name two v0 ingress >/dev/null
bpf a --pref 7 --handle 7 --name seven v0 ingress >/dev/null
bpf a --pref 3 --name first --returns -1 v0 ingress >/dev/null
bpf a --pref 9 --protocol 800 --name four --returns 2 v0 ingress >/dev/null
bpf a --pref 10 --no-da --name classifying v0 ingress >/dev/null
# Egress: other kinds.
tc -n a filter add dev v0 egress pref 4 protocol ip u32 match ip dst 10.0.0.1/32 \
	action mirred egress redirect dev v0p
tc -n a filter add dev v0 egress pref 5 u32 match u32 0 0 action mirred egress mirror dev v0p
tc -n a filter add dev v0 egress pref 6 bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 1,6 0 0 0'
tc -n a filter add dev v0 egress pref 8 bpf da bytecode '1,6 0 0 2'

scan "$WORK/s.json" -n a
entries='.namespaces[] | select(.names == ["a"]) | .links[] | select(.name == "v0") | .hooks[]'
in="[$entries | select(.hook == \"clsact/ingress\") | .entries[]]"
out="[$entries | select(.hook == \"clsact/egress\") | .entries[]]"
has "six filters on ingress" "$WORK/s.json" "$in | length == 6"
has "order of execution" "$WORK/s.json" \
	"$in | map(.name) == [\"first\", \"seven\", \"two\", \"one\", \"four\", \"classifying\"]"
has "orders count from 0" "$WORK/s.json" "$in | map(.order) == [0, 1, 2, 3, 4, 5]"
has "handles" "$WORK/s.json" "$in | map(.handle) == [1, 7, 2, 1, 1, 1]"
has "priorities" "$WORK/s.json" "$in | map(.pref) == [3, 7, 7, 7, 9, 10]"
has "protocols" "$WORK/s.json" "$in | map(.protocol) == [\"all\", \"all\", \"all\", \"all\", \"ip\", \"all\"]"
has "direct-action" "$WORK/s.json" "$in | map(.direct_action) == [true, true, true, true, true, false]"
has "program ids" "$WORK/s.json" "$in | all(.prog_id > 0)"
has "constant programs are proven" "$WORK/s.json" \
	"${in}[0].prog_id as \$p | .programs[] | select(.id == \$p) | .returns | {codes, exact, reason} == {codes: [\"unspec\"], exact: true, reason: null}"
has "u32 redirects" "$WORK/s.json" \
	"${out}[0] | .kind == \"u32\" and .match == \"some\" and .actions[0].kind == \"mirred\" and .actions[0].op == \"redirect\""
has "u32 that matches all" "$WORK/s.json" "${out}[1] | .match == \"all\" and .actions[0].op == \"mirror\""
has "classic bytecode" "$WORK/s.json" \
	"${out}[2] | .kind == \"bpf\" and .prog_id == null and .direct_action == false and (.classic | startswith(\"4,40 0 0 12\"))"
has "classic codes" "$WORK/s.json" "${out}[2] | .classic_codes | index(\"reclassify\") and index(\"ok\")"
has "classic drops" "$WORK/s.json" "${out}[3] | .classic_codes == [\"shot\"] and .direct_action == true"

# Chains: only chain 0 is entered from the hook.
netns b
veth b w0
tc -n b qdisc add dev w0 clsact
bpf b --pref 2 --chain 5 --name inner w0 ingress >/dev/null
if tc -n b filter add dev w0 ingress pref 1 protocol ip u32 match u32 0 0 \
	action mirred egress mirror dev w0p goto chain 5 2>/dev/null ||
	tc -n b filter add dev w0 ingress pref 1 protocol ip u32 match u32 0 0 \
		action goto chain 5 2>/dev/null; then
	scan "$WORK/c.json" -n b
	w='[.namespaces[] | select(.names == ["b"]) | .links[] | select(.name == "w0") | .hooks[] | select(.hook == "clsact/ingress")][0]'
	has "chains are listed" "$WORK/c.json" "$w.chains == [0, 5]"
	has "goto" "$WORK/c.json" "$w.entries[0].actions[-1] | .control == \"goto_chain\" and .control_arg == 5"
	has "the chain's filter" "$WORK/c.json" "$w.entries[1] | .chain == 5 and .name == \"inner\""
	"$TCAUDIT" check -q -n b -f json -o "$WORK/cc.json"
	has "goto is found" "$WORK/cc.json" '.findings | any(.code == "TC207" and .state == "open")'
else
	echo "skipped: no action with goto chain here"
fi
finish
