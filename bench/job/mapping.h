// The stream's file as memory: one mmap, one munmap, both counted.
#pragma once

#include "bench/job/job.h"

namespace zc::bench {

class Mapping {
 public:
  explicit Mapping(Job& job)
      : job_(job),
        bytes_(static_cast<char*>(job.kernel().mmap(job.stream().file, job.stream().file_bytes))) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (bytes_ != nullptr) job_.kernel().munmap(bytes_, job_.stream().file_bytes);
  }

  char* at(off_t offset) const { return bytes_ + offset; }

 private:
  Job& job_;
  char* bytes_;
};

}  // namespace zc::bench
