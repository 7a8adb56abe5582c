// SPDX-License-Identifier: GPL-2.0-only
#include "env/payload_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "clocked_ts.h"
#include "job/job.h"
#include "os/nameless_file.h"
#include "ts_packets.h"

namespace zc::bench {
namespace {

constexpr size_t kBlockBytes = 1 << 20;
constexpr size_t kPageBytes = 4096;

// SplitMix64 (Steele, Lea, Flood 2014) of the word's position.
uint64_t word_at(uint64_t position) {
  uint64_t z = (position + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Status write_all(int fd, const void* from, size_t bytes) {
  const ssize_t wrote = write(fd, from, bytes);
  if (wrote == static_cast<ssize_t>(bytes)) return ok();
  return system_error(wrote < 0 ? errno : ENOSPC, "cannot write the file to send");
}

Status sync(int fd) {
  if (fdatasync(fd) != 0) return system_error(errno, "cannot write the file to send");
  return ok();
}

Status write_words(int fd, uint64_t bytes) {
  std::vector<uint64_t> block(kBlockBytes / sizeof(uint64_t));
  for (uint64_t done = 0; done < bytes;) {
    for (size_t i = 0; i < block.size(); i++)
      block[i] = word_at(done / sizeof(uint64_t) + i);
    const uint64_t now = std::min<uint64_t>(kBlockBytes, bytes - done);
    ZC_TRY(write_all(fd, block.data(), now));
    done += now;
  }
  return sync(fd);
}

// Packets of a stream of its own: the headers are what Job makes for an application.
Status write_packets(int fd, const PayloadFile& from, size_t payload_bytes) {
  const Stream stream{.file_bytes = from.size(), .payload_bytes = payload_bytes};
  const Job job(stream, -1, {});
  std::vector<uint8_t> block;
  for (uint64_t packet = 0; packet < stream.packets_in_file(); packet++) {
    const zc_rtp_header header = job.header(packet);
    const auto* const bytes = reinterpret_cast<const uint8_t*>(&header);
    const auto payload = from.bytes().subspan(packet * payload_bytes, payload_bytes);
    block.insert(block.end(), bytes, bytes + sizeof(header));
    block.insert(block.end(), payload.begin(), payload.end());
    if (block.size() < kBlockBytes) continue;
    ZC_TRY(write_all(fd, block.data(), block.size()));
    block.clear();
  }
  ZC_TRY(write_all(fd, block.data(), block.size()));
  return sync(fd);
}

void fill_words(std::span<uint8_t> to, uint64_t position) {
  for (size_t at = 0; at + sizeof(uint64_t) <= to.size(); at += sizeof(uint64_t)) {
    const uint64_t word = word_at(position + at);
    std::memcpy(&to[at], &word, sizeof(word));
  }
}

Status write_ts_packets(int fd, uint64_t packets, const TsRate& rate) {
  std::vector<uint8_t> block;
  ClockedTs clocked(rate);
  for (uint64_t number = 0; number < packets; number++) {
    block.resize(block.size() + kTsPacketBytes);
    const auto packet = std::span(block).last<kTsPacketBytes>();
    fill_words(packet, number * kTsPacketBytes);
    clocked.stamp(packet);
    if (block.size() < kBlockBytes) continue;
    ZC_TRY(write_all(fd, block.data(), block.size()));
    block.clear();
  }
  ZC_TRY(write_all(fd, block.data(), block.size()));
  return sync(fd);
}

}  // namespace

Result<std::unique_ptr<PayloadFile>> PayloadFile::make_transport_stream(uint64_t bytes,
                                                                        const TsRate& rate) {
  Fd fd = ZC_TRY(open_nameless());
  const uint64_t packets = bytes / kTsPacketBytes;
  ZC_TRY(write_ts_packets(fd.get(), packets, rate));
  return map(std::move(fd), packets * kTsPacketBytes);
}

Result<std::unique_ptr<PayloadFile>> PayloadFile::make(uint64_t bytes) {
  Fd fd = ZC_TRY(open_nameless());
  ZC_TRY(write_words(fd.get(), bytes));
  return map(std::move(fd), bytes);
}

Result<std::unique_ptr<PayloadFile>> PayloadFile::packetize(const PayloadFile& from,
                                                            size_t payload_bytes) {
  Fd fd = ZC_TRY(open_nameless());
  ZC_TRY(write_packets(fd.get(), from, payload_bytes));
  const uint64_t packets = from.size() / payload_bytes;
  return map(std::move(fd), packets * (kRtpHeaderBytes + payload_bytes));
}

Result<std::unique_ptr<PayloadFile>> PayloadFile::map(Fd fd, uint64_t bytes) {
  void* const where = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (where == MAP_FAILED) return system_error(errno, "cannot map the file to send");
  const std::span<const uint8_t> mapped(static_cast<const uint8_t*>(where), bytes);
  return std::unique_ptr<PayloadFile>(new PayloadFile(std::move(fd), mapped));
}

PayloadFile::~PayloadFile() {
  munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

double PayloadFile::warm() const {
  std::vector<unsigned char> resident((size() + kPageBytes - 1) / kPageBytes);
  mincore(const_cast<uint8_t*>(bytes_.data()), bytes_.size(), resident.data());
  const auto there = std::count_if(resident.begin(), resident.end(),
                                   [](unsigned char page) { return (page & 1) != 0; });
  std::vector<char> block(kBlockBytes);
  for (uint64_t done = 0; done < size(); done += kBlockBytes) {
    if (pread(fd(), block.data(), block.size(), static_cast<off_t>(done)) <= 0) break;
  }
  // Linux 5.14; before that, methods that want it touched pay for the first round, which is thrown
  // away.
  (void)madvise(const_cast<uint8_t*>(bytes_.data()), bytes_.size(), MADV_POPULATE_READ);
  return static_cast<double>(there) / static_cast<double>(resident.size());
}

}  // namespace zc::bench
