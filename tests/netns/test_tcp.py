#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Rules of a cgroup's TCP connections over time: docs/interface.md. Whether each byte is right, the
tests of tests/tcp tell."""
import os
import subprocess
import sys

from support import cgroup, program, rtp, sandbox
from support.case import WireCase
from support.net import SERVER_V4, SERVER_V6, VIEWER_V4, Wire, run, wait_until

PORT = 8554
USAGE, CANNOT, EXISTS = 2, 3, 5


class TcpCase(WireCase):
    def setUp(self):
        if not cgroup.mount_point():
            self.skipTest("no cgroup2 is mounted")
        super().setUp()
        if self.zcctl.ok("--json", "probe").json["kernel"]["no_tcp"]:
            self.wire.remove()
            self.skipTest("this kernel cannot frame TCP")
        self.group = cgroup.Cgroup()
        self.addCleanup(self.group.remove)
        self.film = self.file(300_000)

    def tearDown(self):
        for target in self.shown()["targets"]:
            self.zcctl.ok("detach", target["target"], "--all")
        super().tearDown()

    def attach(self, *words, group=None, match=("--from", f":{PORT}"), segment=1316,
               framing="rfc4571"):
        return self.zcctl.run("attach", (group or self.group).target, *match, "--framing", framing,
                              "--segment", segment, "--payload", "MP2T", *words)

    def attached(self, *words, **more):
        self.check_exit(self.attach(*words, **more), 0)

    def serve(self, group=None, how="once", port=PORT):
        server = cgroup.Server(self.server, group or self.group, self.film, port, how)
        self.addCleanup(server.close)
        return server

    def connect(self, host=SERVER_V4, port=PORT):
        sock = cgroup.connect(self.viewer, host, port)
        self.addCleanup(sock.close)
        return sock

    def target(self, group=None):
        name = (group or self.group).target
        return next((t for t in self.shown()["targets"] if t["target"] == name), None)

    def shown(self):
        return self.zcctl.ok("--json", "show", "--over", 0).json

    def film_bytes(self):
        with open(self.film, "rb") as file:
            return file.read()

    def check_film(self, packets, segment=1316):
        """Frames of one stream, all of the same size but the last, with the film in them."""
        parsed = [rtp.parse_rtp(packet) for packet in packets]
        self.assertEqual(b"".join(p.payload for p in parsed), self.film_bytes())
        self.assertEqual({len(p.payload) for p in parsed[:-1]}, {segment})
        self.assertEqual([p.seq for p in parsed],
                         [(parsed[0].seq + i) % 65536 for i in range(len(parsed))])
        self.assertEqual(len({p.ssrc for p in parsed}), 1)
        return parsed

    def check_framed(self, kind="rfc4571", segment=1316, **more):
        data = cgroup.receive_all(self.connect(**more))
        return self.check_film(cgroup.split(data, kind), segment)

    def check_plain(self, **more):
        self.assertEqual(cgroup.receive_all(self.connect(**more)), self.film_bytes())

    def check_gone(self):
        self.assertEqual(program.pins(), [])


class Life(TcpCase):
    def test_one_sendfile_of_a_whole_file_is_framed_until_the_rule_goes(self):
        self.serve()
        self.check_plain()
        self.attached("--seq", 100, "--ssrc", 7)
        packets = self.check_framed()
        self.assertEqual((packets[0].seq, packets[0].ssrc, packets[0].payload_type), (100, 7, 33))
        self.check_framed(host=SERVER_V6)
        self.check_exit(self.zcctl.run("detach", self.group.target, "--from", f":{PORT}"), 0)
        self.check_gone()
        self.check_plain()

    def test_counters_and_streams_are_those_of_the_connections(self):
        self.serve(how="wait")
        self.attached()
        sock = self.connect()
        sock.send(b"x")
        frames = len(cgroup.receive_frames(sock, 300_000))
        target = self.target()
        stream, = target["streams"]
        self.assertEqual((stream["packets"], stream["octets"]), (frames, 300_000))
        self.assertEqual(stream["from"], f"{SERVER_V4}:{PORT}")
        self.assertEqual(stream["to"], "{}:{}".format(*sock.getsockname()))
        self.assertEqual(target["rules"][0]["counters"]["stamped"], frames)
        self.assertEqual(target["findings"], [])
        sock.close()
        self.assertTrue(wait_until(lambda: self.target()["streams"] == []))
        self.assertEqual(self.target()["rules"][0]["counters"]["stamped"], frames)

    def test_a_connection_that_the_app_opens_is_framed_too(self):
        with self.viewer.entered():
            listener = cgroup.socket.create_server((VIEWER_V4, PORT))
        self.addCleanup(listener.close)
        self.attached(match=("--to", f"{VIEWER_V4}:{PORT}"), framing="interleaved:4")
        code = (f"import socket; s = socket.create_connection(('{VIEWER_V4}', {PORT}));"
                f"s.sendfile(open('{self.film}', 'rb')); s.close()")
        app = subprocess.Popen(["nsenter", f"--net={self.server.path}", sys.executable, "-c", code],
                               preexec_fn=self.group.join)
        sock, _ = listener.accept()
        data = cgroup.receive_all(sock)
        sock.close()
        self.assertEqual(app.wait(), 0)
        self.assertEqual(data[:2], b"$\x04")
        self.check_film(cgroup.split(data, "interleaved"))

    def test_others_are_not_touched(self):
        self.attached()
        self.serve(port=PORT + 1)
        self.check_plain(port=PORT + 1)
        elsewhere = cgroup.Cgroup("elsewhere", None)
        self.addCleanup(elsewhere.remove)
        self.serve(group=elsewhere)
        self.check_plain()

    def test_a_cgroup_below_belongs_to_it(self):
        below = cgroup.Cgroup("below", self.group)
        self.addCleanup(below.remove)
        self.attached()
        self.check_exit(self.attach(group=below), EXISTS)
        self.serve(group=below)
        self.check_framed()

    def test_replace_is_for_connections_that_come(self):
        self.serve(how="wait")
        self.attached()
        old = self.connect()
        old.send(b"x")
        cgroup.receive_frames(old, 300_000)
        self.check_exit(self.attach(segment=188), EXISTS)
        self.attached("--replace", segment=188)
        self.check_exit(self.attach(segment=188), EXISTS)
        old.send(b"x")
        self.check_film(cgroup.receive_frames(old, 300_000))
        new = self.connect()
        new.send(b"x")
        self.check_film(cgroup.receive_frames(new, 300_000), 188)

    def test_rules_of_one_cgroup_go_one_by_one(self):
        self.serve()
        self.attached()
        self.attached(match=("--from", f":{PORT + 1}"), segment=188)
        self.serve(port=PORT + 1)
        self.check_exit(self.zcctl.run("detach", self.group.target, "--from", f":{PORT}"), 0)
        self.check_exit(self.zcctl.run("detach", self.group.target, "--from", f":{PORT}"), EXISTS)
        self.check_plain()
        self.check_framed(port=PORT + 1, segment=188)
        self.zcctl.ok("detach", self.group.target, "--all")
        self.check_gone()


class Description(TcpCase):
    def sdp(self, *words):
        return self.zcctl.run("sdp", self.group.target, *words)

    def test_it_names_the_end_of_a_connection_that_is_there(self):
        self.attached()
        words = ("--from", f":{PORT}")
        self.check_exit(self.sdp(*words), USAGE)
        self.assertIn("c=IN IP4 192.0.2.1\r\n".replace("\r\n", "\n"),
                      self.sdp(*words, "--address", "192.0.2.1").out)
        self.serve(how="wait")
        sock = self.connect()
        sock.send(b"x")
        cgroup.receive_frames(sock, 300_000)
        text = self.sdp(*words).out
        self.assertIn(f"c=IN IP4 {SERVER_V4}\n", text)
        self.assertIn(f"m=video {PORT} TCP/RTP/AVP 33\n", text)
        self.assertIn("a=setup:passive\na=connection:new\n", text)
        self.check_exit(self.sdp("--from", ":1"), EXISTS)

    @sandbox.needs("gst-launch-1.0")
    def test_what_it_prints_for_gstreamer_opens_it(self):
        self.film = self.file(1500 * 188, "ts")  # it takes whole TS packets alone
        self.attached()
        self.serve()
        words = ("--from", f":{PORT}", "--address", SERVER_V4, "--for", "gst")
        command = self.sdp(*words).out.strip()
        out = os.path.join(sandbox.WORK, "out.ts")
        pipeline = command[:command.index("decodebin")] + f"filesink location={out}"
        done = self.viewer.run("sh", "-c", pipeline)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(out, "rb") as file:
            self.assertEqual(file.read(), self.film_bytes())


class Detached(TcpCase):
    FRAMES = -(-300_000 // 1316)

    def half(self):
        """A connection that has sent the film once."""
        self.serve(how="wait")
        self.attached()
        sock = self.connect()
        sock.send(b"x")
        self.check_film(cgroup.receive_frames(sock, 300_000))
        return sock

    def test_living_connections_stay_framed_to_their_end(self):
        sock = self.half()
        self.zcctl.ok("detach", self.group.target, "--all")
        self.check_gone()
        sock.send(b"x")
        self.check_film(cgroup.receive_frames(sock, 300_000))
        new = self.connect()
        new.send(b"x")
        self.assertEqual(cgroup.receive(new, 300_000), self.film_bytes())

    def test_now_lets_them_go_at_the_end_of_a_frame(self):
        sock = self.half()
        self.zcctl.ok("detach", self.group.target, "--all", "--now")
        self.check_gone()
        sock.send(b"x")
        self.assertEqual(cgroup.receive(sock, 300_000), self.film_bytes())

    def test_now_of_one_rule_leaves_the_others(self):
        sock = self.half()
        self.attached(match=("--from", f":{PORT + 1}"))
        self.serve(port=PORT + 1)
        self.zcctl.ok("detach", self.group.target, "--from", f":{PORT}", "--now")
        sock.send(b"x")
        self.assertEqual(cgroup.receive(sock, 300_000), self.film_bytes())
        self.check_framed(port=PORT + 1)
        sock.close()
        self.assertTrue(wait_until(lambda: self.target()["streams"] == []))

    def test_an_open_frame_is_completed_before_bytes_go_bare(self):
        self.attached("--frame-end", "never")
        self.serve(how="wait")
        sock = self.connect()
        sock.send(b"x")
        first = cgroup.receive(sock, 300_000 + 14 * self.FRAMES)
        self.zcctl.ok("detach", self.group.target, "--all", "--now")
        sock.send(b"x")
        owed = self.FRAMES * 1316 - 300_000
        packets = cgroup.split(first + cgroup.receive(sock, owed))
        self.assertEqual(b"".join(p[12:] for p in packets),
                         self.film_bytes() + self.film_bytes()[:owed])
        self.assertEqual(cgroup.receive(sock, 300_000 - owed), self.film_bytes()[owed:])

    def test_a_rule_that_goes_does_not_lend_its_number_to_another(self):
        sock = self.half()
        self.attached(match=("--from", f":{PORT + 1}"))
        self.zcctl.ok("detach", self.group.target, "--from", f":{PORT}")
        self.attached(match=("--from", f":{PORT + 2}"))
        sock.send(b"x")
        cgroup.receive_frames(sock, 300_000)
        self.assertEqual([r["counters"]["stamped"] for r in self.target()["rules"]], [0, 0])


class Remains(TcpCase):
    def test_a_cgroup_that_is_gone_is_a_leftover_that_clean_names(self):
        group = cgroup.Cgroup("gone")
        self.attached(group=group)
        group.remove()
        shown = self.shown()
        self.assertEqual(shown["targets"], [])
        leftover, = shown["leftovers"]
        self.assertEqual((leftover["target"], leftover["why"]), (group.target, "its cgroup is gone"))
        text = self.zcctl.ok("clean").out
        self.assertIn(f"removed pins of {group.target}", text)
        self.assertIn(f"attach {group.target} --from :{PORT} --framing rfc4571 --segment 1316", text)
        self.check_gone()

    def test_a_cgroup_of_the_same_name_is_another_one(self):
        group = cgroup.Cgroup("again")
        self.attached(group=group)
        group.remove()
        group = cgroup.Cgroup("again")
        self.addCleanup(group.remove)
        self.attached(group=group)
        self.assertEqual(len(self.shown()["leftovers"]), 1)
        self.zcctl.ok("clean")
        self.serve(group=group)
        self.check_framed()

    def test_a_program_that_was_taken_off_comes_back_with_all_rules(self):
        self.attached()
        self.attached(match=("--from", f":{PORT + 1}"))
        run("bpftool", "link", "detach", "pinned", program.pin("link/connect"))
        self.serve()
        self.check_plain()
        leftover, = self.shown()["leftovers"]
        self.assertEqual(leftover["why"], "its program is not attached")
        self.attached()
        self.check_framed()
        self.assertEqual(len(self.target()["rules"]), 2)

    def test_other_programs_of_the_cgroup_stay(self):
        before = self.programs()
        self.attached()
        self.assertEqual(self.programs(), before + 1)
        self.zcctl.ok("detach", self.group.target, "--all")
        self.assertTrue(wait_until(lambda: self.programs() == before))

    def programs(self):
        return run("bpftool", "cgroup", "show", self.group.path).stdout.count("sock_ops")

    def test_pins_that_miss_one_are_damaged(self):
        self.attached()
        os.unlink(program.pin("zc_framings"))
        leftover, = self.shown()["leftovers"]
        self.assertIn("zc_framings", leftover["why"])
        self.check_exit(self.attach(match=("--from", ":99")), 1)
        self.zcctl.ok("clean", "--force")
        self.check_gone()


class Process(TcpCase):
    """Connections that were there before their rule."""

    def setUp(self):
        super().setUp()
        self.app = self.serve(how="wait").process
        self.sock = self.connect()
        self.sock.send(b"x")
        self.assertEqual(cgroup.receive(self.sock, 300_000), self.film_bytes())

    def attach_process(self, *words, fd=""):
        return self.zcctl.run("attach", f"pid:{self.app.pid}{fd}", "--from", f":{PORT}",
                              "--framing", "rfc4571", "--segment", 1316, "--payload", "MP2T", *words)

    def sockets(self):
        return next(t for t in self.shown()["targets"] if t["target"].startswith("sockets:"))

    def check_next(self, framed):
        self.sock.send(b"x")
        if framed:
            self.check_film(cgroup.receive_frames(self.sock, 300_000))
        else:
            self.assertEqual(cgroup.receive(self.sock, 300_000), self.film_bytes())

    def test_a_living_connection_is_framed_and_let_go(self):
        result = self.attach_process("--seq", 7)
        self.assertEqual(result.code, 0, result)
        self.assertIn(f"frame the connection of process {self.app.pid}, descriptor", result.err)
        self.check_next(framed=True)
        stream, = self.sockets()["streams"]
        self.assertEqual((stream["octets"], stream["from"]), (300_000, f"{SERVER_V4}:{PORT}"))
        self.check_exit(self.attach_process(), EXISTS)
        self.zcctl.ok("detach", self.sockets()["target"], "--from", f":{PORT}", "--now")
        self.check_gone()
        self.check_next(framed=False)

    def test_it_stays_framed_where_the_rule_goes(self):
        self.assertEqual(self.attach_process().code, 0)
        self.check_next(framed=True)
        self.zcctl.ok("detach", self.sockets()["target"], "--all")
        self.check_gone()
        self.check_next(framed=True)

    def test_a_closed_one_stays_counted(self):
        self.assertEqual(self.attach_process().code, 0)
        self.check_next(framed=True)
        self.sock.close()
        self.assertTrue(wait_until(lambda: self.sockets()["streams"] == []))
        frames = -(-300_000 // 1316)
        self.assertEqual(self.sockets()["rules"][0]["counters"]["stamped"], frames)
        self.sock = self.connect()
        self.assertEqual(self.attach_process().code, 0)
        self.check_next(framed=True)
        self.assertEqual(self.sockets()["rules"][0]["counters"]["stamped"], 2 * frames)

    def test_clean_removes_them_when_the_last_connection_is_gone(self):
        other = self.connect()
        self.assertEqual(self.attach_process().code, 0)
        target = self.sockets()
        self.assertEqual((len(target["streams"]), target["findings"]), (2, []))
        self.sock.close()
        self.assertTrue(wait_until(lambda: len(self.sockets()["streams"]) == 1))
        self.zcctl.ok("clean", "--force")
        self.assertEqual(self.sockets()["findings"], [])
        self.sock = other
        self.check_next(framed=True)
        self.sock.close()
        self.assertTrue(wait_until(lambda: self.sockets()["streams"] == []))
        self.assertEqual([f["id"] for f in self.sockets()["findings"]], ["ended"])
        text = self.zcctl.ok("clean").out
        self.assertIn(f"removed pins of {target['target']}", text)
        self.assertIn("its connections are gone", text)
        self.check_gone()

    def test_clean_removes_them_when_their_namespace_is_gone(self):
        self.assertEqual(self.attach_process().code, 0)
        self.app.kill()
        self.app.wait()
        self.wire.remove()
        text = program.execute((program.ZCCTL, "clean")).out
        self.assertIn("its connections are gone", text)
        self.check_gone()
        self.wire = Wire()  # for what comes behind a test

    def test_one_that_a_cgroups_rule_has_is_refused(self):
        self.attached()
        self.sock = self.connect()
        self.check_next(framed=True)
        before = program.pins()
        self.assertEqual(self.attach_process().code, CANNOT)
        self.assertEqual(program.pins(), before)
        self.check_next(framed=True)

    def test_what_is_not_there_is_named(self):
        self.check_exit(self.attach_process(fd=":999"), EXISTS)
        self.check_exit(self.attach_process(fd=":0"), 1)
        self.check_exit(self.zcctl.run("attach", "pid:999999", "--from", f":{PORT}", "--framing",
                                       "rfc4571", "--segment", 1316, "--payload", "MP2T"), EXISTS)
        self.check_gone()


class Refused(TcpCase):
    def check(self, code, *words):
        self.check_exit(self.zcctl.run("attach", *words), code)
        self.check_gone()

    def test_what_does_not_go_together(self):
        frames = ("--framing", "rfc4571", "--segment", 1316)
        local = ("--from", f":{PORT}", "--payload", "MP2T")
        self.check(USAGE, self.group.target, *local)
        self.check(USAGE, self.group.target, *local, "--framing", "rfc4571")
        self.check(USAGE, self.group.target, *frames, "--payload", "MP2T")
        self.check(USAGE, self.group.target, *local, *frames, "--to", f"{VIEWER_V4}:1")
        for option in (("--checksum", "sum"), ("--rate", "8M"), ("--rtcp", "on"), ("--idle", 5),
                       ("--pid", 1), ("--hook", "tcx"), ("--continue",)):
            self.check(USAGE, self.group.target, *local, *frames, *option)
        self.check(USAGE, "out", "--to", f"{VIEWER_V4}:5004", "--payload", "MP2T", *frames)
        self.check(USAGE, "out", *local)
        self.check(USAGE, "cgroup:relative", *local, *frames)
        self.check(USAGE, "cgroup:/proc", *local, *frames)
        self.check(EXISTS, f"{self.group.target}-not-there", *local, *frames)


if __name__ == "__main__":
    sandbox.main()
