// SPDX-License-Identifier: GPL-2.0-only
#include "env/payload_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

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

// ISO/IEC 13818-1 2.4.3.2 and 2.4.3.4: an adaptation field with a PCR and nothing else.
constexpr uint64_t kPcrHz = 27'000'000;
constexpr uint64_t kPcrByte = 10;  // of the packet: the one to which the time belongs
constexpr uint8_t kClockPid = 0x42;

std::array<uint8_t, 4> ts_header(bool has_pcr, uint64_t counter) {
  return {kTsSyncByte, 0, kClockPid,
          static_cast<uint8_t>((has_pcr ? 0x30 : 0x10) | (counter & 15))};
}

std::array<uint8_t, 8> pcr_field(uint64_t pcr) {
  std::array<uint8_t, 8> field{7, 0x10};
  const uint64_t value = (pcr / 300 & 0x1ffffffff) << 15 | 0x3f << 9 | pcr % 300;
  for (size_t i = 0; i < 6; i++)
    field[2 + i] = static_cast<uint8_t>(value >> (40 - 8 * i));
  return field;
}

// Where the next PCR comes, and which it is.
class Pcrs {
 public:
  explicit Pcrs(const TsRate& rate) : rate_(rate) {}

  // The next packet's, or nothing. Of a constant rate they are exact, to the last unit.
  std::optional<uint64_t> next() {
    const uint64_t packet = packet_++;
    if (packet < due_) return {};
    const uint64_t spread = rate_.fastest_bps - rate_.slowest_bps;
    const uint64_t bps = rate_.slowest_bps + (spread == 0 ? 0 : word_at(packet) % spread);
    const uint64_t packets = std::max<uint64_t>(bps * rate_.pcr_ms / 8000 / kTsPacketBytes, 1);
    const uint64_t pcr = spread == 0 ? (packet * kTsPacketBytes + kPcrByte) * 8 * kPcrHz / bps
                                     : gaps_ * rate_.pcr_ms * (kPcrHz / 1000);
    due_ = packet + packets;
    gaps_++;
    return pcr;
  }

 private:
  TsRate rate_;
  uint64_t packet_ = 0, due_ = 0, gaps_ = 0;
};

void make_ts_packet(std::span<uint8_t, kTsPacketBytes> packet, uint64_t number,
                    const std::optional<uint64_t>& pcr) {
  for (size_t at = 0; at + sizeof(uint64_t) <= packet.size(); at += sizeof(uint64_t)) {
    const uint64_t word = word_at(number * kTsPacketBytes + at);
    std::memcpy(&packet[at], &word, sizeof(word));
  }
  const auto header = ts_header(pcr.has_value(), number);
  std::copy(header.begin(), header.end(), packet.begin());
  if (!pcr) return;
  const auto field = pcr_field(*pcr);
  std::copy(field.begin(), field.end(), packet.begin() + header.size());
}

Status write_ts_packets(int fd, uint64_t packets, const TsRate& rate) {
  std::vector<uint8_t> block;
  Pcrs pcrs(rate);
  for (uint64_t number = 0; number < packets; number++) {
    block.resize(block.size() + kTsPacketBytes);
    make_ts_packet(std::span(block).last<kTsPacketBytes>(), number, pcrs.next());
    if (block.size() < kBlockBytes) continue;
    ZC_TRY(write_all(fd, block.data(), block.size()));
    block.clear();
  }
  ZC_TRY(write_all(fd, block.data(), block.size()));
  return sync(fd);
}

}  // namespace

double ticks_per_byte(const TsRate& rate) {
  return 8.0 * kClockHz * 2 / static_cast<double>(rate.slowest_bps + rate.fastest_bps);
}

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
