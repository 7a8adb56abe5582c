// SPDX-License-Identifier: GPL-2.0-only
// A file of MPEG-TS for real programs, gone with its descriptor: video that ffmpeg makes, else PAT,
// PMT and null packets, which is all that a packetizer looks at.
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace zc::bench {

class TransportStream {
 public:
  // Makes at least `bytes`, a few seconds repeated. In $TMPDIR or /var/tmp.
  static Result<std::unique_ptr<TransportStream>> make(uint64_t bytes);

  uint64_t size() const { return size_; }
  // Works for another process, while this one lives: "/proc/17/fd/5".
  std::string path() const;

 private:
  TransportStream(Fd fd, uint64_t size) : fd_(std::move(fd)), size_(size) {}

  Fd fd_;
  uint64_t size_;
};

}  // namespace zc::bench
