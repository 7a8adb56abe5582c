// SPDX-License-Identifier: GPL-2.0-only
// copy_only: paper 000, "copy only", its t_1: what it takes to copy the bytes of a datagram, and
// nothing else. The paper's probe measured it within the kernel; here it is memcpy, from the same
// memory as loan_send's, to a buffer that stays in the cache, as the kernel's does.
// n packets: n copies, 0 switches, no call.
#include <cstring>
#include <vector>

#include "methods/methods.h"

namespace zc::bench {
namespace {

// Several, so that no copy is the same as the one before, and the compiler cannot know.
constexpr size_t kBuffers = 16;

void send(Job& job) {
  const size_t bytes = job.stream().payload_bytes;
  std::vector<char> buffers(kBuffers * bytes);
  while (const Part part = job.next()) {
    char* const to = &buffers[part.first % kBuffers * bytes];
    const char* const from = job.premapped(part.offset);
    std::memcpy(to, from, bytes);
    asm volatile("" : : "r"(to) : "memory");
    if (to[bytes - 1] != from[bytes - 1]) return job.kernel().fail("the copy is another");
  }
}

}  // namespace

const Method copy_only{.name = "copy_only",
                       .paper = "copy only (t_1)",
                       .suites = kLoan,
                       .way = Way::kMemory,
                       .send = send};

}  // namespace zc::bench
