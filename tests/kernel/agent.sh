#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Agent's own state: its settings, read from its own root and environment whatever lies there,
# and filters that are stale, doubled or missing.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/kernel/lib_agent.sh
. "$(dirname "$0")/lib_agent.sh"

ROOT_DIR=$WORK/root
CONFIG=$ROOT_DIR/etc/datadog-agent/system-probe.yaml
NEW=event_monitoring_config.network.classifier_priority
OLD=runtime_security_config.network.classifier_priority
VARIABLE=DD_RUNTIME_SECURITY_CONFIG_NETWORK_CLASSIFIER_PRIORITY

# A root with no more in it than the process needs.
mkdir -p "$ROOT_DIR/bin" "${CONFIG%/*}"
cp "$(command -v sleep)" "$ROOT_DIR/bin/system-probe"
ldd "$ROOT_DIR/bin/system-probe" | grep -o '/[^ ]*' | while read -r lib; do
	mkdir -p "$ROOT_DIR${lib%/*}" && cp -L "$lib" "$ROOT_DIR$lib"
done
env -i "$(command -v chroot)" "$ROOT_DIR" /bin/system-probe -- 0 || skip "cannot run a program in a root of its own"

# inside [VARIABLE=VALUE...]: a system-probe in that root; the one before ends.
inside()
{
	[ -z "$AGENT_PID" ] || { kill "$AGENT_PID" && wait "$AGENT_PID" 2>/dev/null; }
	env -i "$@" "$(command -v chroot)" "$ROOT_DIR" /bin/system-probe -- 900 &
	await_process $! system-probe
	AGENT_PID=$!
}

# settings NAME WANT: "key=value source" of each, in one line, in $WORK/NAME.json.
settings()
{
	scan "$WORK/$1.json" -n a
	equal "$1: settings" "$2" \
		"$(jq -r '.agent | if .config == null then "unknown" else [.config[] | "\(.key)=\(.value) \(.source)"] | join("; ") end' "$WORK/$1.json")"
	has "$1: it runs" "$WORK/$1.json" '.agent.running'
}

# priority NAME WANT: value and source that the check goes by.
priority()
{
	timeout 60 "$TCAUDIT" check -q -n a -f json -o "$WORK/$1-check.json"
	equal "$1: priority" "$2" "$(jq -r '.agent.priority | "\(.value) \(.source)"' "$WORK/$1-check.json")"
}

