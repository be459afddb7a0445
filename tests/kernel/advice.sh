#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is printed to paste, and findings that somebody accepted.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

NAME=DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY

netns a
for i in 1 2 3; do
	veth a "v$i"
	tc -n a qdisc add dev "v$i" clsact
	bpf a --pref 5 --returns 0 --name vendor_filter --prog-name vendor_prog "v$i" ingress \
		>/dev/null || skip "no bpf classifier"
done

# Formats: one setting each, the status of the verdict, and all of them in one run.
for format in yaml helm operator env; do
	status 3 "$TCAUDIT" check -q -n a --agent-version 7.50.0 -f "$format" -o "$WORK/$format"
	check "$format begins with a comment" bash -c "head -c 1 '$WORK/$format' | grep -q '#'"
	status 0 "$TCAUDIT" check -q -n a --priority 4 -f "$format" -o "$WORK/none"
	equal "$format sets nothing when nothing is to be set" 0 "$(grep -cv '^#' "$WORK/none")"
	check "$format says so" grep -q "no setting of the Agent to change" "$WORK/none"
done
check "yaml, new key" grep -qx 'event_monitoring_config:' "$WORK/yaml"
check "yaml, value" grep -qx '    classifier_priority: 4' "$WORK/yaml"
check "helm" grep -qx "        $NAME: \"4\"" "$WORK/helm"
check "operator" grep -qx 'kind: DatadogAgent' "$WORK/operator"
check "env" grep -qx "$NAME=4" "$WORK/env"
"$TCAUDIT" check -q -n a --agent-version 7.44.0 -f yaml >"$WORK/old"
check "yaml, old key" grep -qx 'runtime_security_config:' "$WORK/old"
"$TCAUDIT" check -q -n a --agent-version 7.50.0 -f json -o "$WORK/r.json" --report "yaml=$WORK/yaml2" \
	--report "env=$WORK/env2"
check "as a report beside another one" cmp "$WORK/yaml" "$WORK/yaml2"
check "and a second" cmp "$WORK/env" "$WORK/env2"
# shellcheck disable=SC2016 # expanded by that shell
equal "a shell reads the environment" 4 "$(bash -c '. "$1" && printf %s "${!2}"' - "$WORK/env" "$NAME")"

# An Agent that cannot be told.
"$TCAUDIT" check -q -n a --agent-version 7.38.0 --priority 10 -f json -o "$WORK/old.json"
has "upgrade" "$WORK/old.json" '.recommendation | .action == "upgrade-agent" and (.reason | contains("7.39.2"))
	and (.snippets.system_probe_yaml | contains("enabled: false"))'

# Accepted findings.
ignore()
{
	printf '{"schema": "tcaudit.ignore/1", "ignore": [%s]}' "$1" >"$WORK/ignore.json"
}
ignore '{"code": "TC102", "device": "v1", "reason": "known", "expires": "2030-06-30"}'
export SOURCE_DATE_EPOCH=1900000000 # 2030-03-17
status 3 "$TCAUDIT" check -q -n a --ignore-file "$WORK/ignore.json" -f json -o "$WORK/i.json"
has "two places are open" "$WORK/i.json" \
	'[.findings[] | select(.code == "TC102" and .state == "open")] | length == 1 and .[0].count == 2'
has "one is not" "$WORK/i.json" '[.findings[] | select(.state == "suppressed")] | length == 1 and .[0].count == 1
	and .[0].where.device == "v1" and .[0].suppressed_by == "known (until 2030-06-30)"'
has "same fingerprint" "$WORK/i.json" '[.findings[] | select(.code == "TC102").fingerprint] | unique | length == 1'
has "same recommendation" "$WORK/i.json" '.recommendation.classifier_priority == 4'
ignore '{"device": "v[1-3]", "reason": "known"}'
status 0 "$TCAUDIT" check -q -n a --ignore-file "$WORK/ignore.json" -o "$WORK/i.txt"
check "text says so" grep -q "2 findings suppressed: TC102, TC505; -v says why" "$WORK/i.txt"
"$TCAUDIT" check -q -v -n a --ignore-file "$WORK/ignore.json" >"$WORK/iv.txt" 2>/dev/null
check "and why" grep -q "Suppressed: known" "$WORK/iv.txt"
ignore '{"device": "v[1-3]", "reason": "known", "expires": "2030-03-16"}'
status 3 "$TCAUDIT" check -n a --ignore-file "$WORK/ignore.json" -f json -o "$WORK/i.json"
check "named on standard error" grep -q "ignore\[0\] (device v\[1-3\]) holds no longer" "$WORK/status.err"
has "and in the report" "$WORK/i.json" '.ignore_expired | length == 1'

# A gap stays a gap.
ignore '{"code": "TC901", "reason": "known"}'
netns b
status 5 "$TCAUDIT" check -q --priority 4 --max-netns 1 --ignore-file "$WORK/ignore.json" -f json -o "$WORK/gap.json"
has "the verdict is incomplete, the finding suppressed" "$WORK/gap.json" '.verdict == "incomplete"
	and all(.findings[] | select(.code == "TC901"); .state == "suppressed")
	and any(.findings[]; .code == "TC901")'
finish
