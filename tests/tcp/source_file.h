// SPDX-License-Identifier: GPL-2.0-only
// A file in memory, gone with the process.
#pragma once

#include <base/fd.h>

#include "sender.h"

namespace zc::test {

class SourceFile {
 public:
  explicit SourceFile(const std::vector<uint8_t>& bytes);
  SourceFile(uint64_t size, uint64_t seed);  // of random bytes
  ~SourceFile();
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;
  SourceFile(SourceFile&&) = delete;
  SourceFile& operator=(SourceFile&&) = delete;

  // Its first bytes.
  Source first(uint64_t bytes) const { return {file_.get(), bytes_, bytes}; }

 private:
  Fd file_;
  uint64_t size_;
  const uint8_t* bytes_;
};

}  // namespace zc::test
