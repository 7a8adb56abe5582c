#include "bench/job/kernel.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace zc::bench {

const char* Kernel::name_of(Call call) {
  static constexpr std::array<const char*, kCalls> kNames{
      "read",       "send", "sendmsg", "sendmmsg", "writev", "sendfile",
      "setsockopt", "mmap", "munmap",  "recvmsg",  "poll"};
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

void Kernel::pread(int file, void* to, size_t bytes, off_t offset) {
  expect(kPread, ::pread(file, to, bytes, offset), bytes);
}

void Kernel::send(int socket, const void* from, size_t bytes, int flags) {
  expect(kSend, ::send(socket, from, bytes, flags), bytes);
}

void Kernel::sendmsg(int socket, std::span<const iovec> parts, size_t bytes, int flags) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());  // the kernel does not write to it
  message.msg_iovlen = parts.size();
  expect(kSendmsg, ::sendmsg(socket, &message, flags), bytes);
}

void Kernel::sendmmsg(int socket, std::span<mmsghdr> messages) {
  const auto count = static_cast<unsigned>(messages.size());
  expect(kSendmmsg, ::sendmmsg(socket, messages.data(), count, 0), count);
}

void Kernel::writev(int socket, std::span<const iovec> parts, size_t bytes) {
  expect(kWritev, ::writev(socket, parts.data(), static_cast<int>(parts.size())), bytes);
}

void Kernel::sendfile(int socket, int file, off_t offset, size_t bytes) {
  expect(kSendfile, ::sendfile(socket, file, &offset, bytes), bytes);
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
