# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lib.sh - sourced by the scripts here: where the tree is, and counting of checks.
#
# A runner calls pass, fail or skip once for each check and finish at its end. The counts reach
# scripts/test through the file that COUNTS names.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # used where this is sourced
readonly top
export LC_ALL=C.UTF-8

reset_counts() {
	passed=0
	failed=0
	skipped=0
}
reset_counts

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# pass WHAT [N]: N checks of that name held.
pass() {
	passed=$((passed + ${2:-1}))
	printf 'ok    %s\n' "$1"
}

fail() {
	failed=$((failed + ${2:-1}))
	printf 'FAIL  %s\n' "$1"
}

# skip WHAT REASON [N]: a check that could not be made is said, never hidden.
skip() {
	skipped=$((skipped + ${3:-1}))
	printf 'skip  %s: %s\n' "$1" "$2"
}

# The end of a runner: its summary, its counts for the caller, its status.
finish() {
	printf '%s: %d ok, %d failed, %d skipped\n' "$1" "$passed" "$failed" "$skipped"
	if [[ -n ${COUNTS:-} ]]; then
		printf '%d %d %d\n' "$passed" "$failed" "$skipped" >>"$COUNTS"
	fi
	[[ $failed -eq 0 ]]
}

# Some kernels stop answering requests to load programs, and who asks can no longer be killed. Asked
# once; the answer goes to everything that is started from here, as TCAUDIT_BPF=hangs or =answers.
ask_bpf() {
	local tool=${TOOLS:-$top/build/gcc/tools}/bpfanswers

	if [[ -z ${TCAUDIT_BPF:-} && -x $tool ]]; then
		TCAUDIT_BPF=answers
		"$tool" 2>/dev/null || TCAUDIT_BPF=hangs
		export TCAUDIT_BPF
	fi
}

# The comment on top of a script is its help.
usage() {
	sed -n '3,${/^#/!q;s/^# \{0,1\}//p;}' "$0"
}

# A directory that is removed when the script ends, however it ends.
scratch=
make_scratch() {
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
}

# Python with the module that checks JSON Schemas: another python3 may come first in the path.
schema_python() {
	local py

	for py in python3 /usr/bin/python3; do
		if "$py" -c 'import jsonschema' >/dev/null 2>&1; then
			printf '%s\n' "$py"
			return 0
		fi
	done
	return 1
}
