#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A snapshot gives the same findings and recommendation again; captures are readable.
# shellcheck source=tests/kernel/lib.sh
. "$(dirname "$0")/lib.sh"

netns a
veth a v0
netns b
veth a v1 b eth0
tc -n a qdisc add dev v0 clsact
tc -n b qdisc add dev eth0 clsact
bpf a --pref 5 --name 'quote"back\slash' v0 ingress >/dev/null || skip "no bpf classifier"
bpf a --pref 6 --name 'esc\x1b[31mred\x07' v0 ingress >/dev/null
bpf a --pref 8 --name 'not\xff\xfeutf8' v0 ingress >/dev/null
bpf b --pref 1 --name 'line\x0abreak' eth0 egress >/dev/null
ip -n a link add 'we"ird' type veth peer name "$(printf 'x\377y')"
tc -n a qdisc add dev 'we"ird' clsact
tc -n a qdisc add dev "$(printf 'x\377y')" clsact
bpf a --pref 4 "$(printf 'x\377y')" egress >/dev/null

"$TCAUDIT" scan -q -n a -n b -f json -o "$WORK/s.json"
"$TCAUDIT" check -q -n a -n b -f json -o "$WORK/live.json"
"$TCAUDIT" check -q --from "$WORK/s.json" -f json -o "$WORK/from.json"
"$TCAUDIT" check -q --from - -f json <"$WORK/s.json" >"$WORK/stdin.json"
body='del(.timing, .node, .taken_at)'
jq "$body" "$WORK/live.json" >"$WORK/live.body"
jq "$body" "$WORK/from.json" >"$WORK/from.body"
check "the same findings and recommendation" cmp "$WORK/live.body" "$WORK/from.body"
check "from standard input, byte for byte" cmp "$WORK/from.json" "$WORK/stdin.json"
"$TCAUDIT" check -q --from "$WORK/s.json" -f json >"$WORK/again.json"
check "twice, byte for byte" cmp "$WORK/from.json" "$WORK/again.json"
"$TCAUDIT" scan -q --from "$WORK/s.json" -f json >"$WORK/s2.json"
check "a snapshot of a snapshot" cmp "$WORK/s.json" "$WORK/s2.json"
# Somewhere else: no privileges, another directory, nothing of this node in sight.
if command -v setpriv >/dev/null; then
	chmod 755 "$WORK"
	chmod 644 "$WORK/s.json"
	(cd / && setpriv --reuid 65534 --regid 65534 --clear-groups "$TCAUDIT" check -q --from "$WORK/s.json" -f json) >"$WORK/other.json"
	check "without privileges, byte for byte" cmp "$WORK/from.json" "$WORK/other.json"
fi
check "no raw control or invalid byte in text" bash -c "'$TCAUDIT' check -q -v --from '$WORK/s.json' | LC_ALL=C grep -vqP '[\\x00-\\x08\\x0b-\\x1f\\x7f]' && ! '$TCAUDIT' scan -q -v --from '$WORK/s.json' | LC_ALL=C grep -qP '[\\x00-\\x08\\x0b-\\x1f\\x7f\\xff]'"
has "invalid UTF-8 is escaped" "$WORK/s.json" '[.namespaces[].links[].name] | index("x\\xffy") != null'
has "quotes survive" "$WORK/s.json" '[.namespaces[].links[].name] | index("we\"ird") != null'

# Captures.
"$TCAUDIT" scan -q -n a -n b --record "$WORK/rec" -f json -o "$WORK/r.json"
equal "one capture for each namespace" 2 "$(find "$WORK/rec" -name '*.pcap' | wc -l)"
equal "for the owner only" 600 "$(stat -c %a "$WORK"/rec/*.pcap | sort -u)"
if command -v tshark >/dev/null; then
	check "tshark reads them" bash -c "tshark -r '$(find "$WORK/rec" -name '*.pcap' | head -n 1)' -T fields -e netlink.hdr_type 2>/dev/null | grep -q ."
fi

# Schemas: the one that each document names.
if python3 -c 'import jsonschema' 2>/dev/null; then
	for name in s r live from; do
		(cd "$ROOT" && python3 -W ignore scripts/check_schema.py "$WORK/$name.json") >"$WORK/schema"
		check "schema of $name" grep -q '^ok' "$WORK/schema"
	done
fi
finish
