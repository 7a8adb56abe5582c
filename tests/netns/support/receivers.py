# SPDX-License-Identifier: GPL-2.0-only
"""Receivers that nobody here wrote: ffmpeg, GStreamer, tshark."""
import os
import shlex
import signal
import struct
import subprocess

from support import sandbox
from support.net import wait_until

SECONDS = 20  # to start


def quietly(*command):
    return subprocess.run(command, check=True, capture_output=True, timeout=60)


def make_film(path, seconds=2.2):
    """An MPEG-TS with picture and sound. No B-frames: every frame is decodable as it comes."""
    quietly("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25",
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(seconds),
            "-c:v", "mpeg2video", "-b:v", "600k", "-bf", "0", "-g", "12", "-c:a", "mp2",
            "-b:a", "128k", "-f", "mpegts", path)


def make_mulaw(path, seconds=2):
    quietly("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
            "sine=frequency=440:sample_rate=8000", "-t", str(seconds), "-f", "mulaw", path)


def make_l16(path, rate=48000, channels=2, seconds=1):
    """Big-endian, as RFC 3551 4.5.11 wants it."""
    quietly("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
            f"sine=frequency=440:sample_rate={rate}", "-t", str(seconds), "-ac", str(channels), "-f",
            "s16be", path)


def make_opus(path, packet_bytes, seconds=2):
    """Opus packets of 20 ms and equal size, one behind the other."""
    quietly("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
            "sine=frequency=440:sample_rate=48000", "-t", str(seconds), "-map", "0:a", "-c:a",
            "libopus", "-vbr", "off", "-b:a", str(packet_bytes * 8 * 50), "-f", "data", path)


def probe_sdp(path):
    """What ffprobe reads from a session description: "codec,rate,channels"."""
    return quietly("ffprobe", "-v", "error", "-analyzeduration", "1", "-probesize", "32",
                   "-protocol_whitelist", "file,udp,rtp", "-listen_timeout", "1", "-of", "csv=p=0",
                   "-show_entries", "stream=codec_name,sample_rate,channels",
                   path).stdout.decode().strip()


def decode(*source):
    """The hashes of all decoded frames: (pictures, sounds)."""
    hashes = []
    for stream in ("0:v:0", "0:a:0"):
        out = quietly("ffmpeg", "-v", "error", *source, "-map", stream, *_HASHES, "-").stdout
        hashes.append(_hashes(out.decode()))
    return tuple(hashes)


_HASHES = ("-fps_mode", "passthrough", "-f", "framemd5")


def _hashes(text):
    return [line.rsplit(",", 1)[1].strip() for line in text.splitlines() if line[:1].isdigit()]


class Receiver:
    """A program in the viewer that listens on `port`; ready when the constructor returns."""

    def __init__(self, viewer, port, *command, reads=os.devnull):
        assert not viewer.listens(port)
        with open(reads, encoding="ascii") as stdin:
            self._process = viewer.popen(*command, stdin=stdin, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True)
        if not wait_until(lambda: viewer.listens(port), SECONDS):
            self._process.kill()
            raise AssertionError(f"{command[0]} does not listen: {self._process.communicate()[0]}")

    def finish(self, done):
        """Waits for `done` (not longer than makes sense), then ends it as Ctrl-C would."""
        wait_until(done, 5)
        for _ in range(3):  # ffmpeg waits for one more packet after the first
            self._process.send_signal(signal.SIGINT)
            try:
                return self._process.communicate(timeout=0.5)[0]
            except subprocess.TimeoutExpired:
                continue
        self._process.kill()
        return self._process.communicate()[0]


def ffmpeg(viewer, port, sdp, *output):
    return Receiver(viewer, port, "ffmpeg", "-v", "warning", "-nostdin", "-y",
                    "-analyzeduration", "300000", "-protocol_whitelist", "file,udp,rtp", "-i", sdp,
                    *output)


def ffmpeg_hashes(viewer, port, sdp, pictures, sounds):
    """Decodes pictures and sounds, and writes the hash of each frame."""
    return ffmpeg(viewer, port, sdp, "-map", "0:v:0", *_HASHES, "-flush_packets", "1", pictures,
                  "-map", "0:a:0", *_HASHES, "-flush_packets", "1", sounds)


def read_hashes(path):
    with open(path, encoding="ascii") as file:
        return _hashes(file.read())


def printed(viewer, port, text, path, change):
    """Starts what `sdp --for` printed, as a shell would: one command that reads a here-document.
    `change` makes it write to a file where it would show."""
    line, document = text.split(" <<'EOF'\n")
    assert document.endswith("EOF\n"), text
    with open(path, "w", encoding="ascii") as file:
        file.write(document[:-len("EOF\n")])
    return Receiver(viewer, port, *change(shlex.split(line)), reads=path)


CAPS = "application/x-rtp,media=video,clock-rate=90000,encoding-name=MP2T,payload=33"


def gstreamer(viewer, port, output, source=None, depay="rtpmp2tdepay"):
    """`source`: elements that give RTP; a plain UDP source if not given. `depay`: the element that
    takes the payload out."""
    source = source or ("udpsrc", f"port={port}", f"caps={CAPS}", "!", "rtpjitterbuffer", "!")
    return Receiver(viewer, port, "gst-launch-1.0", "-e", *source, depay, "!", "filesink",
                    f"location={output}", "buffer-mode=unbuffered")


def size_is(path, size):
    return lambda: os.path.exists(path) and os.path.getsize(path) >= size


def write_pcap(path, frames):
    """Frames as a classic pcap file (Ethernet)."""
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            seconds, micros = divmod(int(frame.when * 1e6), 10**6)
            file.write(struct.pack("=IIII", seconds, micros, len(frame.data), len(frame.data)))
            file.write(frame.data)


def tshark(pcap, *arguments):
    """Verifies all checksums; the payload, which is random bytes, is not looked into."""
    return subprocess.run(
        ["tshark", "-r", pcap, "-d", "udp.port==5004,rtp", "-o", "udp.check_checksum:TRUE",
         "-o", "ip.check_checksum:TRUE", "--disable-protocol", "mp2t", *arguments], check=True,
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "HOME": sandbox.WORK}).stdout
