#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Links and namespaces that come and go during the scan, and 100 namespaces at once (30 emulated).
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

COUNT=${COUNT:-$(rounds 100 30)}
for i in $(seq "$COUNT"); do
	ip netns add "pod$i"
	ip link add "h$i" type veth peer name eth0 netns "pod$i"
	tc -n "pod$i" qdisc add dev eth0 clsact
done
bpf pod7 --pref 5 --name vendor eth0 egress >/dev/null || skip "no bpf classifier"
bpf "pod$COUNT" --pref 5 --name vendor eth0 egress >/dev/null
scan "$WORK/100.json"
has "all of them" "$WORK/100.json" "[.namespaces[] | select(.names[0] // \"\" | startswith(\"pod\"))] | length == $COUNT"
has "each with its hooks" "$WORK/100.json" \
	"[.namespaces[].links[] | select(.name == \"eth0\") | .hooks[].hook] | length == 2 * $COUNT"
# shellcheck disable=SC2016 # jq's own variables
has "peers across namespaces" "$WORK/100.json" \
	'([.namespaces[] | .inode as $n | .links[] | {key: "\($n) \(.ifindex)", value: .peer}] | from_entries) as $peers
	 | [.namespaces[] | select(.names[0] // "" | startswith("pod")) | .inode as $n | .links[] | select(.name == "eth0") | .peer as $p
	    | $peers["\($p.netns) \($p.ifindex)"] == {netns: $n, ifindex: .ifindex}] | length >= '"$COUNT"' and all'
"$TCAUDIT" check -q -f json -o "$WORK/check.json"
has "one finding, two places" "$WORK/check.json" '[.findings[] | select(.code == "TC102" and .state == "open")] | length == 1 and .[0].count == 2'

# Now with veths and namespaces appearing and vanishing all the time.
(
	while :; do
		for j in 1 2 3 4; do
			ip netns add "churn$j"
			ip link add "c$j" type veth peer name eth0 netns "churn$j"
			tc -n "churn$j" qdisc add dev eth0 clsact
			ip link add "l$j" type veth peer name "k$j"
			tc qdisc add dev "l$j" clsact
		done
		for j in 1 2 3 4; do
			ip link del "l$j"
			ip netns del "churn$j"
			ip link del "c$j" 2>/dev/null
		done
	done
) >/dev/null 2>&1 &
CHILDREN+=($!)
wrong=0
for round in $(seq "${ROUNDS:-$(rounds 40 8)}"); do
	timeout 60 "$TCAUDIT" check -q -f json -o "$WORK/churn.json"
	code=$?
	case $code in
	3 | 5) ;;
	*) wrong=$((wrong + 1)) ; echo "round $round: status $code" ;;
	esac
	jq -e '[.findings[] | select(.code == "TC102" and .state == "open")] | length == 1 and .[0].count == 2' "$WORK/churn.json" \
		>/dev/null || { wrong=$((wrong + 1)); echo "round $round: wrong findings"; }
	jq -e '[.findings[] | select(.state == "open" and .severity == "fail" and .code != "TC102")] | length == 0' \
		"$WORK/churn.json" >/dev/null || { wrong=$((wrong + 1)); echo "round $round: a finding of nothing"; }
done
equal "rounds that went wrong" 0 "$wrong"
finish
