#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a scan shows for a hook equals what `tc filter show` shows: priority, handle, chain,
# protocol, name, id, kind, in the same order. Over random configurations; the seed is printed.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

RANDOM=${SEED:-$((RANDOM))}
echo "seed ${SEED:-$RANDOM}"
ROUNDS=${ROUNDS:-$(rounds 12 4)}

netns r
veth r v0
protocols=(3 3 3 800 86dd 806)
kinds=(bpf bpf bpf classic u32)

add_random()
{
	local dev=$1 where=$2 pref=$((RANDOM % 12 + 1)) chain=$((RANDOM % 5 == 0 ? RANDOM % 3 : 0))
	local protocol=${protocols[RANDOM % ${#protocols[@]}]} flags=()

	case ${kinds[RANDOM % ${#kinds[@]}]} in
	bpf)
		[ $((RANDOM % 4)) != 0 ] || flags=(--no-da)
		bpf r "${flags[@]}" --pref $pref --chain $chain --protocol "$protocol" --handle $((RANDOM % 4)) \
			--returns $((RANDOM % 9 - 1)) --name "f$RANDOM" "$dev" "$where"
		;;
	classic)
		tc -n r filter add dev "$dev" "$where" pref $pref chain $chain protocol 0x"$protocol" \
			bpf bytecode "1,6 0 0 $((RANDOM % 3))"
		;;
	u32)
		tc -n r filter add dev "$dev" "$where" pref $pref chain $chain protocol 0x"$protocol" \
			u32 match u32 "$RANDOM" 0xffff flowid 1:$((RANDOM % 9 + 1))
		;;
	esac >/dev/null 2>&1
}

# The same facts of both sides as one line for each filter. tc prints a line for each priority
# and for each u32 table besides: those without a handle, or with a divisor, are no filters.
from_tc()
{
	tc -n r -j filter show dev "$1" "$2" | jq -c '.[] | select(.options) | .options as $o
		| select($o.ht_divisor == null) | select($o.fh != null or $o.handle != null)
		| [.pref, ($o.handle // $o.fh), .chain, .protocol, .kind, ($o.bpf_name // null), ($o.prog.id // null)] '
}

from_scan()
{
	jq -c --arg dev "$1" --arg hook "clsact/$2" '
		def hex: if . < 16 then "0123456789abcdef"[.:. + 1] else ((. / 16 | floor) | hex) + "0123456789abcdef"[. % 16:. % 16 + 1] end;
		def u32h: ((. / 1048576 | floor) | hex) + ":" + (((. / 4096 | floor) % 256) as $b | if $b == 0 then "" else $b | hex end) + ":" + ((. % 4096) | hex);
		.namespaces[].links[] | select(.name == $dev) | .hooks[] | select(.hook == $hook) | .entries[]
		| [.pref, (if .kind == "u32" then (.handle | u32h) else "0x" + (.handle | hex) end), .chain,
		   (if .protocol == "802.1Q" then "802.1Q" else .protocol end), .kind, .name, .prog_id] ' "$WORK/s.json"
}

for round in $(seq "$ROUNDS"); do
	tc -n r qdisc del dev v0 clsact 2>/dev/null
	tc -n r qdisc add dev v0 clsact
	for _ in $(seq $((RANDOM % 14 + 1))); do
		add_random v0 ingress
		add_random v0 egress
	done
	scan "$WORK/s.json" -n r -i v0
	for where in ingress egress; do
		# tc lists chains in the order of their creation; only chain 0 is entered, so it leads.
		from_tc v0 $where | jq -sc 'sort_by(.[2]) | .[]' >"$WORK/want"
		from_scan v0 $where >"$WORK/got"
		check "round $round, $where: $(wc -l <"$WORK/want") filters" diff "$WORK/want" "$WORK/got"
	done
done
[ -s "$WORK/want" ] || [ -s "$WORK/got" ] || not_ok "the last round made no filter at all"
finish
