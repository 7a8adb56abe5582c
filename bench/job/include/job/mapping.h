// SPDX-License-Identifier: GPL-2.0-only
// The stream's file as memory, mapped anew whenever it starts again: each pass is one stored file
// sent once, with one mmap, its page faults and one munmap. Mapped once a run, they would be a
// smaller share the faster a method is, because it makes more passes in the same time. The hot file
// starts again very often: then mapping is what sending a small file costs.
#pragma once

#include "job/job.h"

namespace zc::bench {

class Mapping {
 public:
  explicit Mapping(Job& job) : job_(job) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { unmap(); }

  // Where the part's bytes are, until the next part is asked for. Packets that are still on their
  // way with lent pages keep those: the kernel holds the pages, not the mapping. nullptr where it
  // cannot be mapped, which ends the run.
  char* bytes_of(const Part& part) {
    if (bytes_ == nullptr || part.offset == 0) {
      unmap();
      bytes_ = static_cast<char*>(job_.kernel().mmap(job_.stream().file, job_.stream().file_bytes));
    }
    return bytes_ == nullptr ? nullptr : bytes_ + part.offset;
  }

 private:
  void unmap() {
    if (bytes_ != nullptr) job_.kernel().munmap(bytes_, job_.stream().file_bytes);
    bytes_ = nullptr;
  }

  Job& job_;
  char* bytes_ = nullptr;
};

}  // namespace zc::bench
