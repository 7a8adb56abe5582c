# shellcheck shell=bash disable=SC2034,SC2154 # demo.sh has the other half
# SPDX-License-Identifier: GPL-2.0-only
# How demo.sh judges a stream: by what the viewer's side captured and decoded, and what strace and
# zcctl counted. Sourced by it; sends nothing and starts nothing that stays.

wrong=0
declare -A table=() # "LABEL,ROW" → what the table at the end says

# note ROW GOT [WANTED]: a line of the table; GOT must be WANTED.
note() {
  table[$label,$1]=$2
  [ "$2" = "${3-$2}" ] && return
  echo "demo: WRONG ($label): $1: $2, expected $3" >&2
  wrong=1
}

# wire COMMAND...: tshark's view of the viewer's packets, every UDP checksum verified.
wire() {
  tshark -r "$label.pcapng" -d "udp.port==$port,rtp" -d "udp.port==$((port + 1)),rtcp" \
    -o udp.check_checksum:TRUE "$@" 2>>tshark.err
}

# at_most ROW MS LIMIT
at_most() {
  local right=$2
  awk -v ms="$2" -v most="$3" 'BEGIN { exit !(ms != "" && ms <= most) }' || right="at most $3"
  note "$1" "$2" "$right"
}

# The receiver's clock: RTP's against the film's, and a packet's arrival; what the sender reports say
# of the time of day is where the packets are (RFC 3550 6.4.1), and one BYE ends it.
judge_clock() {
  local rtp_ms arrival_ms reports off_ms byes seconds
  read -r rtp_ms arrival_ms < <(wire -Y "udp.dstport==$port" -T fields -e frame.time_epoch \
    -e udp.payload | "$top/scripts/ts-clock.py" errors)
  at_most "RTP clock off the film's, ms" "$rtp_ms" 0.05
  at_most "packets early or late, ms" "$arrival_ms" "$most_ms"
  seconds=$(awk -F '\t' 'NR == 1 { start = $6 } END { printf "%.2f", $6 - start }' wire.txt)
  note "seconds, of the film's $film_seconds" "$seconds"
  wire -Y "udp.dstport==$((port + 1)) && ip.src==$server_ip" -T fields -E occurrence=f -e rtcp.pt \
    -e rtcp.timestamp.ntp.msw -e rtcp.timestamp.ntp.lsw -e rtcp.timestamp.rtp >reports.txt
  read -r reports off_ms < <(awk -F '\t' '
    function off(ticks, time) { # from the first packet, in ticks; RTP time wraps
      return (ticks - first_ts + 6442450944) % 4294967296 - 2147483648 - (time - start) * 90000
    }
    FNR == NR {
      if (NR == 1) { first_ts = $2; start = $6 }
      end = $6
      sum += off($2, $6)
      packets++
      next
    }
    { time = $2 - 2208988800 + $3 / 4294967296 } # NTP counts from 1900
    $1 == 200 && time <= end { # behind the last packet RTP time stands still
      one = off($4, time) - sum / packets
      one = one < 0 ? -one : one
      if (one > most) most = one
      reports++
    }
    END { printf "%d %.3f\n", reports, most / 90 }' wire.txt reports.txt)
  note "sender reports (RTCP)" "$reports" "$([ "$reports" -gt 0 ] && echo "$reports" || echo some)"
  at_most "their RTP time off, ms" "$off_ms" "$most_ms"
  byes=$(wire -Y "rtcp.pt==203 && ip.src==$server_ip" | wc -l)
  note "BYE" "$byes" 1
}

# judge CHECKSUM_WAY CALL_BYTES: what the viewer's side says about the last stream, each line beside
# what is right.
judge() {
  local packets=$(((film_bytes + datagram_bytes - 1) / datagram_bytes))
  local calls=$(((film_bytes + $2 - 1) / $2)) made supers=0
  local seen seq_errors bad_sums strangers hz lost problems
  [ "$2" -le "$datagram_bytes" ] || supers=$((film_bytes / $2 + (film_bytes % $2 > datagram_bytes)))
  made=$(awk '$NF == "sendfile" { print $4 }' calls.txt)
  note "checksum way chosen" "$checksum_way" "$1"
  note "sendfile calls (strace)" "$made" "$calls"
  note "packets of many segments cut" "$super" "$supers"
  note "stamped by the kernel" "$stamped" "$packets"
  note "payload octets counted" "$octets" "$film_bytes"

  wire -Y "udp.dstport==$port" -T fields -e rtp.seq -e rtp.timestamp -e rtp.ssrc -e rtp.p_type -e udp.checksum.status \
    -e frame.time_epoch >wire.txt
  read -r seen seq_errors bad_sums strangers hz < <(awk -F '\t' -v ssrc="$ssrc" '
    NR == 1 { first_ts = $2; start = $6 }
    NR > 1 && $1 != (seq + 1) % 65536 { seq_errors++ }
    $5 != 1 { bad_sums++ }
    $3 != ssrc || $4 != 33 { strangers++ }
    { seq = $1; ticks = ($2 - first_ts + 4294967296) % 4294967296; span = $6 - start }
    END { print NR, seq_errors + 0, bad_sums + 0, strangers + 0, (span > 0 ? ticks / span : 0) }
    ' wire.txt)
  # "Lost" stands before the field that ends in "%)"; an X at the end of the line is a problem.
  read -r lost problems < <(wire -q -z rtp,streams | awk '
    / 0x/ { for (i = 1; i < NF; i++) if ($(i + 1) ~ /%\)$/) lost += $i; if ($NF == "X") problems++ }
    END { print lost + 0, problems + 0 }')
  note "seen on the wire" "$seen" "$packets"
  note "calls per packet" "$(awk -v calls="$made" -v packets="$seen" \
    'BEGIN { printf "%.2f", packets ? calls / packets : 0 }')"
  note "lost" "$lost" 0
  note "sequence errors" "$((seq_errors + problems))" 0
  note "wrong SSRC or payload type" "$strangers" 0
  note "wrong UDP checksums" "$bad_sums" 0
  local clock=$hz
  awk -v hz="$hz" 'BEGIN { exit !(hz > 89100 && hz < 90900) }' || clock="90000 within 1 %"
  note "RTP clock, Hz" "$hz" "$clock"
  judge_clock

  note "frames decoded, of $film_frames" "$(contents "$label.video" | wc -l)" "$film_frames"
  local same=yes
  cmp -s <(contents film.video) <(contents "$label.video") || same="no: the pictures differ"
  cmp -s <(contents film.audio) <(contents "$label.audio") || same="no: the sound differs"
  note "picture and sound as in the file" "$same" yes
  note "a decoded frame" "$results/$label.png"
  [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$label.png")" = 640,360 ] ||
    note "a decoded frame" "none" "a picture"
}

report() {
  local row label
  printf '\n%-33s%-20s%-20s%s\n' "packets a call" "C, one" "C, 46" "Python, one"
  for row in "checksum way chosen" "sendfile calls (strace)" "packets of many segments cut" \
    "stamped by the kernel" "payload octets counted" "seen on the wire" "calls per packet" \
    "lost" "sequence errors" "wrong SSRC or payload type" "wrong UDP checksums" "RTP clock, Hz" \
    "RTP clock off the film's, ms" "packets early or late, ms" "seconds, of the film's $film_seconds" \
    "sender reports (RTCP)" "their RTP time off, ms" "BYE" \
    "frames decoded, of $film_frames" "picture and sound as in the file"; do
    printf '%-33s%-20s%-20s%s\n' "$row" "${table[one,$row]}" "${table[many,$row]}" \
      "${table[python,$row]}"
  done
  echo
  for label in one many python; do
    printf 'a decoded frame:  %s\n' "${table[$label,a decoded frame]}"
  done
  echo "beside it: the session descriptions (.sdp) and what the viewer's side captured (.pcapng)"
}
