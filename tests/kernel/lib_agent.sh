# SPDX-License-Identifier: Apache-2.0
# lib_agent.sh - a process that looks like the Agent's system-probe, and filters as it makes them.
#
# Sourced after lib.sh. AGENT_PID is the process of the last agent_start.
# shellcheck shell=bash

AGENT_PID=

# await_process PID NAME: until the child runs that program; it ends with the test.
await_process()
{
	CHILDREN+=("$1")
	for _ in $(seq 100); do
		[ "$(cat "/proc/$1/comm" 2>/dev/null)" != "$2" ] || return 0
		sleep 0.05
	done
	skip "cannot start a process named $2"
}

# pretend NAME: a process of that name that only waits, in $PRETENDED.
pretend()
{
	[ -x "$WORK/bin/$1" ] || { mkdir -p "$WORK/bin" && cp "$(command -v sleep)" "$WORK/bin/$1"; }
	# The bare dashes keep the number from being a command of the program.
	"$WORK/bin/$1" -- 900 &
	PRETENDED=$!
	await_process "$PRETENDED" "$1"
}

# agent_start: a system-probe.
agent_start()
{
	pretend system-probe
	AGENT_PID=$PRETENDED
}

# agent_place NS DEV: the middle of the names of its filters there, in $PLACE.
agent_place()
{
	local index

	index=$(ip -n "$1" -o link show dev "$2")
	PLACE=${index%%:*}_$(stat -Lc %i "/run/netns/$1")
}

# agent_add NS DEV WAY PREF PID: one filter, after agent_place.
agent_add()
{
	local name=classifier_$3

	bpf "$1" --pref "$4" --returns -1 --prog-name "${name:0:15}" \
		--name "${name}_security_${name}_${PLACE}_$5" "$2" "$3" >/dev/null
}

# agent_filter NS DEV WAY [PREF [PID]]: one filter, named as the Agent names it.
agent_filter()
{
	agent_place "$1" "$2"
	agent_add "$1" "$2" "$3" "${4:-10}" "${5:-$AGENT_PID}"
}

# agent_attach NS DEV [PREF]: both of its filters, and a clsact where nothing is.
agent_attach()
{
	tc -n "$1" qdisc add dev "$2" clsact 2>/dev/null # EEXIST is good enough for the Agent
	agent_place "$1" "$2"
	agent_add "$1" "$2" ingress "${3:-10}" "$AGENT_PID" && agent_add "$1" "$2" egress "${3:-10}" "$AGENT_PID"
}

# agent_detach NS DEV [PREF]
agent_detach()
{
	tc -n "$1" filter del dev "$2" ingress pref "${3:-10}" &&
		tc -n "$1" filter del dev "$2" egress pref "${3:-10}"
}
