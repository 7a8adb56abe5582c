// SPDX-License-Identifier: GPL-2.0-only
// An application that sends a file over a stream socket, in each way that there is. Knows nothing
// of frames.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace zc::test {

enum class Way {
  kWholeFile,  // one sendfile(2)
  kFromHere,   // one sendfile(2) from where the file is read, of more than there is
  kFileParts,  // sendfile(2) of random sizes
  kWrite,      // write(2) of so many bytes
  kBigWrite,   // of more than one message takes
  kWritev,     // of random pieces
  kMore,       // MSG_MORE but for the last
  kSplice,     // splice(2) out of a pipe
  kMixed,      // each of them by chance
};

struct Manner {
  Way way = Way::kWholeFile;
  bool nonblocking = false, signals = false;
  uint32_t chunk = 65536;  // bytes of a write
};

// One call, which ends where it was to end, whatever the kernel took of it.
struct Call {
  uint64_t begin = 0, end = 0;
  bool more = false;
  bool hidden = false;  // of a kind that the program cannot read
  bool whole = false;   // the kernel took it whole
  uint64_t taken = 0;   // what it says that it took
};

struct Sent {
  std::vector<Call> calls;
  uint64_t bytes = 0;    // as the return values say
  uint64_t partial = 0;  // calls that took less
  uint64_t refused = 0;  // EAGAIN, EINTR
  std::string fault;     // empty: none
};

struct Source {
  int file = -1;
  const uint8_t* bytes = nullptr;  // the same, mapped
  uint64_t size = 0;
};

// Sends all of it, and shuts the socket down.
Sent send_all(int socket, const Source& source, const Manner& manner, uint64_t seed);

}  // namespace zc::test
