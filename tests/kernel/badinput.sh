#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Wrong options, hostile files, a full disk, a closed pipe: one line and the right status.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

# one_line WANT-STATUS PATTERN COMMAND...: status, one line on standard error, nothing on output.
one_line()
{
	local want=$1 pattern=$2 got=0 lines

	shift 2
	timeout 60 "$@" >"$WORK/out" 2>"$WORK/err" || got=$?
	equal "status of ${*:2}" "$want" "$got"
	mapfile -t lines <"$WORK/err"
	equal "lines of error of ${*:2}" 1 "${#lines[@]}"
	check "error of ${*:2} says $pattern" grep -qi -- "$pattern" "$WORK/err"
	check "no output of ${*:2}" test ! -s "$WORK/out"
}

T=$TCAUDIT
one_line 2 "nearest is '--format'" "$T" --fromat json
one_line 2 "unknown option '-Z'" "$T" -Z
one_line 2 "nearest is 'scan'" "$T" scna
one_line 2 "unknown command" "$T" frobnicate
one_line 2 "nearest is 'json'" "$T" -f jsno
one_line 2 "needs" "$T" --format
one_line 2 "takes no value" "$T" --exit-zero=1
one_line 2 "1 to 65535" "$T" --priority 0
one_line 2 "1 to 65535" "$T" --priority 65536
one_line 2 "1 to 65535" "$T" --priority 5x
one_line 2 "nearest is" "$T" --fail-on wran
one_line 2 "stands alone" "$T" --fail-on never,warn
one_line 2 "no rule" "$T" --skip TC999
one_line 2 "no rule" "$T" explain TC999
one_line 2 "1 to 4294967295" "$T" explain --program 0
one_line 2 "1 to 4294967295" "$T" explain --program abc
one_line 2 "does not go with" "$T" scan --program 3
one_line 2 "does not go with TC101" "$T" explain TC101 --program 3
one_line 2 "only next to --program" "$T" explain --from x.json
one_line 2 "does not go with --from" "$T" explain --program 3 --from x.json --proc /proc
one_line 2 "No such file" "$T" explain --program 3 --from /nonexistent
one_line 2 "does not go with" "$T" scan --priority 5
one_line 2 "does not go with --from" "$T" --from x.json -n host
one_line 2 "unexpected argument" "$T" check extra
one_line 2 "FORMAT=FILE" "$T" --report json
one_line 2 "not a directory" "$T" --proc /etc/passwd
one_line 2 "No such file" "$T" --from /nonexistent
one_line 2 "directory" "$T" --from /
one_line 2 "version" "$T" --agent-version latest
one_line 2 "version" "$T" --cilium-version 1
one_line 2 "does not go with 'scan'" "$T" scan -f yaml
one_line 2 "does not go with 'scan'" "$T" scan --report "env=$WORK/none"
one_line 2 "does not go with 'scan'" "$T" scan --ignore-file x.json

# A file of accepted findings: wrong ones are refused before anything is looked at.
echo '{"schema": "tcaudit.ignore/1", "ignore": [{"code": "TC102", "reason": "r", "expires": "2026-02-30"}]}' \
	>"$WORK/ignore.json"
one_line 2 "ignore.json: ignore\[0\].expires: not a date" "$T" --ignore-file "$WORK/ignore.json"
echo '{"schema": "tcaudit.ignore/1", "ignore": [{"cod": "TC102", "reason": "r"}]}' >"$WORK/ignore.json"
one_line 2 "ignore.json: ignore\[0\].cod: unknown key" "$T" --ignore-file "$WORK/ignore.json"
mkfifo "$WORK/fifo"
one_line 2 "not a regular file" "$T" --ignore-file "$WORK/fifo"
one_line 2 "a directory" "$T" --ignore-file "$WORK"
one_line 2 "not a regular file" "$T" --ignore-file /dev/zero
one_line 2 "No such file" "$T" --ignore-file "$WORK/nosuch"
one_line 2 "empty FILE" "$T" --ignore-file ""
echo '{"schema": "tcaudit.ignore/1", "ignore": [{"vendor": "cilum", "reason": "r"}]}' >"$WORK/ignore.json"
one_line 2 "ignore\[0\].vendor: no vendor 'cilum'" "$T" --ignore-file "$WORK/ignore.json"
one_line 2 "not a regular file" "$T" --vendors "$WORK/fifo"
one_line 2 "agent-config" "$T" --agent-config "$WORK/fifo"
one_line 2 "agent-config" "$T" --agent-config "$WORK/nosuch"
printf 'a: [\n' >"$WORK/agent.yaml"
one_line 2 "agent.yaml" "$T" --agent-config "$WORK/agent.yaml"
one_line 2 "No such file" "$T" --vendors "$WORK/nosuch"
echo '{}' >"$WORK/vendors.json"
one_line 2 "vendors.json: " "$T" --vendors "$WORK/vendors.json"
truncate -s 2M "$WORK/ignore.json"
one_line 2 "larger than" "$T" --ignore-file "$WORK/ignore.json"

