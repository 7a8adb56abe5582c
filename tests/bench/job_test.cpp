// SPDX-License-Identifier: GPL-2.0-only
// What methods are given to send, and what those that map pay for it.
#include "job/job.h"

#include <arpa/inet.h>
#include <endian.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

// Five packets of 4 bytes; two bytes more fill none.
Stream five_packets(uint64_t packets) {
  return {.file_bytes = 22, .payload_bytes = 4, .packets = packets};
}

bool always(uint64_t /*sent*/) {
  return true;
}

TEST(JobNext, APartEndsWhereTheFileDoes) {
  Job job(five_packets(8), -1, always);
  const Part first = job.next(3), second = job.next(3), third = job.next(3);
  EXPECT_EQ(first.offset, 0);
  EXPECT_EQ(first.packets, 3U);
  EXPECT_EQ(second.offset, 12);
  EXPECT_EQ(second.packets, 2U);
  EXPECT_EQ(second.bytes, 8U);
  EXPECT_EQ(third.offset, 0);
  EXPECT_EQ(third.first, 5U);
  EXPECT_EQ(third.packets, 3U);
  EXPECT_FALSE(job.next(3));
  EXPECT_EQ(job.taken(), 8U);
}

TEST(JobNext, BeginsWhereTheStreamSays) {
  Stream stream = five_packets(4);
  stream.first_packet = 3;
  Job job(stream, -1, always);
  const Part last = job.next(64), again = job.next(64);
  EXPECT_EQ(last.first, 0U);
  EXPECT_EQ(last.offset, 12);
  EXPECT_EQ(last.packets, 2U);
  EXPECT_EQ(again.offset, 0);
  EXPECT_EQ(again.packets, 2U);
  EXPECT_FALSE(job.next(64));
}

TEST(JobNext, AFileOfOnePacketStartsAgainEachTime) {
  Job job({.file_bytes = 5, .payload_bytes = 4, .packets = 2}, -1, always);
  EXPECT_EQ(job.next(64).packets, 1U);
  EXPECT_EQ(job.next(64).offset, 0);
  EXPECT_FALSE(job.next(64));
}

TEST(JobNext, StoredHeadersBelongToThePart) {
  Stream stream = five_packets(2);
  stream.stored_header_bytes = 7;
  Job job(stream, -1, always);
  EXPECT_EQ(job.next(64).bytes, 22U);
}

TEST(JobNext, EndsWhereItMayNotGoOn) {
  Job job(five_packets(1000), -1, [](uint64_t sent) { return sent < 256; });
  uint64_t taken = 0;
  while (const Part part = job.next())
    taken += part.packets;
  EXPECT_EQ(taken, 256U);
}

TEST(JobHeader, TheSequenceNumberBeginsWhereTheStreamSaysAndWraps) {
  Stream stream = five_packets(8);
  stream.first_seq = 65534;
  const Job job(stream, -1, always);
  EXPECT_EQ(be16toh(job.header(0).seq), 65534);
  EXPECT_EQ(be16toh(job.header(1).seq), 65535);
  EXPECT_EQ(be16toh(job.header(2).seq), 0);
}

// A socket whose datagrams go nowhere: to one of the same host that nobody reads.
struct Nowhere {
  Fd sink, near;
};
Nowhere open_nowhere() {
  Nowhere open{Fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
               Fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(open.sink.get(), any, size), 0);
  EXPECT_EQ(getsockname(open.sink.get(), any, &size), 0);
  EXPECT_EQ(connect(open.near.get(), any, size), 0);
  return open;
}

// Faster methods, which send the file more often in the same time, would else pay a smaller share.
TEST(Mapping, WhoMapsTheFileDoesSoForEachPass) {
  const Fd file(memfd_create("stored", MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(file.get(), 4000), 0);
  unsigned mapping = 0;
  for (const Method* const method : all_methods()) {
    if (method->way != Way::kUdp || !method->missing().empty()) continue;
    void* const mapped = mmap(nullptr, 4000, PROT_READ, MAP_SHARED, file.get(), 0);
    const Nowhere nowhere = open_nowhere();
    // Four packets are the file: twice, and a half.
    const Stream stream{.file = file.get(),
                        .file_bytes = 4000,
                        .payload_bytes = 1000,
                        .packets = 10,
                        .mapped = {static_cast<const uint8_t*>(mapped), 4000}};
    Job job(stream, nowhere.near.get(), always);
    method->send(job);
    EXPECT_EQ(job.kernel().error(), "") << method->name;
    const auto calls = job.kernel().calls();
    if (calls.contains("mmap")) {
      mapping++;
      EXPECT_EQ(calls.at("mmap"), 3U) << method->name;
      EXPECT_EQ(calls.at("munmap"), 3U) << method->name;
    }
    munmap(mapped, 4000);
  }
  EXPECT_GE(mapping, 8U);
}

}  // namespace
}  // namespace zc::bench
