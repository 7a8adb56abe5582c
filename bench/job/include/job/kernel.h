// SPDX-License-Identifier: GPL-2.0-only
// The system calls that methods make, counted: "calls per packet" in a result is this count, not a
// claim. Each wrapper is one call and wants all its bytes; the first that gets less ends the run.
// Only ENOBUFS is no end: send, sendfile and their like count it, nap and try again. It means a
// full queue; with MSG_ZEROCOPY before Linux 6.8 perhaps net.core.optmem_max, which bench/env
// raises where it can.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace zc::bench {

class Kernel {
 public:
  // What the papers call read: at an offset, without an lseek() where the file starts again.
  void pread(int file, void* to, size_t bytes, off_t offset);
  // Reads at an offset, into several buffers.
  void preadv(int file, std::span<const iovec> parts, size_t bytes, off_t offset);
  void send(int socket, const void* from, size_t bytes, int flags = 0);
  void sendmsg(int socket, std::span<const iovec> parts, size_t bytes, int flags);
  void sendmmsg(int socket, std::span<mmsghdr> messages);
  void writev(int socket, std::span<const iovec> parts, size_t bytes);
  void sendfile(int socket, int file, off_t offset, size_t bytes);
  void set_option(int socket, int level, int name, int value);

  // Lends memory to a pipe, which must stay as it is until it has left.
  void vmsplice(int pipe, const iovec& part);
  // Moves from a file into a pipe.
  void splice_in(int file, off_t offset, int pipe, size_t bytes);
  // Moves from a pipe into a socket.
  void splice_out(int pipe, int socket, size_t bytes);
  // A sendto() without data, which makes the kernel look into a ring. Returns false where it says
  // that it was not yet done (EAGAIN, EBUSY, ENOBUFS): call again.
  bool kick(int socket, int flags);
  // io_uring_enter, made by liburing: its result, 0 or more or -errno.
  void entered_ring(int result);

  // nullptr on failure. The caller unmaps.
  void* mmap(int file, size_t bytes);
  void munmap(void* from, size_t bytes);

  // One message of the socket's error queue; false: there is none. Never blocks.
  bool receive_error(int socket, msghdr& message);
  // Waits for the error queue; false: nothing came in that time.
  bool poll_error(int socket, int milliseconds);

  // Ends the run; later errors are not kept.
  void fail(const std::string& why);
  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }    // "sendfile: Message too long"
  std::map<std::string, uint64_t> calls() const;         // by name; those never made are left out
  uint64_t send_errors() const { return send_errors_; }  // ENOBUFS

 private:
  enum Call : uint8_t {
    kPread,
    kPreadv,
    kSend,
    kSendmsg,
    kSendmmsg,
    kWritev,
    kSendfile,
    kVmsplice,
    kSplice,
    kKick,
    kEnterRing,
    kSetsockopt,
    kMmap,
    kMunmap,
    kRecvmsg,
    kPoll,
    kCalls,
  };
  static const char* name_of(Call call);
  void expect(Call call, ssize_t got, size_t wanted);
  // Judges by errno. Naps where that helps.
  bool may_try_again();
  // Tries until there is room in the queue, but not for ever.
  template <typename Attempt>
  void expect_sent(Call call, size_t wanted, Attempt attempt);

  std::array<uint64_t, kCalls> counts_{};
  uint64_t send_errors_ = 0;
  std::string error_;
};

}  // namespace zc::bench
