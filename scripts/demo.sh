#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The main job on real input. A sender that knows neither RTP nor time streams a film with
# sendfile(2) in a tight loop; zcctl makes RTP of it, by the film's own clock and at its pace, and
# `zcctl agent` reports to the receiver. ffmpeg, which knows nothing of zcctl, must decode every frame
# of it, tshark must find nothing wrong on the wire, and the receiver's clock must be the film's.
# Exit 0 only if all of it is right.
#
# Three times: one datagram a call; one call for 46 packets, which the running sender is not told;
# and one datagram a call again, in Python, on a device without checksum offload. Then once over TCP,
# the whole film with one call, which GStreamer must have byte by byte. strace counts the calls.
#
#   server nic0 ───── in0 router out0 ───── nic0 viewer      three network namespaces, two veths
#
# The router is there for the checksums. A veth claims checksum offload and computes nothing, so a
# wrong sum would go unseen between two of them. out0 has the offload switched off: there the
# kernel completes every sum, as a network card does, and the viewer's side can verify it.
#
# Results go to build/demo, or to $ZC_DEMO_DIR. Nothing else is left behind.
set -Eeuo pipefail
trap 'echo "demo: stopped in ${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND" >&2' ERR

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
zcctl=$top/build/zcctl
results=${ZC_DEMO_DIR:-$top/build/demo}
# shellcheck source=scripts/demo-judge.sh
. "$top/scripts/demo-judge.sh"
# shellcheck source=scripts/demo-tcp.sh
. "$top/scripts/demo-tcp.sh"

film_seconds=8
film_frames=$((film_seconds * 25))
most_ms=50 # that a packet comes early or late, for the host may be busy
bits_per_second=2600000 # of the whole TS, null packets included: a constant rate
datagram_bytes=1316     # seven TS packets
many_bytes=$((46 * datagram_bytes)) # as many whole ones as a UDP datagram can carry
server_ip=192.0.2.1
viewer_ip=198.51.100.2
port=5004

# Unique to this run, so that two demos at once do not meet.
server=zcdemo$$-server
router=zcdemo$$-router
viewer=zcdemo$$-viewer

namespaces=()
work=

say() { printf '\n== %s\n' "$*"; }

show_run() {
  printf '$ %s\n' "${*//$top\//}"
  "$@"
}

die() {
  echo "demo: $*" >&2
  exit 1
}

# start NAME COMMAND...: in the background, for a minute at most; sets $pid. A command that is told
# to end has a second (a waiting ffmpeg does not hear it).
start() {
  local name=$1
  shift
  timeout -k 1 60 "$@" <&8 >"$name.out" 2>"$name.err" &
  pid=$!
}

# finish PID NAME: waits for it; its words are shown when it failed.
finish() {
  local code=0
  wait "$1" || code=$?
  [ "$code" -eq 0 ] || die "$2 failed with exit code $code: $(tail -n 5 "$2.err")"
}

# wait_for WHAT COMMAND...: until the command succeeds, at most 15 s.
wait_for() {
  local what=$1 _
  shift
  for _ in {1..150}; do
    if "$@"; then return; fi
    sleep 0.1
  done
  die "waited 15 s in vain for $what"
}

