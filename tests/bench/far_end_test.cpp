// SPDX-License-Identifier: GPL-2.0-only
// The far ends as a whole: each must find a run good that is, and void that is not.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <thread>

#include "counters.h"
#include "env/tap.h"
#include "job/udp_frame.h"
#include "receiver.h"
#include "tcp_receiver.h"

namespace zc::bench {
namespace {

using Bytes = std::vector<uint8_t>;

// Two packets of four bytes.
const Bytes kFile{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};

// Three packets with an application's headers, from the file's second on.
Expected three_packets() {
  Stream stream;
  stream.file_bytes = kFile.size();
  stream.payload_bytes = 4;
  stream.packets = 3;
  stream.first_packet = 1;
  stream.first_seq = 65535;
  return {stream, kFile, Rtp::kApplication};
}

// V=2, PT 96, timestamp 1, SSRC 2.
Bytes packet(uint16_t seq, const std::string& payload) {
  Bytes bytes{
      0x80, 0x60, static_cast<uint8_t>(seq >> 8), static_cast<uint8_t>(seq), 0, 0, 0, 1, 0, 0,
      0,    2};
  for (const char byte : payload)
    bytes.push_back(static_cast<uint8_t>(byte));
  return bytes;
}
const std::vector<Bytes> kGood{packet(65535, "efgh"), packet(0, "abcd"), packet(1, "efgh")};

std::vector<Bytes> with(size_t i, const Bytes& other) {
  std::vector<Bytes> packets = kGood;
  packets.at(i) = other;
  return packets;
}
std::vector<Bytes> without_the_last() {
  return {kGood[0], kGood[1]};
}
std::vector<Bytes> with_one_too_many() {
  std::vector<Bytes> packets = kGood;
  packets.push_back(packet(2, "abcd"));
  return packets;
}

// A bound socket of the loopback device and one that is connected to it.
struct Pair {
  Fd far, near;
};
Pair loopback(int type) {
  Pair pair{Fd(socket(AF_INET, type | SOCK_CLOEXEC, 0)),
            Fd(socket(AF_INET, type | SOCK_CLOEXEC, 0))};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const timeval nap{0, 20000};
  EXPECT_EQ(bind(pair.far.get(), any, size), 0);
  EXPECT_EQ(getsockname(pair.far.get(), any, &size), 0);
  EXPECT_EQ(setsockopt(pair.far.get(), SOL_SOCKET, SO_RCVTIMEO, &nap, sizeof(nap)), 0);
  const bool listens = type == SOCK_STREAM && listen(pair.far.get(), 1) == 0;
  EXPECT_EQ(connect(pair.near.get(), any, size), 0);
  if (listens) pair.far = Fd(accept4(pair.far.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return pair;
}

std::string received(const std::vector<Bytes>& packets) {
  const Pair pair = loopback(SOCK_DGRAM);
  Receiver receiver(pair.far.get(), three_packets(), 1);
  for (const Bytes& bytes : packets)
    EXPECT_EQ(send(pair.near.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  receiver.drain();
  return receiver.verdict().problem;
}

TEST(Receiver, FindsGoodPacketsGood) {
  EXPECT_EQ(received(kGood), "");
}

TEST(Receiver, FindsEachFault) {
  EXPECT_EQ(received(without_the_last()), "2 of 3 packets were received");
  EXPECT_EQ(received(with_one_too_many()), "4 of 3 packets were received");
  EXPECT_EQ(received(with(1, packet(0, "abcx"))), "packet 1: other bytes than the file's");
  EXPECT_EQ(received(with(2, packet(2, "efgh"))), "packet 2: RTP sequence number 2, not 1");
  EXPECT_EQ(received(with(1, packet(0, "abcde"))), "packet 1: 17 bytes, not 16");
}

TEST(Receiver, TakesDatagramsOfEverySize) {
  const Bytes file(65504, 'x');
  Expected large;
  large.stream.file_bytes = large.stream.payload_bytes = file.size();
  large.stream.packets = 1;
  large.file = file;
  const Pair pair = loopback(SOCK_DGRAM);
  Receiver receiver(pair.far.get(), large, 1);
  ASSERT_EQ(send(pair.near.get(), file.data(), file.size(), 0), 65504);
  EXPECT_EQ(receiver.verdict().problem, "");
}

// A frame as a packet socket has it: what is asked of the device, then the frame.
Bytes frame_of(const Bytes& datagram) {
  const UdpFrame headers(datagram.size());
  Bytes bytes(sizeof(VnetHeader) + headers.bytes());
  auto* const frame = reinterpret_cast<char*>(&bytes[sizeof(VnetHeader)]);
  std::memcpy(frame + UdpFrame::kHeaderBytes, datagram.data(), datagram.size());
  headers.write_summed(frame, frame + UdpFrame::kHeaderBytes);
  return bytes;
}

std::string tapped(const std::vector<Bytes>& frames) {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Fd near(ends[0]);
  const auto tap = tap_on(Fd(ends[1]), three_packets());
  for (const Bytes& frame : frames)
    EXPECT_EQ(send(near.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
  return tap->verdict().problem;
}

std::vector<Bytes> frames_of(const std::vector<Bytes>& packets) {
  std::vector<Bytes> frames;
  frames.reserve(packets.size());
  for (const Bytes& one : packets)
    frames.push_back(frame_of(one));
  return frames;
}

TEST(Tap, FindsGoodFramesGood) {
  EXPECT_EQ(tapped(frames_of(kGood)), "");
}

TEST(Tap, FindsEachFault) {
  EXPECT_EQ(tapped(frames_of(without_the_last())), "2 of 3 packets left nic0");
  EXPECT_EQ(tapped(frames_of(with_one_too_many())), "4 of 3 packets left nic0");
  EXPECT_EQ(tapped(frames_of(with(1, packet(0, "abcx")))), "packet 1: other bytes than the file's");
  EXPECT_EQ(tapped(frames_of(with(0, packet(65534, "efgh")))),
            "packet 0: RTP sequence number 65534, not 65535");
  std::vector<Bytes> wrong_sum = frames_of(kGood);
  wrong_sum[1].at(sizeof(VnetHeader) + UdpFrame::kUdpStart + 6) ^= 1;
  EXPECT_EQ(tapped(wrong_sum), "wrong UDP checksum");
}

// Three datagrams of 16 bytes: 14 + 20 + 8 bytes of headers each.
Counters after(uint64_t frames, uint64_t bytes, uint64_t dropped = 0) {
  return {frames, bytes, dropped};
}

std::string counted(const Expected& expected, unsigned mtu, const Counters& arrived,
                    uint64_t failed_sends = 0, bool may_be_uncut = false) {
  Counters now{100, 10000, 0};
  CountingFarEnd far_end(expected, mtu, may_be_uncut, [&] { return now; });
  now = {now.frames + arrived.frames, now.bytes + arrived.bytes, arrived.dropped};
  far_end.sends_failed(failed_sends);
  far_end.drain();
  return far_end.verdict().problem;
}

TEST(CountingFarEnd, FindsWhatIsMissingAndWhatIsTooMuch) {
  const Expected three = three_packets();
  EXPECT_EQ(counted(three, 1500, after(3, 3 * 58)), "");
  EXPECT_EQ(counted(three, 1500, after(2, 2 * 58)), "2 of 3 packets reached nic0");
  EXPECT_EQ(counted(three, 1500, after(4, 4 * 58)), "4 of 3 packets reached nic0");
  EXPECT_EQ(counted(three, 1500, after(3, 3 * 58 - 1)), "47 of 48 bytes reached nic0");
  EXPECT_EQ(counted(three, 1500, after(3, 3 * 58, 1)), "nic0 dropped 1");
  EXPECT_EQ(counted(three, 1500, after(4, 4 * 58), 1), "4 of 3 packets reached nic0");
}

TEST(CountingFarEnd, ADeviceThatCutsCountsADatagramOnce) {
  EXPECT_EQ(counted(three_packets(), 1500, after(1, 14 + 20 + 8 + 48), 0, true), "");
  EXPECT_EQ(counted(three_packets(), 1500, after(1, 14 + 20 + 8 + 32), 0, true),
            "32 of 48 bytes reached nic0");
}

// 8 + 2004 bytes of IP payload with an MTU of 1500: 1480 and 532.
TEST(CountingFarEnd, OfASendThatFailedTheFirstFragmentsMayHaveLeft) {
  Expected large = three_packets();
  large.rtp = Rtp::kNone;
  large.stream.payload_bytes = 2004;
  const uint64_t bytes = 3 * (2 * 34 + 8 + 2004);
  EXPECT_EQ(counted(large, 1500, after(6, bytes)), "");
  EXPECT_EQ(counted(large, 1500, after(7, bytes + 1514)), "7 of 6 packets reached nic0");
  EXPECT_EQ(counted(large, 1500, after(7, bytes + 1514), 1), "");
  EXPECT_EQ(counted(large, 1500, after(8, bytes + 2 * 1514), 1), "8 of 6 packets reached nic0");
  EXPECT_EQ(counted(large, 1500, after(5, bytes), 1), "5 of 6 packets reached nic0");
}

// Frames behind a queue come when the last send has long returned.
TEST(CountingFarEnd, DrainsUntilAllFramesAreThere) {
  uint64_t looks = 0;
  CountingFarEnd far_end(three_packets(), 1500, false, [&] {
    const uint64_t frames = std::min<uint64_t>(looks++ / 4, 3);
    return Counters{frames, frames * 58, 0};
  });
  far_end.drain();
  EXPECT_EQ(far_end.verdict().problem, "");
}

constexpr size_t kBlock = 256 << 10;

// `sent` in small pieces, so that a reader that does not wait gets less than a block each time.
void trickle(const Fd& near, const Bytes& sent) {
  constexpr size_t kPiece = 16 << 10;
  for (size_t i = 0; i < sent.size(); i += kPiece) {
    EXPECT_EQ(send(near.get(), &sent[i], std::min(kPiece, sent.size() - i), 0),
              static_cast<ssize_t>(std::min(kPiece, sent.size() - i)));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

std::string tcp_received(const Bytes& file, const Bytes& sent, uint64_t compare_every,
                         uint64_t first_packet = 0) {
  Expected expected;
  expected.stream.file_bytes = file.size();
  expected.stream.payload_bytes = 1024;
  expected.stream.packets = file.size() / 1024;
  expected.stream.first_packet = first_packet;
  expected.file = file;
  Pair pair = loopback(SOCK_STREAM);
  TcpReceiver receiver(pair.near.get(), std::move(pair.far), expected, compare_every);
  trickle(pair.near, sent);
  return receiver.verdict().problem;
}

Bytes some_file() {
  Bytes file(4 * kBlock);
  std::iota(file.begin(), file.end(), 0);
  return file;
}

TEST(TcpReceiver, FindsGoodBytesGoodAndEachFault) {
  const Bytes file = some_file();
  EXPECT_EQ(tcp_received(file, file, 1), "");
  Bytes wrong = file;
  wrong[kBlock + 7] ^= 1;
  EXPECT_EQ(tcp_received(file, wrong, 1), "other bytes than the file's behind byte 262144");
  EXPECT_EQ(tcp_received(file, Bytes(file.begin(), file.end() - 1), 1),
            "1048575 of 1048576 bytes were received");
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_EQ(tcp_received(file, longer, 1), "1048577 of 1048576 bytes were received");
}

TEST(TcpReceiver, BeginsWhereTheStreamDoes) {
  const Bytes file = some_file();
  Bytes turned = file;
  std::rotate(turned.begin(), turned.begin() + 1024, turned.end());
  turned[0] ^= 1;  // else the same, as the bytes repeat
  Bytes other = file;
  other[1024] ^= 1;
  EXPECT_EQ(tcp_received(other, turned, 1, 1), "");
  EXPECT_NE(tcp_received(other, turned, 1, 0), "");
}

// Every second block is looked at, however the bytes come, and nothing of those between.
TEST(TcpReceiver, ComparesTheSameShareOfEveryMethodsBytes) {
  const Bytes file = some_file();
  Bytes wrong = file;
  std::fill_n(wrong.begin() + kBlock, kBlock, 'x');
  EXPECT_EQ(tcp_received(file, wrong, 2), "");
  wrong = file;
  wrong[3 * kBlock - 1] ^= 1;
  EXPECT_EQ(tcp_received(file, wrong, 2), "other bytes than the file's behind byte 524288");
}

// RFC 4571: 16 bits of length, then the packet.
Bytes frames(const std::vector<Bytes>& packets) {
  Bytes stream;
  for (const Bytes& one : packets) {
    stream.insert(stream.end(), {0, static_cast<uint8_t>(one.size())});
    stream.insert(stream.end(), one.begin(), one.end());
  }
  return stream;
}

std::string frames_received(const Bytes& stream, Rtp rtp = Rtp::kApplicationFrames) {
  Expected expected = three_packets();
  expected.rtp = rtp;
  Pair pair = loopback(SOCK_STREAM);
  TcpReceiver receiver(pair.near.get(), std::move(pair.far), expected, 1);
  EXPECT_EQ(send(pair.near.get(), stream.data(), stream.size(), 0),
            static_cast<ssize_t>(stream.size()));
  return receiver.verdict().problem;
}

TEST(TcpReceiver, FindsGoodFramesGoodAndEachFault) {
  const Bytes good = frames(kGood);
  ASSERT_EQ(good.size(), 3U * 18);
  EXPECT_EQ(frames_received(good), "");
  EXPECT_EQ(frames_received(good, Rtp::kZcctlFrames), "");
  EXPECT_EQ(frames_received(frames(with(1, packet(0, "abcx")))),
            "packet 1: other bytes than the file's");
  EXPECT_EQ(frames_received(frames(with(2, packet(2, "efgh")))),
            "packet 2: RTP sequence number 2, not 1");
  EXPECT_EQ(frames_received(frames(without_the_last())), "36 of 54 bytes were received");
  EXPECT_EQ(frames_received(frames(with_one_too_many())), "72 of 54 bytes were received");
  Bytes longer = good;
  longer[19] = 17;
  EXPECT_EQ(frames_received(longer), "frame 1 has a length of 17, not 16");
  EXPECT_EQ(frames_received(Bytes(good.begin(), good.end() - 1)), "17 bytes behind the last frame");
  EXPECT_NE(frames_received(kFile), "");  // no frames at all
}

// Sequence numbers go on over what is not looked at.
TEST(TcpReceiver, KnowsTheNumberBehindFramesThatNobodyLookedAt) {
  StreamCheck check(three_packets(), 1);
  check.datagram(kGood[0]);
  check.skip(1);
  check.datagram(kGood[2]);
  EXPECT_EQ(check.problem(), "");
  EXPECT_EQ(check.packets(), 3U);
  StreamCheck other(three_packets(), 1);
  other.datagram(kGood[0]);
  other.skip(1);
  other.datagram(packet(0, "efgh"));
  EXPECT_EQ(other.problem(), "packet 2: RTP sequence number 0, not 1");
}

// What it relies on: not said in tcp(7).
TEST(TcpReceiver, TheKernelWaitsForAllOfWhatItDoesNotCopy) {
  const Pair pair = loopback(SOCK_STREAM);
  const timeval patience{0, 100000};
  ASSERT_EQ(setsockopt(pair.far.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
  Bytes block(64 << 10);
  std::thread sender([&] { trickle(pair.near, Bytes(100 << 10)); });
  const auto take = [&] {
    return recv(pair.far.get(), block.data(), block.size(), MSG_TRUNC | MSG_WAITALL);
  };
  EXPECT_EQ(take(), 64 << 10);
  EXPECT_EQ(take(), 36 << 10);  // SO_RCVTIMEO ends it
  sender.join();
  ASSERT_EQ(send(pair.near.get(), block.data(), 5, 0), 5);
  ASSERT_EQ(shutdown(pair.near.get(), SHUT_WR), 0);
  EXPECT_EQ(take(), 5);  // and so does the end of the stream
  EXPECT_EQ(take(), 0);
}

}  // namespace
}  // namespace zc::bench
