#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Agent's filters beside those of network vendors, each in a namespace of its own: what the check
# says before, and after its advice was followed.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/kernel/lib_agent.sh
. "$(dirname "$0")/lib_agent.sh"

agent_start
netns pods
netns probe
veth probe p0
bpf probe --returns -1 p0 tcx/ingress >/dev/null 2>&1
case $? in
0) TCX=yes ;;
77) TCX= ;;
*) skip "cannot load programs" ;;
esac

# node NS DEV: a namespace with the host's end of a pod and the Agent on everything.
node()
{
	netns "$1"
	veth "$1" "$2" pods "pod$1"
	agent_attach "$1" lo
	agent_attach "$1" "$2"
}

# judged NAME NS STATUS CODES: the verdict of a namespace and the rules that say something of it, in
# $WORK/NAME.json.
judged()
{
	status "$3" "$TCAUDIT" check -q -n "$2" -f json -o "$WORK/$1.json"
	equal "$1: findings" "$4" \
		"$(jq -r '[.findings[] | select(.state == "open").code] | unique | join(" ")' "$WORK/$1.json")"
}

# action NAME ACTION [PRIORITY]
action()
{
	equal "$1: recommendation" "$2 ${3:-null}" \
		"$(jq -r '.recommendation | "\(.action) \(.classifier_priority)"' "$WORK/$1.json")"
}

# all_seen NAME: the Agent sees what it should, and is to change nothing.
all_seen()
{
	has "$1: all seen" "$WORK/$1.json" '(.recommendation | .action == "none" and .hooks.seen_now == .hooks.total)
		and all(.findings[] | select(.state == "open"); .severity != "fail")'
}

# passes NAME NS: nothing is found.
passes()
{
	judged "$1" "$2" 0 ""
	all_seen "$1"
}

# remains NAME NS CODES: warnings of these, about what comes later, and a pass without them.
remains()
{
	judged "$1" "$2" 4 "$3"
	all_seen "$1"
	status 0 "$TCAUDIT" check -q -n "$2" --skip "${3// /,}"
}

# vendor NAME ID: that vendor, for certain, and no other but the Agent.
vendor()
{
	equal "$1: vendors" "$2 datadog-agent" \
		"$(jq -r '[.vendors[] | .id] | sort | map(select(. != "datadog-agent")) + ["datadog-agent"] | join(" ")' \
			"$WORK/$1.json")"
}

# advised NAME SETTING: a setting of the vendor that the recommendation names.
advised()
{
	has "$1: advises $2" "$WORK/$1.json" \
		".recommendation.settings | any((.setting + .how + .paste) | contains(\"$2\"))"
}

# cilium_legacy NS DEV PREF: as 1.13.1 and later attach without TCX.
cilium_legacy()
{
	bpf "$1" --pref "$3" --handle 1 --returns 0 --name "cil_from_container-$2" --prog-name cil_from_contai \
		"$2" ingress >/dev/null
}

# Cilium in front of everybody: only Cilium's own setting helps. Nothing of it runs yet (TC501).
node cl lxc1
cilium_legacy cl lxc1 1
judged cl-before cl 3 "TC101 TC301 TC401 TC501"
vendor cl-before cilium
action cl-before fix-vendor
advised cl-before bpf-filter-priority
pretend cilium-agent
pretend calico-node
tc -n cl filter del dev lxc1 ingress pref 1
cilium_legacy cl lxc1 50
remains cl-after cl "TC401"

# Cilium further back: the Agent's setting is enough.
node cm lxc2
cilium_legacy cm lxc2 5
judged cm-before cm 3 "TC102 TC301 TC401"
vendor cm-before cilium
action cm-before set-priority 4
agent_detach cm lo
agent_detach cm lxc2
agent_attach cm lo 4
agent_attach cm lxc2 4
remains cm-after cm "TC401"

# Calico with tc: behind the Agent, and going on.
node ct cali1
for way in ingress egress; do
	bpf ct --pref 49152 --handle 1 --returns -1 --prog-name cali_tc_preambl --libbpf-name cali1 "$way" >/dev/null
done
remains ct ct "TC401"
vendor ct calico

# AWS: the policy's egress is the interface's ingress; nothing has a name in the kernel.
node aw eni1
for way in ingress egress; do
	policy=egress
	[ "$way" = ingress ] || policy=ingress
	bpf aw --pref 1 --handle 1 --returns 0 --name "handle_$policy" eni1 "$way" >/dev/null
done
judged aw-before aw 3 "TC101 TC301 TC402"
vendor aw-before aws-npa
action aw-before fix-vendor
advised aw-before "network policies"
for way in ingress egress; do
	tc -n aw filter del dev eni1 "$way" pref 1
done
passes aw-after aw

# Retina in front of everybody, going on.
node re veth3
bpf re --pref 1 --returns -1 --name endpoint_ingres --prog-name endpoint_ingres veth3 ingress >/dev/null
bpf re --pref 1 --handle 1 --returns -1 --name endpoint_egress --prog-name endpoint_egress veth3 egress >/dev/null
remains re re "TC401"
vendor re retina

# The bandwidth plug-in: an ingress qdisc in clsact's place, on which everything is redirected, and
# on which both of the Agent's filters run on receive.
netns bw
veth bw veth4 pods podbw
veth bw bwp1 pods podbwp
agent_attach bw lo
agent_attach bw bwp1
if tc -n bw qdisc add dev veth4 ingress 2>"$WORK/tc.err" &&
	tc -n bw filter add dev veth4 parent ffff: protocol all pref 1 u32 match u32 0 0 \
		action mirred egress redirect dev bwp1 2>>"$WORK/tc.err"; then
	agent_attach bw veth4
	judged bw-before bw 3 "TC204 TC206 TC301 TC403 TC404"
	vendor bw-before cni-bandwidth
	action bw-before fix-vendor
	advised bw-before "kubernetes.io/ingress-bandwidth"
	tc -n bw qdisc del dev veth4 ingress
	agent_attach bw veth4
	passes bw-after bw
else
	echo "skipped: no u32 or mirred: $(head -n 1 "$WORK/tc.err")"
fi

if [ -z "$TCX" ]; then
	[ "$FAILED" = 0 ] || finish
	skip "no TCX; $PASSED passed before"
fi

# Cilium on TCX: no priority helps.
node cx lxc5
bpf cx --returns 0 --prog-name cil_from_contai --pin "$WORK/bpf/cx" lxc5 tcx/ingress >/dev/null
judged cx-before cx 3 "TC201 TC301 TC401"
vendor cx-before cilium
action cx-before fix-vendor
advised cx-before enableTCX
rm "$WORK/bpf/cx"
cilium_legacy cx lxc5 50
remains cx-after cx "TC401"

# Calico on TCX goes on, but takes the clsact away.
node cc cali6
for way in ingress egress; do
	bpf cc --returns -1 --prog-name cali_tc_preambl --pin "$WORK/bpf/cc-$way" cali6 "tcx/$way" >/dev/null
done
judged cc-before cc 4 "TC401"
vendor cc-before calico
for way in ingress egress; do
	rm "$WORK/bpf/cc-$way"
	bpf cc --pref 49152 --handle 1 --returns -1 --prog-name cali_tc_preambl --libbpf-name cali6 "$way" >/dev/null
done
remains cc-after cc "TC401"
finish