# Files.
netns a
veth a v0
tc -n a qdisc add dev v0 clsact
bpf a --pref 5 v0 ingress >/dev/null || skip "no bpf classifier"
scan "$WORK/good.json" -n a
bad()
{
	one_line 2 "$1" "$T" --from "$WORK/bad.json"
}
: >"$WORK/bad.json" && bad "bad.json"
head -c 300 "$WORK/good.json" >"$WORK/bad.json" && bad "bad.json"
head -c 5000 /dev/urandom >"$WORK/bad.json" && bad "bad.json"
echo '{}' >"$WORK/bad.json" && bad "schema"
echo '[]' >"$WORK/bad.json" && bad "bad.json"
sed 's|tcaudit.snapshot/1|tcaudit.snapshot/2|' "$WORK/good.json" >"$WORK/bad.json" && bad "newer"
sed 's|tcaudit.snapshot/1|something.else/1|' "$WORK/good.json" >"$WORK/bad.json" && bad "schema"
sed 's|"ifindex":1,|"ifindex":"one",|' "$WORK/good.json" >"$WORK/bad.json" && bad "ifindex"
sed 's|"pref":5|"pref":-5|' "$WORK/good.json" >"$WORK/bad.json" && bad "pref"
sed 's|"pref":5|"pref":5e300|' "$WORK/good.json" >"$WORK/bad.json" && bad "pref"
sed 's|"order":0|"order":null|' "$WORK/good.json" >"$WORK/bad.json" && bad "order"
(cat "$WORK/good.json" && echo x) >"$WORK/bad.json" && bad "bad.json"
python3 -c 'print("[" * 100000)' >"$WORK/bad.json" 2>/dev/null && bad "bad.json"
"$T" check -q -n a -f json -o "$WORK/report.json"
cp "$WORK/report.json" "$WORK/bad.json" && bad "report"
# The last byte is a newline, which a whole file may lack.
for cut in $(seq 1 "$(rounds 97 487)" "$(($(wc -c <"$WORK/good.json") - 2))"); do
	head -c "$cut" "$WORK/good.json" >"$WORK/cut.json"
	"$T" check --from "$WORK/cut.json" >"$WORK/out" 2>"$WORK/err"
	equal "cut at byte $cut" "2 1" "$? $(wc -l <"$WORK/err")"
done

# A full disk: status 1, one line, and the old file as it was.
mkdir "$WORK/small"
mount -t tmpfs -o size=16k none "$WORK/small"
for i in $(seq 40); do
	ip netns add "m$i"
done
echo old >"$WORK/small/s.json"
dd if=/dev/zero of="$WORK/small/fill" bs=1k count=8 2>/dev/null
got=0
"$T" scan -q -f json -o "$WORK/small/s.json" 2>"$WORK/err" || got=$?
equal "status with a full disk" 1 "$got"
check "says so" grep -q "No space left" "$WORK/err"
equal "the old file is whole" old "$(cat "$WORK/small/s.json")"
equal "nothing else is left" 2 "$(find "$WORK/small" -type f | wc -l)"
umount "$WORK/small"
one_line 1 "No space left" "$T" check -q -n a -f json -o /dev/full
one_line 1 "opening\|creating" "$T" check -q -n a -o "$WORK/no/such/dir"

# A closed pipe: not killed by a signal, status 1.
"$T" scan -q -f json 2>"$WORK/err" | true
equal "status with a closed pipe" 1 "${PIPESTATUS[0]}"
check "says so" grep -q "Broken pipe" "$WORK/err"

# Outputs: several at once, devices are written and not replaced, links are followed.
"$T" check -q -n a -o "$WORK/t.txt" --report json="$WORK/j.json" --report text="$WORK/t2.txt"
check "text twice" cmp "$WORK/t.txt" "$WORK/t2.txt"
has "and JSON" "$WORK/j.json" '.schema == "tcaudit.report/1"'
ln -s j.json "$WORK/link.json"
"$T" check -q -n a -f json -o "$WORK/link.json"
check "a link stays a link" test -L "$WORK/link.json"
"$T" check -q -n a -f json -o /dev/null
check "/dev/null stays a device" test -c /dev/null

# No colour in a pipe, colour when asked for, none with NO_COLOR or TERM=dumb.
"$T" check -q -n a >"$WORK/plain"
check "no colour in a file" bash -c "! grep -q $'\\033' '$WORK/plain'"
"$T" check -q -n a --color always >"$WORK/color"
check "colour when asked for" grep -q $'\033' "$WORK/color"
if command -v script >/dev/null; then
	TERM=xterm script -qec "'$T' check -q -n a" /dev/null >"$WORK/tty"
	check "colour on a terminal" grep -q $'\033\[' "$WORK/tty"
	TERM=xterm NO_COLOR=1 script -qec "'$T' check -q -n a" /dev/null >"$WORK/tty"
	check "not with NO_COLOR" bash -c "! grep -q $'\\033\\[[0-9;]*m' '$WORK/tty'"
	TERM=dumb script -qec "'$T' check -q -n a" /dev/null >"$WORK/tty"
	check "not on a dumb terminal" bash -c "! grep -q $'\\033\\[[0-9;]*m' '$WORK/tty'"
fi
"$T" --help >"$WORK/help"
check "help names every command" bash -c "grep -q scan '$WORK/help' && grep -q explain '$WORK/help'"
status 0 "$T" --version
status 0 "$T" explain
status 0 "$T" explain TC101
status 0 "$T" scan --help
for command in check scan explain; do
	"$T" "$command" --help --no-such-option >"$WORK/help"
	check "help of $command" grep -q "^Usage: tcaudit .*$command" "$WORK/help"
done
finish
