// SPDX-License-Identifier: GPL-2.0-only
#include "job/uring.h"

#include <liburing.h>

#include <cerrno>
#include <cstring>

#include "job/needs.h"

namespace zc::bench {
namespace {

// Linux 6.2; Debian 12's liburing has neither.
constexpr unsigned kReportUsage = 1U << 3;  // IORING_SEND_ZC_REPORT_USAGE
constexpr unsigned kCopied = 1U << 31;      // IORING_NOTIF_USAGE_ZC_COPIED
constexpr uint64_t kNoSize = UINT64_MAX;    // user data of a completion whose size does not matter

// Completions only when asked for: one thread, no interrupts (Linux 6.1). Older kernels get none.
int open_ring(io_uring& ring) {
  const int opened = io_uring_queue_init(Uring::kEntries, &ring,
                                         IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
  return opened == -EINVAL ? io_uring_queue_init(Uring::kEntries, &ring, 0) : opened;
}

std::string words(const char* what, int negative_errno) {
  return std::string(what) + ": " + std::strerror(-negative_errno);
}

// Sends nothing: there is no socket. A kernel that knows the flag says EBADF, another EINVAL.
std::string try_send_zc(io_uring& ring) {
  io_uring_sqe* const entry = io_uring_get_sqe(&ring);
  static const char byte = 0;
  io_uring_prep_send_zc(entry, -1, &byte, sizeof(byte), 0, kReportUsage);
  io_uring_cqe* answer = nullptr;
  int result = io_uring_submit_and_wait(&ring, 1);
  if (result >= 0) result = io_uring_peek_cqe(&ring, &answer);
  if (result == 0 && answer->res == -EBADF) return {};
  return words("io_uring SEND_ZC (Linux 6.2)", result < 0 ? result : answer->res);
}

std::string ring_missing(bool zero_copy) {
  io_uring ring{};
  const int opened = open_ring(ring);
  if (opened < 0) return words("io_uring", opened);
  std::string why = zero_copy ? try_send_zc(ring) : std::string();
  io_uring_queue_exit(&ring);
  return why;
}

}  // namespace

std::string uring_missing() {
  return ring_missing(false);
}

std::string uring_zc_missing() {
  return ring_missing(true);
}

std::string uring_zc_segment_missing() {
  const std::string why = uring_zc_missing();
  return why.empty() ? udp_segment_missing() : why;
}

struct Uring::State {
  Job& job;
  io_uring ring{};
  bool open = false;
  bool fixed = false;
  size_t unsent = 0;
  size_t lent = 0;

  io_uring_sqe* entry() {
    io_uring_sqe* const free = open ? io_uring_get_sqe(&ring) : nullptr;
    if (free == nullptr) job.kernel().fail("io_uring: no entry is free");
    return free;
  }

  void take(const io_uring_cqe& answer) {
    if ((answer.flags & IORING_CQE_F_NOTIF) != 0) {
      lent--;
      if ((static_cast<unsigned>(answer.res) & kCopied) != 0) job.zerocopy_copied++;
      return;
    }
    unsent--;
    // What fails is not lent, unless the kernel says that more will come.
    if (answer.res < 0 && (answer.flags & IORING_CQE_F_MORE) == 0 && lent > 0) lent--;
    if (answer.res < 0) return job.kernel().fail(words("io_uring send", answer.res));
    if (answer.user_data != kNoSize && answer.user_data != static_cast<uint64_t>(answer.res))
      job.kernel().fail("io_uring send: took less than all");
  }

  void take_all() {
    io_uring_cqe* answer = nullptr;
    while (io_uring_peek_cqe(&ring, &answer) == 0) {
      take(*answer);
      io_uring_cqe_seen(&ring, answer);
    }
  }
};

Uring::Uring(Job& job) : state_(new State{.job = job}) {
  const int opened = open_ring(state_->ring);
  state_->open = opened >= 0;
  if (opened < 0) job.kernel().fail(words("io_uring", opened));
}

Uring::~Uring() {
  if (state_->open) io_uring_queue_exit(&state_->ring);
}

void Uring::fix_buffer(std::span<char> buffer) {
  const iovec part{buffer.data(), buffer.size()};
  const int done = state_->open ? io_uring_register_buffers(&state_->ring, &part, 1) : 0;
  if (done < 0) state_->job.kernel().fail(words("io_uring: fixed buffer", done));
  state_->fixed = done >= 0;
}

void Uring::sendmsg(const msghdr& message) {
  io_uring_sqe* const entry = state_->entry();
  if (entry == nullptr) return;
  io_uring_prep_sendmsg(entry, state_->job.socket(), &message, 0);
  io_uring_sqe_set_data64(entry, kNoSize);
  state_->unsent++;
}

void Uring::send_zc(const char* from, size_t bytes) {
  io_uring_sqe* const entry = state_->entry();
  if (entry == nullptr) return;
  const int socket = state_->job.socket();
  if (state_->fixed)
    io_uring_prep_send_zc_fixed(entry, socket, from, bytes, 0, kReportUsage, 0);
  else
    io_uring_prep_send_zc(entry, socket, from, bytes, 0, kReportUsage);
  io_uring_sqe_set_data64(entry, bytes);
  state_->unsent++;
  state_->lent++;
  state_->job.zerocopy_sends++;
}

void Uring::flush(size_t lent) {
  State& state = *state_;
  while (state.job.kernel().ok() && (state.unsent > 0 || state.lent > lent)) {
    const int result = io_uring_submit_and_wait(&state.ring, 1);
    if (result != -EINTR) state.job.kernel().entered_ring(result);
    state.take_all();
  }
}

}  // namespace zc::bench
