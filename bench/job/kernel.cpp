// SPDX-License-Identifier: GPL-2.0-only
#include "job/kernel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace zc::bench {
namespace {

// Who tries again at once finds room for one fragment, and never for a whole datagram.
constexpr std::chrono::microseconds kNap{500};
constexpr int kMostTries = 10000;

}  // namespace

const char* Kernel::name_of(Call call) {
  static constexpr std::array<const char*, kCalls> kNames{
      "pread",    "preadv",   "send",    "sendmsg", "sendmmsg",       "writev",
      "sendfile", "vmsplice", "splice",  "sendto",  "io_uring_enter", "setsockopt",
      "mmap",     "munmap",   "recvmsg", "poll"};
  return kNames[call];
}

void Kernel::fail(const std::string& why) {
  if (error_.empty()) error_ = why;
}

void Kernel::expect(Call call, ssize_t got, size_t wanted) {
  counts_[call]++;
  if (got == static_cast<ssize_t>(wanted)) return;
  if (got < 0)
    fail(fmt::format("{}: {}", name_of(call), std::strerror(errno)));
  else
    fail(fmt::format("{}: took {} of {}", name_of(call), got, wanted));
}

template <typename Attempt>
void Kernel::expect_sent(Call call, size_t wanted, Attempt attempt) {
  ssize_t got = attempt();
  for (int tries = 0; got < 0 && may_try_again() && tries < kMostTries; tries++) {
    counts_[call]++;
    got = attempt();
  }
  expect(call, got, wanted);
}

// What an io_uring of the run before leaves to do interrupts a send that waits (EINTR).
bool Kernel::may_try_again() {
  if (errno == EINTR) return true;
  if (errno != ENOBUFS) return false;
  send_errors_++;
  std::this_thread::sleep_for(kNap);
  return true;
}

void Kernel::pread(int file, void* to, size_t bytes, off_t offset) {
  expect(kPread, ::pread(file, to, bytes, offset), bytes);
}

void Kernel::preadv(int file, std::span<const iovec> parts, size_t bytes, off_t offset) {
  const auto count = static_cast<int>(parts.size());
  expect(kPreadv, ::preadv(file, parts.data(), count, offset), bytes);
}

void Kernel::vmsplice(int pipe, const iovec& part) {
  expect(kVmsplice, ::vmsplice(pipe, &part, 1, 0), part.iov_len);
}

void Kernel::splice_in(int file, off_t offset, int pipe, size_t bytes) {
  expect(kSplice, ::splice(file, &offset, pipe, nullptr, bytes, SPLICE_F_MOVE), bytes);
}

void Kernel::splice_out(int pipe, int socket, size_t bytes) {
  expect(kSplice, ::splice(pipe, nullptr, socket, nullptr, bytes, SPLICE_F_MOVE), bytes);
}

bool Kernel::kick(int socket, int flags) {
  const bool failed = ::sendto(socket, nullptr, 0, flags, nullptr, 0) < 0;
  if (failed && (errno == EAGAIN || errno == EBUSY || errno == ENOBUFS)) {
    counts_[kKick]++;
    return false;
  }
  expect(kKick, failed ? -1 : 0, 0);
  return true;
}

void Kernel::entered_ring(int result) {
  if (result < 0) errno = -result;
  expect(kEnterRing, result < 0 ? -1 : 0, 0);
}

void Kernel::send(int socket, const void* from, size_t bytes, int flags) {
  expect_sent(kSend, bytes, [&] { return ::send(socket, from, bytes, flags); });
}

void Kernel::sendmsg(int socket, std::span<const iovec> parts, size_t bytes, int flags) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());  // the kernel does not write to it
  message.msg_iovlen = parts.size();
  expect_sent(kSendmsg, bytes, [&] { return ::sendmsg(socket, &message, flags); });
}

void Kernel::sendmmsg(int socket, std::span<mmsghdr> messages) {
  const auto count = static_cast<unsigned>(messages.size());
  expect(kSendmmsg, ::sendmmsg(socket, messages.data(), count, 0), count);
}

void Kernel::writev(int socket, std::span<const iovec> parts, size_t bytes) {
  const auto count = static_cast<int>(parts.size());
  expect_sent(kWritev, bytes, [&] { return ::writev(socket, parts.data(), count); });
}

// The call, when interrupted, returns what it has taken; the rest joins the same datagram.
void Kernel::sendfile(int socket, int file, off_t offset, size_t bytes) {
  const off_t end = offset + static_cast<off_t>(bytes);
  expect_sent(kSendfile, bytes, [&] {
    const ssize_t got = ::sendfile(socket, file, &offset, static_cast<size_t>(end - offset));
    if (got <= 0 || offset == end) return got <= 0 ? got : static_cast<ssize_t>(bytes);
    errno = EINTR;
    return ssize_t{-1};
  });
}

void Kernel::set_option(int socket, int level, int name, int value) {
  expect(kSetsockopt, ::setsockopt(socket, level, name, &value, sizeof(value)), 0);
}

void* Kernel::mmap(int file, size_t bytes) {
  void* const where = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
  expect(kMmap, where == MAP_FAILED ? -1 : 0, 0);
  return where == MAP_FAILED ? nullptr : where;
}

void Kernel::munmap(void* from, size_t bytes) {
  expect(kMunmap, ::munmap(from, bytes), 0);
}

bool Kernel::receive_error(int socket, msghdr& message) {
  counts_[kRecvmsg]++;
  return ::recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0;
}

bool Kernel::poll_error(int socket, int milliseconds) {
  counts_[kPoll]++;
  pollfd wait{socket, 0, 0};  // POLLERR is reported without being asked for
  return ::poll(&wait, 1, milliseconds) > 0;
}

std::map<std::string, uint64_t> Kernel::calls() const {
  std::map<std::string, uint64_t> named;
  for (size_t i = 0; i < counts_.size(); i++) {
    if (counts_[i] != 0) named[name_of(static_cast<Call>(i))] = counts_[i];
  }
  return named;
}

}  // namespace zc::bench
