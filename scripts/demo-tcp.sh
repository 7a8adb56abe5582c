# shellcheck shell=bash disable=SC2034,SC2154 # demo.sh has the other half
# SPDX-License-Identifier: GPL-2.0-only
# The demo's part over TCP: one sendfile of the whole film, by a server that knows nothing of RTP,
# on a connection of a cgroup with a rule. GStreamer takes the frames apart and must have the film,
# byte by byte. Sourced by demo.sh.

cgroup= # version 2, of this run alone

# The least that serves a file: one call, and no word about RTP.
serve_once='
import os, socket, sys
film = os.open(sys.argv[1], os.O_RDONLY)
with socket.create_connection((sys.argv[2], int(sys.argv[3]))) as viewer:
    os.sendfile(viewer.fileno(), film, 0, os.fstat(film).st_size)'

make_cgroup() {
  local mounted
  mounted=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
  [ -n "$mounted" ] || die "no cgroups of version 2 are mounted: mount -t cgroup2 none /mnt"
  cgroup=$mounted/zcdemo$$
  mkdir "$cgroup"
}

remove_cgroup() {
  [ -n "$cgroup" ] || return 0
  "$zcctl" detach "cgroup:$cgroup" --all >/dev/null 2>&1
  rmdir "$cgroup"
  cgroup=
}

viewer_listens() { [ -n "$(ip netns exec "$viewer" ss -Htln "sport = :$port")" ]; }

all_is_framed() {
  "$zcctl" --json show "cgroup:$cgroup" >show.json
  stamped=$(python3 -c '
import json, sys
[target] = json.load(sys.stdin)["targets"]
print(target["rules"][0]["counters"]["stamped"])' <show.json)
  [ "$stamped" -eq "$(((film_bytes + datagram_bytes - 1) / datagram_bytes))" ]
}

stream_tcp() {
  local gst_pid same=yes
  make_cgroup
  show_run "$zcctl" attach "cgroup:$cgroup" --to "$viewer_ip:$port" --payload MP2T \
    --framing rfc4571 --segment "$datagram_bytes"
  start gst ip netns exec "$viewer" gst-launch-1.0 -q tcpserversrc host="$viewer_ip" port="$port" \
    ! application/x-rtp-stream,media=video,clock-rate=90000,encoding-name=MP2T \
    ! rtpstreamdepay ! rtpmp2tdepay ! filesink location=received.ts
  gst_pid=$pid
  wait_for "GStreamer to listen" viewer_listens
  # `ip netns exec` has a /sys of its own: the cgroup is entered before.
  # shellcheck disable=SC2016
  start server bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$cgroup" \
    ip netns exec "$server" strace -f -c -e trace=sendfile -o calls.txt \
    python3 -c "$serve_once" film.ts "$viewer_ip" "$port"
  finish "$pid" server
  finish "$gst_pid" gst
  wait_for "the last frame to be counted" all_is_framed
  show_run "$zcctl" show "cgroup:$cgroup"
  remove_cgroup
  note "sendfile calls over TCP (strace)" "$(awk '$NF == "sendfile" { print $4 }' calls.txt)" 1
  note "frames over TCP" "$stamped" $(((film_bytes + datagram_bytes - 1) / datagram_bytes))
  cmp film.ts received.ts || same="no: the bytes differ"
  note "GStreamer has every byte of the film" "$same" yes
}

report_tcp() {
  local row
  printf '\nover TCP, in frames of RFC 4571\n'
  for row in "sendfile calls over TCP (strace)" "frames over TCP" \
    "GStreamer has every byte of the film"; do
    printf '%-38s%s\n' "$row" "${table[tcp,$row]}"
  done
}
