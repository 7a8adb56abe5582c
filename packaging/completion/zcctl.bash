# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion for zcctl and zcctl-bench, with bash-completion's helpers or without them.
#
# Words of the host (device names hold any byte but '/' and space) never go through `compgen -W`,
# which would expand them: a device named '$(reboot)' is only a name.
#
# All functions share the locals of _zcctl: cur, prev, words, cword, command, device, given.

# What stands behind the cursor does not count. Sets words, cword, cur, prev; ':' and '=' do not
# break a word.
_zcctl_split() {
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur prev words cword
  else
    read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    [[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=("")
    cword=$((${#words[@]} - 1))
    cur=${words[cword]} prev=${words[cword - 1]}
  fi
  if [[ $cur == --*=* ]]; then
    prev=${cur%%=*} cur=${cur#*=}
  fi
}

# Readline replaces only what follows the last ':' of the word, if ':' breaks words.
_zcctl_trim() {
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$cur"
  elif [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local typed=${cur%"${cur##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$typed"}")
  fi
}

# _zcctl_offer WORD...: those that continue what was typed, once each.
_zcctl_offer() {
  local word known
  for word in "$@"; do
    [[ $word == "$cur"* ]] || continue
    for known in "${COMPREPLY[@]}"; do
      [[ $known != "$word" ]] || continue 2
    done
    COMPREPLY+=("$word")
  done
}

# As _zcctl_offer, for the last member of a list such as "nic,veth".
_zcctl_offer_list() {
  local before=
  [[ $cur != *,* ]] || before=${cur%,*},
  _zcctl_offer "${@/#/$before}"
}

# Options that were not given yet.
_zcctl_offer_options() {
  local option
  for option in "$@"; do
    [[ $given == *" $option "* ]] || _zcctl_offer "$option"
  done
}

_zcctl_offer_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_zcctl_offer_files_below() {
  local path names=()
  for path in "$1"/*; do
    [[ ! -e $path ]] || names+=("${path##*/}")
  done
  _zcctl_offer "${names[@]}"
}

# The devices of the namespace, without stages, which are nobody's to attach to.
_zcctl_offer_devices() {
  local line name names=()
  if [[ -n $netns ]]; then
    while IFS= read -r line; do
      line=${line#*: } name=${line%%: *}
      names+=("${name%@*}")
    done < <(ip -n "$netns" -oneline link 2>/dev/null)
  else
    for name in /sys/class/net/*/; do
      name=${name%/}
      names+=("${name##*/}")
    done
  fi
  for name in "${names[@]}"; do
    [[ $name == zcstage* || $name == zcpace* ]] || _zcctl_offer "$(printf %q "$name")"
  done
}

_zcctl_offer_processes() {
  local path
  for path in /proc/[0-9]*; do
    _zcctl_offer "${path##*/}"
  done
}

# _zcctl_rules END: one end, to or from, of the device's rules in force; nothing where `show` is not
# permitted. With --to given, only the sources that go with it. A rule is an object that begins with
# its ends, "to" first; a stream begins with "from".
_zcctl_offer_rules() {
  local json rule='\{"to":"([^"]*)","from":(null|"([^"]*)")' where=()
  [[ -n $device ]] || return
  [[ -z $netns ]] || where=(-n "$netns")
  json=$(timeout 2 "${words[0]/#\~/$HOME}" "${where[@]}" --json show "$device" \
    2>/dev/null </dev/null)
  while [[ $json =~ $rule ]]; do
    json=${json#*"${BASH_REMATCH[0]}"}
    if [[ $1 == to ]]; then
      _zcctl_offer "${BASH_REMATCH[1]}"
    elif [[ -z $to || $to == "${BASH_REMATCH[1]}" ]] && [[ ${BASH_REMATCH[2]} != null ]]; then
      _zcctl_offer "${BASH_REMATCH[3]}"
    fi
  done
}

# _zcctl_takes_value OPTION: whether the next word is its value.
_zcctl_takes_value() {
  case $1 in
    -n | --netns | --to | --from | --payload | --pt | --clock | --timestamp | --ssrc | --seq | \
      --encoding | --fmtp | --ptime | --media | --pcr-pid | --rate | --rtcp | --idle | --over | --ttl | --for | --verify | --ts | --checksum | --segment | --pid | --max-streams | --hook | --framing | --frame-end | --skip | --address | --suite | --env | --methods | \
      --sizes | --rounds | --seconds | --seed | --out | --html) return 0 ;;
    *) return 1 ;;
  esac
}

# Reads the words before the cursor: command (for the benchmarks "bench run"), device, netns, to,
# and the options as " --to --replace ".
_zcctl_read_words() {
  local i word value
  [[ ${words[0]##*/} != zcctl-bench ]] || command=bench
  for ((i = 1; i < cword; i++)); do
    word=${words[i]} value=
    if [[ $word == --*=* ]]; then
      value=${word#*=} word=${word%%=*}
    elif _zcctl_takes_value "$word"; then
      i=$((i + 1))
      [[ $i -ge $cword ]] || value=${words[i]}
    fi
    case $word in
      -n | --netns) netns=$value ;;
      --to) to=$value ;;
    esac
    if [[ $word == -* ]]; then
      given+="$word "
    elif [[ -z $command ]]; then
      command=$word
    elif [[ $command == bench ]]; then
      command="bench $word"
    elif [[ -z $device ]]; then
      device=$word
    fi
  done
}

# The value of the option before the cursor.
_zcctl_offer_value() {
  case $prev in
    -n | --netns) _zcctl_offer_files_below /run/netns ;;
    --to | --from)
      [[ $command == attach && $given != *" --replace "* ]] || _zcctl_offer_rules "${prev#--}"
      ;;
    --payload)
      _zcctl_offer PCMU PCMA GSM G722 G723 G728 G729 LPC QCELP L16/44100/2 L16/44100/1 DVI4/8000 \
        DVI4/16000 DVI4/11025 DVI4/22050 MPA MP2T L16/48000/2 L24/48000/2 opus
      ;;
    --timestamp) _zcctl_offer wall pcr samples bytes: packet: ;;
    --rate) _zcctl_offer auto ;;
    --rtcp) _zcctl_offer on mux off ;;
    --for) _zcctl_offer ffplay gst vlc mediamtx ;;
    --encoding) _zcctl_offer opus/48000/2 L16/48000/2 L24/48000/2 ;;
    --media) _zcctl_offer audio video ;;
    --checksum) _zcctl_offer auto uni sum zero lco ;;
    --hook) _zcctl_offer auto tcx clsact ;;
    --framing) _zcctl_offer rfc4571 interleaved: ;;
    --frame-end) _zcctl_offer call never ;;
    --skip) _zcctl_offer http ;;
    --segment) _zcctl_offer 1316 ;; # seven TS packets
    --pid) _zcctl_offer_processes ;;
    --suite) _zcctl_offer streaming download rivals loan bars all ;;
    --env) _zcctl_offer_list nic nic-uso nic-1g veth ;;
    --out) _zcctl_offer_files -d ;;
    --html) _zcctl_offer_files -f ;;
  esac
}