# unreadable NAME ERROR: the settings are a gap, which says that.
unreadable()
{
	inside
	status 5 timeout 60 "$TCAUDIT" check -q -n a -f json -o "$WORK/$1.json"
	has "$1: a gap" "$WORK/$1.json" ".coverage.gaps | length == 1 and (.[0] | .kind == \"agent-unreadable\" and
		(.where | contains(\"/etc/datadog-agent/system-probe.yaml of system-probe[$AGENT_PID]\")) and
		(.error | contains(\"$2\")))"
	rm -f "$CONFIG"
}

netns pods
netns a
veth a v0 pods p0
veth a v1 pods p1

# Where a setting is said, and which counts.
inside
settings nothing ""
priority nothing "10 default"
inside "$VARIABLE=9" DD_API_KEY=0123456789abcdef
settings variable "$NEW=9 environment"
priority variable "9 environment"
check "a key is not kept" bash -c "! grep -q 0123456789abcdef '$WORK/variable.json'"
printf 'api_key: 0123456789abcdef\nevent_monitoring_config:\n  network:\n    classifier_priority: 8\n' >"$CONFIG"
inside
settings new "$NEW=8 file"
priority new "8 file"
check "nor from the file" bash -c "! grep -q 0123456789abcdef '$WORK/new.json'"
printf 'runtime_security_config:\n  network.classifier_priority: 7\n' >>"$CONFIG"
inside "$VARIABLE=9"
settings all "$NEW=8 file; $OLD=7 file; $NEW=9 environment"
priority all "7 file"
has "TC304 says which counts" "$WORK/all-check.json" \
	"[.findings[] | select(.code == \"TC304\") | .message] | any(contains(\"has no effect\") and contains(\"$OLD = 7\"))"
rm "$CONFIG"

# What is no such file.
mkfifo "$CONFIG"
unreadable fifo "not a regular file"
mkdir "$CONFIG"
inside
status 5 timeout 60 "$TCAUDIT" check -q -n a
rmdir "$CONFIG"
truncate -s 2M "$CONFIG"
unreadable huge "longer than"
printf 'a: [\n' >"$CONFIG"
unreadable wrong "line"
ln -s system-probe.yaml "$CONFIG"
unreadable circle "not followed"

# Links stay in the root of the process: up and out ends at its top, where that file is not.
printf 'event_monitoring_config.network.classifier_priority: 77\n' >"$WORK/outside.yaml"
ln -s ../../../outside.yaml "$CONFIG"
unreadable out "leads nowhere inside its root"
ln -s "$WORK/outside.yaml" "$CONFIG"
unreadable absolute "leads nowhere inside its root"
inside
printf 'event_monitoring_config.network.classifier_priority: 6\n' >"$ROOT_DIR/outside.yaml"
ln -s ../../../outside.yaml "$CONFIG"
settings within "$NEW=6 file"
rm "$CONFIG"

# Processes that come and go meanwhile.
(
	while :; do
		for _ in 1 2 3 4; do
			"$ROOT_DIR/bin/system-probe" 0.02 &
		done
		wait
	done
) &
CHURN=$!
CHILDREN+=("$CHURN")
wrong=0
for round in $(seq "${ROUNDS:-$(rounds 30 6)}"); do
	timeout 60 "$TCAUDIT" check -q -n a -f json -o "$WORK/churn.json"
	code=$?
	[ "$code" = 0 ] || { wrong=$((wrong + 1)); echo "round $round: status $code"; }
	jq -e '.agent.priority.value == 10' "$WORK/churn.json" >/dev/null || wrong=$((wrong + 1))
done
equal "rounds that went wrong" 0 "$wrong"
kill "$CHURN" && wait "$CHURN" 2>/dev/null

# says CODE SEVERITY TEXT [N]: of N places, in $WORK/f.json.
says()
{
	has "$1: $3" "$WORK/f.json" "[.findings[] | select(.code == \"$1\" and .state == \"open\" and .severity == \"$2\" and
		(.message | contains(\"$3\"))).count] | add == ${4:-1}"
}

# judged STATUS: into $WORK/f.json.
judged()
{
	status "$1" "$TCAUDIT" check -q -n a -f json -o "$WORK/f.json"
}

# missing_on DEV: that interface and no other, in both directions.
missing_on()
{
	has "TC302: $1" "$WORK/f.json" '[.findings[] | select(.code == "TC302" and .state == "open")]
		| length == 2 and all(.severity == "warn" and .where.device == "'"$1"'" and .count == 1)
		and any(.message | contains("clsact/ingress")) and any(.message | contains("clsact/egress"))'
}

# Its filters: all there; one too many; of another process; of another interface; one missing.
inside
for dev in lo v0 v1; do
	agent_attach a "$dev" || skip "no bpf classifier"
done
judged 0
has "nothing is found" "$WORK/f.json" '[.findings[] | select(.state == "open")] == []'
agent_filter a v0 ingress
judged 4
says TC303 warn "twice on this hook"
agent_detach a v0
agent_filter a v0 ingress 10 999999
agent_filter a v0 egress
judged 4
says TC303 warn "belongs to process 999999, which is no running system-probe (another one runs)"
agent_detach a v0
judged 4
missing_on v0
agent_attach a v0
ip -n a link set v1 netns pods
ip -n pods link set v1 netns a
ip -n a link set v1 up
judged 4
missing_on v1 # moving took its clsact away
agent_attach a v1
judged 0

# The process is gone and its filters are not.
kill "$AGENT_PID" && wait "$AGENT_PID" 2>/dev/null
judged 0
says TC303 info "(none runs)" 6
finish
