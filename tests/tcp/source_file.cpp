// SPDX-License-Identifier: GPL-2.0-only
#include "source_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <stdexcept>

namespace zc::test {
namespace {

std::vector<uint8_t> random_bytes(uint64_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>(random());
  return bytes;
}

}  // namespace

SourceFile::SourceFile(uint64_t size, uint64_t seed) : SourceFile(random_bytes(size, seed)) {}

// In the page cache, as a file on a disk is.
SourceFile::SourceFile(const std::vector<uint8_t>& bytes)
    : file_(memfd_create("source", MFD_CLOEXEC)), size_(bytes.size()), bytes_(nullptr) {
  if (!file_ || write(file_.get(), bytes.data(), size_) != static_cast<ssize_t>(size_))
    throw std::runtime_error("cannot make a file");
  void* mapped = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot map a file");
  bytes_ = static_cast<const uint8_t*>(mapped);
}

SourceFile::~SourceFile() {
  munmap(const_cast<uint8_t*>(bytes_), size_);
}

}  // namespace zc::test
