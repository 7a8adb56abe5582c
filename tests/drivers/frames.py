# SPDX-License-Identifier: GPL-2.0-only
"""What a guest does with RTP in frames over TCP: scripts, and how many results each of them says.
Knows nothing of kernels and of how a guest is made."""

MODULES = ["veth", "tls", "gcm", "ghash_generic"]
# tests/tcp are without GStreamer and ffmpeg there; busybox's shell has an `ip` of its own.
PROGRAMS = {"dash": "/bin/dash"}

FRAMES = """
ln -sf dash /bin/sh; mkdir -p /mnt; ulimit -n 8192
tcp_tests --gtest_filter=-ReceiversTest.* --gtest_print_time=0 > /tmp/out 2>&1; code=$?
cat /tmp/out
echo "result: frames $code"
"""
FRAMES_RESULTS = 1

_KTLS = """
mkdir /tmp/ktls; mount -t cgroup2 none /tmp/ktls; mkdir /tmp/ktls/encrypts
rule="--payload MP2T --framing rfc4571 --segment 1316"
ktls 5004 encrypted; echo "result: encrypted $?"
zcctl attach cgroup:/tmp/ktls/encrypts --to 127.0.0.1:5004 $rule; echo "result: attach $?"
sh -c "echo \\$\\$ > /tmp/ktls/encrypts/cgroup.procs; exec ktls 5004 {refused}"
echo "result: {refused} $?"
zcctl show
zcctl show --json | grep -q '"broken":{broken}[,}}]'; echo "result: counted $?"
zcctl detach cgroup:/tmp/ktls/encrypts --all

sleep 8 | ktls 5006 hold &
sleep 2
for process in /proc/[0-9]*; do
  if test "$(readlink $process/exe)" = /bin/ktls; then pid=$(basename $process); fi
done
zcctl attach pid:$pid --to 127.0.0.1:5006 $rule; echo "result: pid $(($? - 3))"
wait
rmdir /tmp/ktls/encrypts
"""
KTLS_RESULTS = 5


def ktls(takes_keys):
    """No byte leaves a connection with kTLS that a rule has. `takes_keys`: whether this kernel
    encrypts for a socket in a sockmap, as those did before 6.12.111. There MSG_MORE's bytes go with
    the socket, unseen by the program."""
    return _KTLS.format(refused="refused" if takes_keys else "unkeyed",
                        broken=7 if takes_keys else 8)
