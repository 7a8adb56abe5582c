// SPDX-License-Identifier: GPL-2.0-only
#include "env/sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "os/memory.h"

namespace zc::bench {
namespace {

constexpr uint64_t kHotFileBytes = 4 << 20;
constexpr uint64_t kLargeFileBytes = 1 << 30;
// A smaller file is in part found in the cache when it starts again.
constexpr uint64_t kTimesTheCache = 4;
// Long enough for the start of a program to be a small part of it.
constexpr uint64_t kTransportStreamBytes = 256 << 20;
constexpr uint64_t kShortTransportStreamBytes = 16 << 20;

// A quarter of a small machine's memory, rather than a file that does not stay in the page cache:
// there may be a second one, with headers in it.
uint64_t large_file_bytes() {
  return std::clamp<uint64_t>(available_memory() / 4, kHotFileBytes, kLargeFileBytes);
}

}  // namespace

Sources::Sources(bool smoke) : smoke_(smoke), large_bytes_(large_file_bytes()) {}

std::string Sources::cache_warning() const {
  const uint64_t cache = last_level_cache();
  if (large_bytes_ >= kTimesTheCache * cache) return {};
  return fmt::format(
      "zcctl: the large file has {} MiB, less than {} times the last-level cache of {} MiB, which "
      "may help\n",
      large_bytes_ >> 20, kTimesTheCache, cache >> 20);
}

Result<const PayloadFile*> Sources::file(Source source) {
  std::unique_ptr<PayloadFile>& file = files_[source];
  if (!file) file = ZC_TRY(make(source));
  return file.get();
}

Result<std::unique_ptr<PayloadFile>> Sources::make(Source source) const {
  switch (source) {
    case Source::kHot:
      return PayloadFile::make(kHotFileBytes);
    case Source::kSteadyTs:
      return PayloadFile::make_transport_stream(smoke_ ? kHotFileBytes : large_bytes_, kSteadyRate);
    case Source::kUnevenTs:
      return PayloadFile::make_transport_stream(smoke_ ? kHotFileBytes : large_bytes_, kUnevenRate);
    default:
      return PayloadFile::make(large_bytes_);
  }
}

Status Sources::warm(Source source) {
  ZC_TRY(file(source))->warm();
  return ok();
}

Result<const PayloadFile*> Sources::packetized(Source source, size_t payload_bytes) {
  if (packetized_ && packetized_source_ == source && packetized_bytes_ == payload_bytes)
    return packetized_.get();
  packetized_.reset();
  packetized_ = ZC_TRY(PayloadFile::packetize(*ZC_TRY(file(source)), payload_bytes));
  packetized_source_ = source;
  packetized_bytes_ = payload_bytes;
  packetized_->warm();
  return packetized_.get();
}

Result<const TransportStream*> Sources::transport_stream() {
  if (!transport_stream_)
    transport_stream_ =
        ZC_TRY(TransportStream::make(smoke_ ? kShortTransportStreamBytes : kTransportStreamBytes));
  return transport_stream_.get();
}

}  // namespace zc::bench
