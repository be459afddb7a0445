#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job: which priority to set, or why none helps.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

bpf_at()
{
	netns "$1"
	veth "$1" "$2"
	tc -n "$1" qdisc add dev "$2" clsact
	bpf "$1" --pref "$3" --returns 0 --name vendor_filter --prog-name vendor_prog "$2" ingress \
		>/dev/null || skip "no bpf classifier"
}

bpf_at five v5 5
"$TCAUDIT" check -q -f json -o "$WORK/5.json"
equal "status at 5" 3 $?
has "names interface, namespace, program and priority" "$WORK/5.json" '.findings[] | select(.code == "TC102")
	| .severity == "fail" and (.message | contains("v5") and contains("five") and contains("vendor") and contains("pref 5"))
	and .where.device == "v5" and .where.netns_name == "five" and .where.pref == 5 and .where.prog_id > 0'
has "recommends 4" "$WORK/5.json" \
	'.recommendation | .action == "set-priority" and .classifier_priority == 4 and .feasible.max == 4'
has "snippets carry it" "$WORK/5.json" '.recommendation.snippets | to_entries | all(.value | contains("4"))'
"$TCAUDIT" check -q -n five >"$WORK/5.txt"
check "text names them too" grep -q "v5 in five.*pref 5" "$WORK/5.txt"
check "text recommends 4" grep -q "classifier_priority to 4" "$WORK/5.txt"
status 0 "$TCAUDIT" check -q -n five --priority 4
status 0 "$TCAUDIT" check -q -n five --exit-zero
status 0 "$TCAUDIT" check -q -n five --fail-on warn
status 0 "$TCAUDIT" check -q -n five --skip TC102
"$TCAUDIT" check -q -n five --skip TC102 -f json -o "$WORK/skip.json"
has "skipped stays visible" "$WORK/skip.json" '.findings | any(.code == "TC102" and .state == "suppressed")'

# Following the advice: an Agent-shaped filter at 4 sees everything.
bpf five --pref 4 --returns -1 --name classifier_ingress_security_classifier_ingress_9_4026531840_77 \
	--prog-name classifier_ingr v5 ingress >/dev/null
status 0 "$TCAUDIT" check -q -n five -f json -o "$WORK/after.json"
has "the running Agent's priority" "$WORK/after.json" '.agent.priority == {value: 4, source: "running"}'

bpf_at one v1 1
"$TCAUDIT" check -q -n one -f json -o "$WORK/1.json"
equal "status at 1" 3 $?
has "TC101" "$WORK/1.json" '.findings | any(.code == "TC101" and .severity == "fail")'
has "recommends no value and says why" "$WORK/1.json" \
	'.recommendation | .classifier_priority == null and .action == "fix-vendor" and .snippets == null and (.reason | length > 20) and (.blocked_by[0].pref == 1)'

# UNSPEC and priorities behind the Agent's are nobody's problem.
netns fine
veth fine v2
tc -n fine qdisc add dev v2 clsact
bpf fine --pref 1 --returns -1 v2 ingress >/dev/null
bpf fine --pref 11 --returns 0 v2 ingress >/dev/null
status 0 "$TCAUDIT" check -q -n fine
status 3 "$TCAUDIT" check -q -n fine --priority 11
finish
