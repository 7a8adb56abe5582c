# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces, and the wire between two of them."""
import contextlib
import ctypes
import os
import socket
import subprocess
import time

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

SERVER_V4, VIEWER_V4 = "10.77.0.1", "10.77.0.2"
SERVER_V6, VIEWER_V6 = "fd77::1", "fd77::2"
GROUP_V4, GROUP_V6 = "239.7.7.7", "ff05::7:7"
SERVER_MAC, VIEWER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"


def run(*command, check=True, **options):
    """Runs a tool; its output is in the error where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def ip_batch(lines, netns=None):
    where = ["-n", netns] if netns else []
    run("ip", *where, "-batch", "-", input="\n".join(lines) + "\n")


def _setns(fd):
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """A network namespace that `ip netns` knows, too."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)

    @property
    def path(self):
        return f"/run/netns/{self.name}"

    @contextlib.contextmanager
    def entered(self):
        """This thread is inside; sockets made here stay there."""
        home, target = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(self.path,
                                                                                  os.O_RDONLY)
        try:
            _setns(target)
            yield
        finally:
            _setns(home)
            os.close(home)
            os.close(target)

    def socket(self, *arguments):
        with self.entered():
            return socket.socket(*arguments)

    def run(self, *command, **options):
        return run("nsenter", f"--net={self.path}", *command, **options)

    def popen(self, *command, **options):
        return subprocess.Popen(["nsenter", f"--net={self.path}", *command], **options)

    def ip(self, *lines):
        ip_batch(lines, self.name)

    def ifindex(self, dev):
        with self.entered():
            return socket.if_nametoindex(dev)

    def links(self):
        with self.entered():
            return sorted(name for _, name in socket.if_nameindex())

    def qdiscs(self, dev):
        return run("tc", "-n", self.name, "qdisc", "show", "dev", dev).stdout

    def listens(self, port):
        """Is a UDP socket bound to that port?"""
        with self.entered():
            for table in ("udp", "udp6"):
                with open(f"/proc/thread-self/net/{table}", encoding="ascii") as sockets:
                    if f":{port:04X} " in sockets.read():
                        return True
        return False

    def remove(self):
        run("ip", "netns", "del", self.name, check=False)


class Wire:
    """server:out ──veth── viewer:in, both families, no neighbour discovery, no waiting."""

    def __init__(self):
        self.server, self.viewer = Namespace("server"), Namespace("viewer")
        self.plug()

    def plug(self, queues=1):
        """Makes the cable; again after `unplug`."""
        count = f"numtxqueues {queues} numrxqueues {queues}"
        ip_batch([f"link add out address {SERVER_MAC} {count} netns server type veth "
                  f"peer name in address {VIEWER_MAC} {count} netns viewer"])
        self._end(self.server, "out", SERVER_V4, SERVER_V6, (VIEWER_V4, VIEWER_V6, VIEWER_MAC))
        self._end(self.viewer, "in", VIEWER_V4, VIEWER_V6, (SERVER_V4, SERVER_V6, SERVER_MAC))
        self.server.ip("route add 224.0.0.0/4 dev out")

    def unplug(self):
        self.server.ip("link del out")

    def set_tx_checksum(self, on):
        self.server.run("ethtool", "-K", "out", "tx", "on" if on else "off")

    def remove(self):
        self.server.remove()
        self.viewer.remove()

    @staticmethod
    def _end(namespace, dev, ipv4, ipv6, peer):
        peer_v4, peer_v6, peer_mac = peer
        namespace.ip("link set lo up",
                     f"link set {dev} addrgenmode none",
                     f"addr add {ipv4}/24 dev {dev}",
                     f"addr add {ipv6}/64 dev {dev} nodad",
                     f"link set {dev} up",
                     f"neigh replace {peer_v4} lladdr {peer_mac} dev {dev} nud permanent",
                     f"neigh replace {peer_v6} lladdr {peer_mac} dev {dev} nud permanent")


def wait_until(condition, seconds=5.0, pause=0.02):
    """Polls; True as soon as the condition holds, False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
