// SPDX-License-Identifier: GPL-2.0-only
// The files that are sent, made when somebody first wants them and kept while they are needed.
// How large they may be is found out at once, in the mount namespace it is made in.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "env/payload_file.h"
#include "env/transport_stream.h"

namespace zc::bench {

// Which file is sent.
enum class Source : uint8_t {
  kLarge,     // larger than the caches
  kHot,       // stays in them
  kSteadyTs,  // as large as kLarge, MPEG-TS of constant rate
  kUnevenTs,  // of another rate from each PCR to the next
};

class Sources {
 public:
  // `smoke`: real programs get a short file.
  explicit Sources(bool smoke);

  // A line for people where the large file is not much larger than the caches, else nothing.
  std::string cache_warning() const;

  Result<const PayloadFile*> file(Source source);
  // Gets it into the page cache again: once a case.
  Status warm(Source source);
  // The same file in packets; the one of another size is gone then.
  Result<const PayloadFile*> packetized(Source source, size_t payload_bytes);
  Result<const TransportStream*> transport_stream();

 private:
  Result<std::unique_ptr<PayloadFile>> make(Source source) const;

  bool smoke_;
  uint64_t large_bytes_;
  std::map<Source, std::unique_ptr<PayloadFile>> files_;
  std::unique_ptr<PayloadFile> packetized_;
  Source packetized_source_ = Source::kLarge;
  size_t packetized_bytes_ = 0;
  std::unique_ptr<TransportStream> transport_stream_;
};

}  // namespace zc::bench
