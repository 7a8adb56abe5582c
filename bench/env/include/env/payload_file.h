// SPDX-License-Identifier: GPL-2.0-only
// The file that is sent: a real one, in the page cache, gone with its descriptor. Every byte
// depends on its position, so that a wrong offset shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/fd.h"
#include "base/result.h"
#include "env/ts_rate.h"

namespace zc::bench {

class PayloadFile {
 public:
  // Made in $TMPDIR, or /var/tmp; on disk when it returns, so that no writing back disturbs a
  // measurement.
  static Result<std::unique_ptr<PayloadFile>> make(uint64_t bytes);
  // The same, but that TS packets begin in it, with PCRs where `rate` has them: whole packets, as
  // many as fit.
  static Result<std::unique_ptr<PayloadFile>> make_transport_stream(uint64_t bytes,
                                                                    const TsRate& rate);
  // The same bytes as packets of that size, each with a plain RTP header before it.
  static Result<std::unique_ptr<PayloadFile>> packetize(const PayloadFile& from,
                                                        size_t payload_bytes);
  PayloadFile(const PayloadFile&) = delete;
  PayloadFile& operator=(const PayloadFile&) = delete;
  ~PayloadFile();

  int fd() const { return fd_.get(); }
  uint64_t size() const { return bytes_.size(); }
  std::span<const uint8_t> bytes() const { return bytes_; }  // mapped

  // Reads it once, so that all of it is in the page cache, and touches the mapping's pages. Returns
  // the share that was there already.
  double warm() const;

 private:
  static Result<std::unique_ptr<PayloadFile>> map(Fd fd, uint64_t bytes);
  PayloadFile(Fd fd, std::span<const uint8_t> bytes) : fd_(std::move(fd)), bytes_(bytes) {}

  Fd fd_;
  std::span<const uint8_t> bytes_;
};

}  // namespace zc::bench
