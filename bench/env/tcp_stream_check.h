// SPDX-License-Identifier: GPL-2.0-only
// Judges the bytes of a TCP connection, block by block, some looked at and some only counted: the
// file's as they are, or RFC 4571 frames with RTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "env/stream_check.h"

namespace zc::bench {

class TcpStreamCheck {
 public:
  // As the stream's headers are (is_framed).
  static std::unique_ptr<TcpStreamCheck> of(const Expected& expected);
  virtual ~TcpStreamCheck() = default;

  // The next block is no longer: it ends where a frame or the file does.
  virtual size_t next_block() const = 0;
  // Shorter than that only where the connection ends.
  virtual void look(std::span<const uint8_t> block) = 0;
  virtual void skip(size_t bytes) = 0;
  virtual uint64_t expected_bytes() const = 0;
  // The first thing that was wrong; empty: nothing.
  virtual std::string problem() const = 0;
};

}  // namespace zc::bench
