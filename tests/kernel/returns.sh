#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What programs return, read from the instructions that this kernel hands out.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

# canned NS KIND: a namespace whose interface "v" has that program as filter at pref 5.
canned()
{
	netns "$1"
	veth "$1" v
	tc -n "$1" qdisc add dev v clsact
	bpf "$1" --program "$2" --pin-map "$WORK/bpf/$1" --pref 5 --prog-name "p_$1" v ingress \
		>/dev/null || skip "cannot load the program '$2'"
}

# codes NS WANT EXACT: of the program at pref 5, from the snapshot in $WORK/NS.json.
codes()
{
	local id

	scan "$WORK/$1.json" -n "$1"
	id=$(jq '[.namespaces[].links[].hooks[].entries[] | select(.pref == 5)][0].prog_id' "$WORK/$1.json")
	equal "$1: codes, exact" "$2 $3" "$(jq -r --argjson id "$id" \
		'.programs[] | select(.id == $id).returns | "\(.codes | join(",")) \(.exact)"' "$WORK/$1.json")"
	has "$1: a reason if and only if not exact" "$WORK/$1.json" \
		".programs[] | select(.id == $id).returns | .exact == (.reason == null)"
	has "$1: a path to each code, or the same as another" "$WORK/$1.json" ".programs[] |
		select(.id == $id).returns | if .exact then
		(([.paths[].code] | sort) == (.codes | sort)) else true end"
}

all='unspec,ok,reclassify,shot,pipe,stolen,queued,repeat,redirect,trap,other'

canned length length
codes length unspec,ok true
canned redirect redirect
if [ "$(awk '$3 == "__bpf_call_base" {print $1}' /proc/kallsyms)" = 0000000000000000 ]; then
	echo "kernel addresses are hidden: redirect stays anonymous"
	codes redirect "$all" false
else
	codes redirect redirect true
fi
canned tail tail
codes tail unspec,shot true
canned empty tail-empty
codes empty unspec true
canned map map
codes map unspec,shot true
canned value value
codes value "$all" false
canned constant constant
codes constant redirect true

# The tail call's target is a program of its own in the snapshot, and it is named in the path.
has "target listed" "$WORK/tail.json" '([.programs[] | select(.tail_calls != [])] | length) == 1 and
	(.programs | length) == 2'
# shellcheck disable=SC2016 # a variable of jq
has "path goes through it" "$WORK/tail.json" '.programs[] | select(.tail_calls != []) | . as $p |
	.returns.paths[] | select(.code == "shot") |
	any(.steps[]; .kind == "tail" and .prog_id == $p.id) and .steps[-1].prog_id == $p.tail_calls[0]'

# What it means: unspec lets the Agent see the packet, ok does not, unknown is caution.
status 0 "$TCAUDIT" check -q -n empty
status 0 "$TCAUDIT" check -q -n tail
status 0 "$TCAUDIT" check -q -n map
"$TCAUDIT" check -q -n length -f json -o "$WORK/check.json"
equal "ok behind a condition" 3 $?
has "it is TC102" "$WORK/check.json" '.findings | any(.code == "TC102" and .severity == "fail")'
"$TCAUDIT" check -q -n value -f json -o "$WORK/check.json"
equal "unknown is caution" 4 $?
has "TC902 names place and construct" "$WORK/check.json" '.findings | any(.code == "TC902" and
	(.message | test("p_value.*instruction [0-9]+")))'

# XDP has other numbers: 2 is pass there.
netns xdp
veth xdp v
id=$(bpf xdp --returns 2 v xdp) || skip "no generic XDP"
scan "$WORK/xdp.json" -n xdp
has "XDP: 2 is pass" "$WORK/xdp.json" ".programs[] | select(.id == $id).returns.codes == [\"ok\"]"

# Equal instructions are analysed once.
netns twice
veth twice v
tc -n twice qdisc add dev v clsact
one=$(bpf twice --program length --pref 5 --prog-name one v ingress)
two=$(bpf twice --program length --pref 6 --prog-name two v ingress)
scan "$WORK/twice.json" -n twice
has "one of two equal programs has the paths" "$WORK/twice.json" "
	([.programs[] | select(.id == $one or .id == $two).returns.same_as] | map(select(. != null)) | length) == 1 and
	([.programs[] | select(.returns.paths != [])] | length) == 1 and
	([.programs[].returns.codes] | unique) == [[\"unspec\", \"ok\"]]"

# A snapshot repeats it all.
"$TCAUDIT" scan -q --from "$WORK/tail.json" -f json -o "$WORK/again.json"
check "from a file: the same bytes" cmp "$WORK/tail.json" "$WORK/again.json"

# explain --program, live and from a file.
id=$(jq '.programs[] | select(.tail_calls != []).id' "$WORK/tail.json")
status 0 "$TCAUDIT" explain --program "$id"
cp "$WORK/status.out" "$WORK/live.txt"
status 0 "$TCAUDIT" explain --program "$id" --from "$WORK/tail.json"
cp "$WORK/status.out" "$WORK/file.txt"
for text in "p_tail" "unspec: " "shot: " "tail call fails" "in tail" "proven"; do
	check "explain live says '$text'" grep -q "$text" "$WORK/live.txt"
	check "explain from a file says '$text'" grep -q "$text" "$WORK/file.txt"
done
id=$(jq '.programs[].id' "$WORK/length.json")
status 0 "$TCAUDIT" explain --program "$id"
check "live it has the instructions" grep -q "taken .* if r0 > 1000 goto" "$WORK/status.out"
status 2 "$TCAUDIT" explain --program 4294967295 --from "$WORK/tail.json"
equal "one line" 1 "$(wc -l <"$WORK/status.err")"
status 2 "$TCAUDIT" explain --program 4294967295
status 2 "$TCAUDIT" explain --program 0
status 2 "$TCAUDIT" explain --program "$id" TC101
finish
