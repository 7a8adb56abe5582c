// SPDX-License-Identifier: GPL-2.0-only
#include "source_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <stdexcept>
#include <vector>

namespace zc::test {

// In the page cache, as a file on a disk is.
SourceFile::SourceFile(uint64_t size, uint64_t seed)
    : file_(memfd_create("source", MFD_CLOEXEC)), size_(size), bytes_(nullptr) {
  std::mt19937_64 random(seed);
  std::vector<uint64_t> words(size / sizeof(uint64_t) + 1);
  for (uint64_t& word : words)
    word = random();
  if (!file_ || write(file_.get(), words.data(), size) != static_cast<ssize_t>(size))
    throw std::runtime_error("cannot make a file");
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot map a file");
  bytes_ = static_cast<const uint8_t*>(mapped);
}

SourceFile::~SourceFile() {
  munmap(const_cast<uint8_t*>(bytes_), size_);
}

}  // namespace zc::test
