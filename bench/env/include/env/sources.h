// SPDX-License-Identifier: GPL-2.0-only
// The files that are sent, made when somebody first wants them and kept while they are needed.
// How large they may be is found out at once, in the mount namespace it is made in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "env/payload_file.h"
#include "env/transport_stream.h"

namespace zc::bench {

class Sources {
 public:
  // `smoke`: real programs get a short file.
  explicit Sources(bool smoke);

  // A line for people where the large file is not much larger than the caches, else nothing.
  std::string cache_warning() const;

  Result<const PayloadFile*> file(bool hot);
  // Gets it into the page cache again: once a case.
  Status warm(bool hot);
  // The same file in packets; the one of another size is gone then.
  Result<const PayloadFile*> packetized(bool hot, size_t payload_bytes);
  Result<const TransportStream*> transport_stream();

 private:
  bool smoke_;
  uint64_t large_bytes_;
  std::unique_ptr<PayloadFile> hot_, large_, packetized_;
  bool packetized_hot_ = false;
  size_t packetized_bytes_ = 0;
  std::unique_ptr<TransportStream> transport_stream_;
};

}  // namespace zc::bench
