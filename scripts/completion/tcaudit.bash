# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Bash completion for tcaudit. Options and rules are asked of the program itself, so that this file
# need not follow them.

# The long and short options that `tcaudit COMMAND --help` lists.
_tcaudit_options() {
	"$1" "$2" --help 2>/dev/null |
		sed -nE 's/^ +((-[a-zA-Z]), )?(--[a-z-]+).*/\2 \3/p'
}

_tcaudit() {
	local program=$1 current=$2 previous=$3 command=check word words=()

	COMPREPLY=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		check | scan | explain)
			command=$word
			break
			;;
		esac
	done

	# Behind "explain" stands a rule or an option.
	[[ $previous != explain || $current != -* ]] || previous=

	case $previous in
	--from | --output | -o | --record | --proc | --sys | --ignore-file | --vendors | --agent-config)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--format | -f)
		words=(text json)
		[[ $command == scan ]] || words+=(yaml helm operator env)
		;;
	--report)
		words=(text= json=)
		[[ $command == scan ]] || words+=(yaml= helm= operator= env=)
		compopt -o nospace
		;;
	--color | --progress) words=(auto always never) ;;
	--fail-on) words=(fail warn incomplete never) ;;
	--netns | -n)
		mapfile -t words < <(printf '%s\n' all host inode: pid: && ip netns list 2>/dev/null | cut -d' ' -f1)
		;;
	--dev | -i) mapfile -t words < <(cd /sys/class/net 2>/dev/null && printf '%s\n' *) ;;
	--only | --skip | explain)
		mapfile -t words < <("$program" explain 2>/dev/null | grep -oE '\bTC[0-9]{3}\b' | sort -u)
		;;
	--vendor)
		mapfile -t words < <("$program" explain --vendor list 2>/dev/null | sed -nE 's/^  ([a-z0-9-]+) .*/\1/p' && echo list)
		;;
	--program)
		mapfile -t words < <(bpftool prog show 2>/dev/null | sed -nE 's/^([0-9]+): (sched_cls|sched_act|xdp) .*/\1/p')
		;;
	--priority | --agent-version | --cilium-version | --timeout | --max-netns) return ;;
	*)
		if [[ $current == -* ]]; then
			read -ra words -d '' < <(_tcaudit_options "$program" "$command")
		elif [[ $COMP_CWORD -eq 1 ]]; then
			words=(check scan explain)
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$current")
}

complete -F _tcaudit tcaudit
