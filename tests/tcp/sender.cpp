// SPDX-License-Identifier: GPL-2.0-only
#include "sender.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace zc::test {
namespace {

constexpr int kPatienceMs = 20000;
constexpr long kStormNs = 200000;
constexpr uint64_t kBigBytes = 1400000;
constexpr uint64_t kPipe = 65536;
constexpr uint64_t kNoEnd = 1ULL << 40;
constexpr size_t kReadPieces = 64;  // of a writev, that the program reads at most

// SIGALRM again and again, for this thread.
class Storm {
 public:
  explicit Storm(bool blows) : blows_(blows) {
    if (!blows) return;
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGALRM;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    timer_create(CLOCK_MONOTONIC, &event, &timer_);
    const itimerspec often{{0, kStormNs}, {0, kStormNs}};
    timer_settime(timer_, 0, &often, nullptr);
  }
  ~Storm() {
    if (blows_) timer_delete(timer_);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

 private:
  bool blows_;
  timer_t timer_{};
};

class Sender {
 public:
  Sender(int socket, const Source& source, const Manner& manner, uint64_t seed)
      : socket_(socket), source_(source), manner_(manner), random_(seed) {}

  Sent run() {
    if (manner_.nonblocking) fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
    const Storm storm(manner_.signals);
    while (sent_.bytes < source_.size && sent_.fault.empty())
      call();
    if (sent_.fault.empty() && shutdown(socket_, SHUT_WR) != 0) sent_.fault = "shutdown";
    return std::move(sent_);
  }

 private:
  uint64_t any(uint64_t most) { return 1 + random_() % most; }

  void call() {
    static constexpr std::array kWays = {Way::kFileParts, Way::kWrite, Way::kWritev, Way::kMore,
                                         Way::kSplice};
    const Way way = manner_.way == Way::kMixed ? kWays[random_() % kWays.size()] : manner_.way;
    const uint64_t rest = source_.size - sent_.bytes;
    const uint64_t wanted = std::min(rest, size_of(way));
    Call call{sent_.bytes, sent_.bytes + wanted};
    call.more = way == Way::kMore && wanted < rest;
    const ssize_t taken = make(call, way);
    call.whole = taken == static_cast<ssize_t>(call.end - call.begin);
    call.taken = static_cast<uint64_t>(std::max<ssize_t>(taken, 0));
    sent_.calls.push_back(call);
    if (taken > 0) {
      sent_.bytes += static_cast<uint64_t>(taken);
      sent_.partial += !call.whole;
    } else {
      refused();
    }
  }

  uint64_t size_of(Way way) {
    if (way == Way::kWholeFile || way == Way::kFromHere) return source_.size;
    if (way == Way::kFileParts) return any(200000);
    if (way == Way::kBigWrite) return kBigBytes;
    return manner_.way == Way::kMixed || way == Way::kWritev ? any(manner_.chunk) : manner_.chunk;
  }

  ssize_t make(Call& call, Way way) {
    const uint8_t* from = source_.bytes + call.begin;
    const uint64_t bytes = call.end - call.begin;
    auto offset = static_cast<off_t>(call.begin);
    switch (way) {
      case Way::kWholeFile:
      case Way::kFileParts:
        return sendfile(socket_, source_.file, &offset, bytes);
      case Way::kFromHere:
        return send_from_here(offset, bytes);
      case Way::kSplice:
        return splice_all(call, offset, bytes);
      case Way::kWritev:
        return write_pieces(call, from, bytes);
      default:
        return send(socket_, from, bytes, MSG_NOSIGNAL | (call.more ? MSG_MORE : 0));
    }
  }

  // Of more than the file has, where its end is the source's.
  ssize_t send_from_here(off_t offset, uint64_t bytes) {
    struct stat file {};
    fstat(source_.file, &file);
    const bool to_its_end = static_cast<uint64_t>(file.st_size) == source_.size;
    lseek(source_.file, offset, SEEK_SET);
    return sendfile(socket_, source_.file, nullptr, to_its_end ? kNoEnd : bytes);
  }

  // As much as a pipe takes; what the socket does not take of it is gone with the pipe.
  ssize_t splice_all(Call& call, off_t offset, uint64_t bytes) {
    std::array<int, 2> pipe{};
    if (pipe2(pipe.data(), O_CLOEXEC) != 0) return -1;
    const ssize_t in = splice(source_.file, &offset, pipe[1], nullptr, std::min(bytes, kPipe), 0);
    const ssize_t out =
        in > 0 ? splice(pipe[0], nullptr, socket_, nullptr, static_cast<size_t>(in), 0) : in;
    const int error = errno;
    close(pipe[0]);
    close(pipe[1]);
    errno = error;
    call.end = call.begin + static_cast<uint64_t>(std::max<ssize_t>(in, 0));
    call.hidden = true;
    return out;
  }

  ssize_t write_pieces(Call& call, const uint8_t* from, uint64_t bytes) {
    std::vector<iovec> pieces;
    for (uint64_t at = 0; at < bytes && pieces.size() < 100;) {
      const uint64_t size = pieces.size() == 99 ? bytes - at : std::min(bytes - at, any(5000));
      pieces.push_back({const_cast<uint8_t*>(from + at), size});
      at += size;
    }
    call.hidden = pieces.size() > kReadPieces;
    if (random_() % 2) return writev(socket_, pieces.data(), static_cast<int>(pieces.size()));
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return sendmsg(socket_, &message, MSG_NOSIGNAL);
  }

  void refused() {
    if (errno != EAGAIN && errno != EINTR) {
      sent_.fault = std::string("send: ") + strerror(errno);
      return;
    }
    ++sent_.refused;
    pollfd room{socket_, POLLOUT, 0};
    if (errno == EAGAIN && poll(&room, 1, kPatienceMs) == 0) sent_.fault = "no room for long";
  }

  int socket_;
  const Source& source_;
  Manner manner_;
  std::mt19937_64 random_;
  Sent sent_;
};

}  // namespace

Sent send_all(int socket, const Source& source, const Manner& manner, uint64_t seed) {
  return Sender(socket, source, manner, seed).run();
}

}  // namespace zc::test