clean_up() {
  trap '' INT TERM HUP
  trap - EXIT ERR
  set +e
  local pids name
  mapfile -t pids <<<"$(jobs -p)"
  kill "${pids[@]}" 2>/dev/null
  wait "${pids[@]}" 2>/dev/null
  [ ${#namespaces[@]} -eq 0 ] || "$zcctl" -n "$server" detach nic0 --all >/dev/null 2>&1
  remove_cgroup
  for name in "${namespaces[@]}"; do
    ip netns del "$name" 2>/dev/null
  done
  cd "$top" || return
  [ -z "$work" ] || rm -rf "$work"
}

make_namespaces() {
  local name
  for name in "$server" "$router" "$viewer"; do
    namespaces+=("$name") # first, so that an interruption cannot come in between
    ip netns add "$name"
    ip -n "$name" link set lo up
  done
  ip -n "$router" link add in0 type veth peer name nic0 netns "$server"
  ip -n "$router" link add out0 type veth peer name nic0 netns "$viewer"
  ip -n "$server" addr add "$server_ip/24" dev nic0
  ip -n "$router" addr add 192.0.2.254/24 dev in0
  ip -n "$router" addr add 198.51.100.254/24 dev out0
  ip -n "$viewer" addr add "$viewer_ip/24" dev nic0
  ip -n "$server" link set nic0 up
  ip -n "$router" link set in0 up
  ip -n "$router" link set out0 up
  ip -n "$viewer" link set nic0 up
  ip -n "$server" route add default via 192.0.2.254
  ip -n "$viewer" route add default via 198.51.100.254
  ip netns exec "$router" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  ip netns exec "$router" ethtool -K out0 tx off >/dev/null
}

# ffmpeg's output options: a checksum of every decoded frame, and of every block of sound.
checksums_of() { outputs=(-map 0:v -vsync passthrough -f framecrc "$1.video"
  -map 0:a -f framecrc "$1.audio"); }
contents() { awk -F, '!/^#/ { print $5, $6 }' "$1"; }

# The PES lengths are written and there are no B frames: without them no receiver of a live stream
# can tell that the last frame is complete.
make_film() {
  ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=640x360:rate=25 \
    -f lavfi -i sine=frequency=440:sample_rate=48000 -t $film_seconds \
    -c:v mpeg2video -b:v 2M -maxrate 2M -bufsize 512k -g 12 -bf 0 -c:a mp2 -b:a 128k \
    -muxrate $bits_per_second -omit_video_pes_length 0 film.ts
  checksums_of film
  ffmpeg -nostdin -v error -i film.ts "${outputs[@]}"
  film_bytes=$(stat -c %s film.ts)
  film_rate=$("$top/scripts/ts-clock.py" rate film.ts)
  [ "$(contents film.video | wc -l)" -eq "$film_frames" ] || die "ffmpeg made no proper film"
}

# The film's own clock where the kernel's queues keep departure times, else the rate that it has.
choose_rate() {
  "$zcctl" -n "$server" --json probe nic0 >probe.json
  rate=$(python3 -c '
import json, sys
print("auto" if json.load(sys.stdin)["kernel"]["pace"] == "fq" else sys.argv[1])
' "$film_rate" <probe.json)
}

# start_agent: reports on all streams of the server, as a service would; until it is told to end.
start_agent() {
  echo "\$ zcctl -n $server agent &"
  timeout -k 1 300 "$zcctl" -n "$server" agent >agent.out 2>agent.err &
  agent_pid=$!
}

capture_is_open() { [ "$(ip netns exec "$viewer" cat /proc/net/packet | wc -l)" -gt 1 ]; }
receiver_is_open() {
  kill -0 "$receiver_pid" || die "the receiver ended early: $(tail -n 5 receiver.err)"
  [ -n "$(ip netns exec "$viewer" ss -Huln "sport = :$port")" ]
}

# Its process, once it is connected; as anybody would look it up.
sender_is_connected() {
  sender_app=$(ip netns exec "$server" ss -Hunp "dst $viewer_ip:$port" |
    sed -n 's/.*,pid=\([0-9]*\),.*/\1/p')
  [ -n "$sender_app" ] || ! kill -0 "$sender_pid" || return 1
  [ -n "$sender_app" ] || die "the sender ended early: $(tail -n 5 sender.err)"
}

# The only stream, and its rule's choice, that `zcctl show --json` lists.
read_show() {
  read -r ssrc checksum_way stamped super octets < <(python3 -c '
import json, sys
[device] = json.load(sys.stdin)["devices"]
[rule], [stream] = device["rules"], device["streams"]
counters = rule["counters"]
print(stream["ssrc"], rule["checksum"], counters["stamped"], counters["super"], stream["octets"])
' <show.json)
}

# All that the sender handed over has left: what waits in the queue when its rule goes is dropped.
all_has_left() {
  "$zcctl" -n "$server" --json show nic0 >show.json
  read_show
  [ "$octets" -ge "$film_bytes" ]
}

# stream SENDER...: sends the film once, from attach to detach; with $segment, one call carries
# many packets.
stream() {
  local sender_pid capture_pid attach
  local sender=("$@" -w film.ts "$viewer_ip" "$port")
  printf '$ %s &\n' "${sender[*]//$top\//}"
  start sender ip netns exec "$server" strace -c -e trace=sendfile -o calls.txt "${sender[@]}"
  sender_pid=$pid
  wait_for "the sender to connect" sender_is_connected
  attach=(attach nic0 --to "$viewer_ip:$port" --payload MP2T --rate "$rate")
  [ -z "$segment" ] || attach+=(--segment "$segment" --pid "$sender_app")
  show_run "$zcctl" -n "$server" "${attach[@]}"
  "$zcctl" -n "$server" sdp nic0 --to "$viewer_ip:$port" >stream.sdp

  start capture ip netns exec "$viewer" dumpcap -q -i nic0 \
    -f "udp dst portrange $port-$((port + 1))" -w -
  capture_pid=$pid
  wait_for "the capture to start" capture_is_open
  checksums_of "$label"
  start receiver ip netns exec "$viewer" ffmpeg -nostdin -v warning -nostats \
    -protocol_whitelist file,udp,rtp -i stream.sdp "${outputs[@]}" \
    -map 0:v -vf "select=eq(n\,$((film_frames / 2)))" -frames:v 1 -update 1 "$label.png"
  receiver_pid=$pid
  wait_for "the receiver to open its port" receiver_is_open

  echo >&8 # the Enter that the sender waits for
  sleep 1
  show_run "$zcctl" -n "$server" check nic0 --to "$viewer_ip:$port" --watch # fails if it finds any
  finish "$sender_pid" sender
  wait_for "the last packet to leave" all_has_left
  show_run "$zcctl" -n "$server" show nic0
  show_run "$zcctl" -n "$server" detach nic0 --all
  finish "$receiver_pid" receiver # the agent's BYE tells it that the stream has ended
  sleep 0.5 # dumpcap is told of new packets every 0.25 s
  kill "$capture_pid"
  finish "$capture_pid" capture
  mv capture.out "$label.pcapng"
  mv stream.sdp "$label.sdp"
}

[ $# -eq 0 ] || die "takes no arguments"
[ "$(id -u)" -eq 0 ] || die "needs root: it makes network namespaces and loads a BPF program"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "packages and build"
"$top/scripts/install-deps.sh" build demo
mkdir -p "$top/build" "$results"
results=$(cd "$results" && pwd)
# A second demo waits here for the first one's build, which is then its own.
(
  flock 9
  env -u MAKEFLAGS -u MFLAGS make --no-print-directory -C "$top" build 9>&-
) 9>"$top/build/.demo.lock"

work=$(mktemp -d "$results/run.XXXXXX")
cd "$work"
mkfifo cue # what the senders read
exec 8<>cue
make_namespaces

say "a film: $film_seconds s of MPEG-TS, picture and sound"
make_film
echo "$film_bytes bytes, $film_frames frames"

choose_rate
start_agent

say "C, one datagram a call in a tight loop, paced by --rate $rate; a device that offloads checksums"
label=one segment=
stream "$top/build/examples/sendfile_stream"
judge sum $datagram_bytes

say "C, one call for 46 packets: the sender runs already, zcctl attach --pid finds its socket"
label=many segment=$datagram_bytes
stream "$top/build/examples/sendfile_stream" -c $many_bytes
judge sum $many_bytes

say "Python, one datagram a call, a device that does not offload checksums"
label=python segment=
show_run ip netns exec "$server" ethtool -K nic0 tx off >ethtool.out
stream python3 "$top/examples/sendfile_stream.py"
judge sum $datagram_bytes

say "TCP, one call for the whole film: zcctl attach cgroup: frames it (RFC 4571)"
label=tcp
stream_tcp

kill "$agent_pid"
finish "$agent_pid" agent
mv -f ./*.png ./*.sdp ./*.pcapng "$results/"
report
report_tcp
if [ "$wrong" -ne 0 ]; then
  echo "demo: something is wrong, see above" >&2
  exit 1
fi
printf '\ndemo: all of it is right\n'
