#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the instructions of a program do not show: functions that programs of type EXT replace, and
# exceptions, whose handler no jump leads to.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

SKIPPED=0

# not_here NAME: the rest of a kind cannot be tried on this kernel; its tool said why.
not_here()
{
	SKIPPED=$((SKIPPED + 1))
	REASON="$1: $(tail -n 1 "$WORK/$1.err")"
	echo "not on this kernel: $REASON"
}

# start KIND: a namespace of that name with the program at pref 5, its tool on descriptors 8 and 9.
start()
{
	local word

	netns "$1"
	veth "$1" v
	tc -n "$1" qdisc add dev v clsact
	mkfifo "$WORK/$1.in" "$WORK/$1.out"
	ip netns exec "$1" "$TOOLS/mkfunc" "$1" v <"$WORK/$1.in" >"$WORK/$1.out" 2>"$WORK/$1.err" &
	CHILDREN+=($!)
	exec 8>"$WORK/$1.in" 9<"$WORK/$1.out"
	read -r -t 60 word TARGET <&9 && [ "$word" = target ]
}

# turn: the tool takes the next step; what it says is in WORD and ID.
turn()
{
	echo >&8
	read -r -t 60 WORD ID <&9
}

stop()
{
	exec 8>&- 9<&-
}

# codes NAME KIND WANT
codes()
{
	scan "$WORK/$2.json" -n "$2"
	equal "$1" "$3" "$(jq -r --argjson id "$TARGET" '.programs[] | select(.id == $id).returns |
		"\(.codes | join(",")) \(.exact)"' "$WORK/$2.json")"
}

# A function of global linkage, and the program itself, can be replaced and given back.
for kind in global main; do
	start "$kind" || { not_here "$kind" && stop && continue; }
	codes "$kind: as loaded" "$kind" "shot true"
	if ! turn; then
		not_here "$kind"
		stop
		continue
	fi
	equal "$kind: replaced" ext "$WORD"
	codes "$kind: what replaces it" "$kind" "stolen true"
	has "$kind: the replacing program is listed" "$WORK/$kind.json" \
		".programs | any(.id == $ID and .type == \"ext\" and .returns.codes == [\"stolen\"])"
	status 0 "$TCAUDIT" explain --program "$TARGET"
	check "$kind: explain names the replacement" grep -q "program $ID replacing" "$WORK/status.out"
	"$TCAUDIT" check -q -n "$kind" -f json -o "$WORK/check.json"
	equal "$kind: stolen ends the chain" 3 $?
	turn
	equal "$kind: given back" back "$WORD"
	for _ in $(seq 50); do
		scan "$WORK/$kind.json" -n "$kind"
		jq -e ".programs[] | select(.id == $TARGET).returns.codes == [\"shot\"]" \
			"$WORK/$kind.json" >/dev/null && break
		sleep 0.1
	done
	codes "$kind: as before" "$kind" "shot true"
	stop
done

# A static one cannot: what prog_linkage() relies on.
for kind in static static-number main-static; do
	start "$kind" || { not_here "$kind" && stop && continue; }
	codes "$kind: as loaded" "$kind" "shot true"
	if turn; then
		not_ok "$kind: a static function was replaced"
	elif grep -q "not a global function" "$WORK/$kind.err"; then
		ok "$kind: the kernel refuses"
	else
		not_here "$kind"
	fi
	stop
done

# Exceptions end the whole program with their number, or with what the handler makes of it.
while read -r kind want; do
	start "$kind" || { not_here "$kind" && stop && continue; }
	codes "$kind" "$kind" "$want"
	status 0 "$TCAUDIT" explain --program "$TARGET"
	check "$kind: explain shows the throw" grep -q "throw, ends it" "$WORK/status.out"
	stop
done <<'END'
throw ok,shot true
throw-inside shot,redirect true
catch ok,stolen true
END

[ "$PASSED" != 0 ] || [ "$FAILED" != 0 ] || skip "$REASON"
[ "$SKIPPED" = 0 ] || echo "$SKIPPED kinds are not for this kernel"
finish
