// SPDX-License-Identifier: GPL-2.0-only
// Receivers that nobody here wrote: GStreamer for RFC 4571, ffmpeg for RTSP's interleaved frames
// (RFC 2326 10.12) behind a handshake that goes unframed. Every byte comes out.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "fixture.h"
#include "support/process.h"
#include "ts_film.h"

namespace zc::test {
namespace {

constexpr unsigned kPackets = 7 * 2000;  // of 188 bytes: whole frames of 1316

class ReceiversTest : public TcpTest {
 protected:
  void SetUp() override { out_ = "/tmp/zc-tcp-" + std::to_string(getpid()) + ".out"; }
  void TearDown() override {
    unlink(out_.c_str());
    TcpTest::TearDown();
  }

  static bool have(const std::string& tool) {
    return run({"/bin/sh", "-c", "command -v " + tool}).exit_code == 0;
  }

  void expect_file(const Source& source, const std::string& said) const {
    std::ifstream in(out_, std::ios::binary);
    const std::vector<char> got{std::istreambuf_iterator<char>(in), {}};
    const std::vector<char> wanted(source.bytes, source.bytes + source.size);
    EXPECT_EQ(got.size(), wanted.size()) << said;
    EXPECT_TRUE(got == wanted) << said;
  }

  std::string out_;
};

TEST_F(ReceiversTest, GStreamerHasEveryByteOfOneSendfile) {
  if (!have("gst-launch-1.0")) GTEST_SKIP() << "gst-launch-1.0 is not installed";
  const SourceFile film(transport_stream(kPackets));
  put_rule(kPaths[0].to, look_of(1316, false));
  ProcessResult gst;
  std::thread receiver([&] {
    gst = run(
        {"/bin/sh", "-c",
         "exec gst-launch-1.0 tcpserversrc host=127.0.0.1 port=5004 do-timestamp=false ! "
         "'application/x-rtp-stream,media=video,clock-rate=90000,encoding-name=MP2T,payload=33' ! "
         "rtpstreamdepay ! rtpmp2tdepay ! filesink location=" +
             out_});
  });
  Sent sent;
  sent.fault = "nobody listens";
  for (int tries = 0; tries < 200 && !sent.fault.empty(); ++tries)
    try {
      const Fd socket = connect_to(kPaths[0].to, 0);
      sent = send_all(socket.get(), film.first(kPackets * 188), {}, 1);
    } catch (const std::runtime_error&) {
      usleep(50000);
    }
  receiver.join();
  EXPECT_EQ(sent.fault, "");
  EXPECT_EQ(sent.calls.size(), 1U);
  expect_file(film.first(kPackets * 188), describe(gst));
}

// What an RTSP server says to OPTIONS, DESCRIBE, SETUP and PLAY, in this order.
std::vector<std::string> answers() {
  const std::string sdp =
      "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=sound\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
      "m=audio 0 RTP/AVP 96\r\na=rtpmap:96 L16/48000/2\r\na=control:sound\r\n";
  return {"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, SETUP, PLAY\r\n\r\n",
          "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: " +
              std::to_string(sdp.size()) + "\r\n\r\n" + sdp,
          "RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
          "Session: 1\r\n\r\n",
          "RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 1\r\nRange: npt=0-\r\n\r\n"};
}

// Reads one request, to its empty line.
bool read_request(int socket) {
  std::string text;
  for (char letter; recv(socket, &letter, 1, 0) == 1;)
    if ((text += letter).ends_with("\r\n\r\n")) return true;
  return false;
}

TEST_F(ReceiversTest, FfmpegHasEveryByteBehindAnRtspHandshake) {
  if (!have("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  const Source sound = file().first(1316 * 2000);
  const std::vector<std::string> all = answers();
  Look look = look_of(1316, true);
  look.channel = 0;
  look.payload_type = 96;
  FramingRule rule = rule_of(look);
  rule.framing.skip = ZC_SKIP_BYTES;
  rule.timestamp = ZC_TIMESTAMP_SAMPLES;
  rule.ticks_whole = 0;
  rule.ticks_q64 = uint64_t{1} << 62;  // four octets a sample
  for (const std::string& answer : all)
    rule.framing.skip_bytes += answer.size();
  framer().put_rule_from(5554, rule);

  const Fd listener = listen_on("127.0.0.1:5554", "", 0);
  ProcessResult ffmpeg;
  std::thread receiver([&] {
    ffmpeg = run({"ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-f", "rtsp", "-i",
                  "rtsp://127.0.0.1:5554/sound", "-map", "0", "-c", "copy", "-f", "data", out_});
  });
  const Fd socket(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  for (const std::string& answer : all) {
    ASSERT_TRUE(read_request(socket.get()));
    ASSERT_EQ(send(socket.get(), answer.data(), answer.size(), 0),
              static_cast<ssize_t>(answer.size()));
  }
  const Sent sent = send_all(socket.get(), sound, {}, 1);
  receiver.join();
  EXPECT_EQ(sent.fault, "");
  expect_file(sound, describe(ffmpeg));
}

}  // namespace
}  // namespace zc::test