# The command's options, or what it works on where that is missing.
_zcctl_offer_words() {
  local options=()
  case $command in
    "") _zcctl_offer attach detach show check sdp probe agent bench clean ;;
    agent) [[ $cur == -* ]] || _zcctl_offer_devices ;;
    attach | detach | show | check | sdp | probe) [[ -n $device || $cur == -* ]] || _zcctl_offer_devices ;;
    bench) _zcctl_offer list run report compare ;;
    "bench report" | "bench compare") [[ $cur == -* ]] || _zcctl_offer_files -d ;;
  esac
  case $command in
    "") options=(--netns --json --verbose --dry-run --version) ;;
    attach)
      options=(--to --from --payload --pt --clock --encoding --timestamp --pcr-pid --ssrc --seq --ts
        --checksum --segment --pid --force --rate --rtcp --idle --continue --fmtp --ptime --media
        --framing --frame-end --skip --max-streams --hook --replace --dry-run)
      ;;
    detach) options=(--to --from --all --now --dry-run) ;;
    show) options=(--all --over) ;;
    agent) options=(--idle) ;;
    sdp) options=(--to --from --address --encoding --media --ttl --for) ;;
    check) options=(--to --from --watch) ;;
    probe)
      options=(--verify)
      [[ -n $device ]] || options+=(--listen --once)
      ;;
    clean) options=(--force --dry-run) ;;
    "bench run")
      options=(--suite --env --methods --sizes --rounds --seconds --seed --out --quick --profile
        --dry-run)
      ;;
    "bench report") options=(--out --dry-run) ;;
    "bench compare") options=(--html --dry-run) ;;
  esac
  # Behind what must be there; before it for who types a dash.
  if [[ $cur == -* || ${#COMPREPLY[@]} -eq 0 && -n $device || $command == clean ||
    $command == "bench run" ]]; then
    _zcctl_offer_options "${options[@]}" --json --help
  fi
}

_zcctl() {
  local cur prev words cword command='' device='' netns='' to='' given=' '
  COMPREPLY=()
  _zcctl_split
  _zcctl_read_words
  if _zcctl_takes_value "$prev"; then
    _zcctl_offer_value
  else
    _zcctl_offer_words
  fi
  _zcctl_trim
}

complete -F _zcctl zcctl zcctl-bench
