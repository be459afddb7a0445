# SPDX-License-Identifier: Apache-2.0
# lib.sh - what every live test starts with: private mount and network namespaces, so that nothing
# is left behind whatever happens; a temporary folder; checks that count.
#
# A test sources this file, calls `check` and its kin, and ends with `finish`. Exit status: 0 all
# passed, 1 something failed, 77 skipped with a printed reason.
# shellcheck shell=bash

set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TCAUDIT=${TCAUDIT:-$ROOT/tcaudit}
TOOLS=${TOOLS:-$ROOT/build/gcc/tools}
PASSED=0
FAILED=0

skip()
{
	echo "SKIP $(basename "$0"): $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root"
[ "${TCAUDIT_BPF:-}" != hangs ] || skip "this kernel does not answer requests to load programs"
for tool in tc ip jq unshare; do
	command -v "$tool" >/dev/null || skip "needs $tool"
done

# Start again inside namespaces of our own: `ip netns` names, mounts and links end with us.
if [ "${TCAUDIT_LIVE:-}" != 1 ]; then
	unshare --mount --net --propagation private true 2>/dev/null ||
		skip "cannot make private mount and network namespaces (in a chroot?)"
	exec env TCAUDIT_LIVE=1 unshare --mount --net --propagation private -- "$0" "$@"
fi
WORK=$(mktemp -d)
mkdir -p /run/netns
mount -t tmpfs none /run/netns || skip "cannot mount a private /run/netns"
mkdir "$WORK/bpf"
mount -t bpf none "$WORK/bpf" || skip "cannot mount bpffs"
ip link set lo up
CHILDREN=()

cleanup()
{
	local pid

	for pid in "${CHILDREN[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	umount -l /run/netns "$WORK/bpf" 2>/dev/null
	rm -rf "$WORK"
}
trap cleanup EXIT

# netns NAME: a named network namespace with lo up.
netns()
{
	ip netns add "$1" && ip -n "$1" link set lo up
}

# veth NS NAME [PEER_NS PEER]: a pair, up at both ends.
veth()
{
	local ns=$1 name=$2 peer_ns=${3:-$1} peer=${4:-$2p}

	ip -n "$ns" link add "$name" type veth peer name "$peer" netns "$peer_ns" &&
		ip -n "$ns" link set "$name" up && ip -n "$peer_ns" link set "$peer" up
}

# bpf NS ARGS...: the small loader of tests/tools, run inside a namespace.
bpf()
{
	local ns=$1

	shift
	ip netns exec "$ns" "$TOOLS/mkfilter" "$@"
}

# rounds REAL EMULATED: how often something is repeated. The processors of scripts/vm are some 20
# times slower than real ones; there, one kind of check is made less often, none is left out.
rounds()
{
	if [ -n "${TCAUDIT_VM:-}" ]; then echo "$2"; else echo "$1"; fi
}

ok()
{
	PASSED=$((PASSED + 1))
	[ -z "${VERBOSE:-}" ] || echo "ok   $*"
}

not_ok()
{
	FAILED=$((FAILED + 1))
	echo "FAIL $(basename "$0"): $*"
}

# check NAME COMMAND...: passes when the command succeeds.
check()
{
	local name=$1

	shift
	if "$@" >"$WORK/check.out" 2>&1; then
		ok "$name"
	else
		not_ok "$name"
		sed 's/^/     | /' "$WORK/check.out" | head -n 20
	fi
}

# equal NAME WANT GOT
equal()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: want '$2', got '$3'"
	fi
}

# has NAME FILE JQ-EXPRESSION: passes when the expression gives true.
has()
{
	if jq -e "$3" "$2" >"$WORK/jq.out" 2>&1; then
		ok "$1"
	else
		not_ok "$1: not true: $3"
		head -c 600 "$WORK/jq.out" | sed 's/^/     | /'
	fi
}

# scan FILE ARGS...: snapshot into FILE; the run itself must succeed.
scan()
{
	local file=$1

	shift
	"$TCAUDIT" scan -q -f json -o "$file" "$@" || [ $? = 5 ] || not_ok "scan $*: status $?"
}

# status WANT COMMAND...: passes when the command ends with that status.
status()
{
	local want=$1 got=0

	shift
	"$@" >"$WORK/status.out" 2>"$WORK/status.err" || got=$?
	equal "status of ${*##*/}" "$want" "$got"
}

finish()
{
	echo "$(basename "$0"): $PASSED passed, $FAILED failed"
	[ "$FAILED" = 0 ]
	exit
}
