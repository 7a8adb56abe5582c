// SPDX-License-Identifier: GPL-2.0-only
// An io_uring that sends on the job's socket. Without liburing at build time no_uring.cpp stands in
// for uring.cpp, and uring_missing() says so.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <span>
#include <string>

#include "job/job.h"

namespace zc::bench {

std::string uring_missing();     // SENDMSG: Linux 5.3
std::string uring_zc_missing();  // SEND_ZC that says whether it copied: Linux 6.2
std::string uring_zc_segment_missing();

class Uring {
 public:
  static constexpr unsigned kEntries = 128;

  explicit Uring(Job& job);
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;
  ~Uring();

  // Pinned once; send_zc() of bytes in it needs no look at page tables.
  void fix_buffer(std::span<char> buffer);

  // Queued until flush(), at most kEntries. `message` and what it points to stay until then.
  void sendmsg(const msghdr& message);
  // The bytes are lent: they stay as they are until flush() says that fewer are lent.
  void send_zc(const char* from, size_t bytes);

  // Submits, and waits until all that was queued is sent and at most `lent` buffers are not given
  // back.
  void flush(size_t lent);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zc::bench
