// SPDX-License-Identifier: GPL-2.0-only
#include "sender.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
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
    static constexpr std::array kWays = {Way::kFileParts, Way::kWrite, Way::kWritev, Way::kMore};
    const Way way = manner_.way == Way::kMixed ? kWays[random_() % kWays.size()] : manner_.way;
    const uint64_t rest = source_.size - sent_.bytes;
    const uint64_t wanted = std::min(rest, size_of(way));
    Call call{sent_.bytes, sent_.bytes + wanted, false, false, false};
    call.sendfile = way == Way::kWholeFile || way == Way::kFileParts;
    call.more = way == Way::kMore && wanted < rest;
    const ssize_t taken = make(call, way);
    call.whole = taken == static_cast<ssize_t>(wanted);
    sent_.calls.push_back(call);
    if (taken > 0) {
      sent_.bytes += static_cast<uint64_t>(taken);
      sent_.partial += !call.whole;
    } else {
      refused();
    }
  }

  uint64_t size_of(Way way) {
    if (way == Way::kWholeFile) return source_.size;
    if (way == Way::kFileParts) return any(200000);
    if (way == Way::kBigWrite) return kBigBytes;
    return manner_.way == Way::kMixed || way == Way::kWritev ? any(manner_.chunk) : manner_.chunk;
  }

  ssize_t make(const Call& call, Way way) {
    const uint8_t* from = source_.bytes + call.begin;
    const uint64_t bytes = call.end - call.begin;
    if (call.sendfile) {
      auto offset = static_cast<off_t>(call.begin);
      return sendfile(socket_, source_.file, &offset, bytes);
    }
    if (way == Way::kWritev) return write_pieces(from, bytes);
    return send(socket_, from, bytes, MSG_NOSIGNAL | (call.more ? MSG_MORE : 0));
  }

  ssize_t write_pieces(const uint8_t* from, uint64_t bytes) {
    std::vector<iovec> pieces;
    for (uint64_t at = 0; at < bytes && pieces.size() < 100;) {
      const uint64_t size = pieces.size() == 99 ? bytes - at : std::min(bytes - at, any(5000));
      pieces.push_back({const_cast<uint8_t*>(from + at), size});
      at += size;
    }
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
