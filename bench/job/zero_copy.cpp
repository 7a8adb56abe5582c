// SPDX-License-Identifier: GPL-2.0-only
#include "job/zero_copy.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace zc::bench {
namespace {

constexpr uint64_t kSendsPerTake = ZeroCopy::kMostLent / 2;
constexpr int kPatienceMs = 1000;
constexpr int kLastPatienceMs = 50;

}  // namespace

ZeroCopy::ZeroCopy(Job& job) : job_(job) {
  job.kernel().set_option(job.socket(), SOL_SOCKET, SO_ZEROCOPY, 1);
}

void ZeroCopy::sent() {
  if (++job_.zerocopy_sends % kSendsPerTake != 0) return;
  if (!wait_until(kMostLent - kSendsPerTake, kPatienceMs))
    job_.kernel().fail("MSG_ZEROCOPY: no completion within a second");
}

void ZeroCopy::finish() {
  (void)wait_until(0, kLastPatienceMs);
  job_.zerocopy_copied = std::min(job_.zerocopy_copied, job_.zerocopy_sends);
}

// A send that found a full queue has a completion, too: there may be more of them than sends.
bool ZeroCopy::wait_until(uint64_t lent, int patience_ms) {
  while (job_.kernel().ok() && job_.zerocopy_sends > completed_ + lent) {
    if (!take() && !job_.kernel().poll_error(job_.socket(), patience_ms)) return false;
  }
  return true;
}

// One message stands for a range of sends: ee_info to ee_data.
bool ZeroCopy::take() {
  std::array<char, 128> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (!job_.kernel().receive_error(job_.socket(), message)) return false;
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  if (head == nullptr || head->cmsg_level != SOL_IP || head->cmsg_type != IP_RECVERR) return true;
  sock_extended_err error{};
  std::memcpy(&error, CMSG_DATA(head), sizeof(error));
  if (error.ee_origin != SO_EE_ORIGIN_ZEROCOPY) return true;
  const uint64_t sends = error.ee_data - error.ee_info + 1;
  completed_ += sends;
  if ((error.ee_code & SO_EE_CODE_ZEROCOPY_COPIED) != 0) job_.zerocopy_copied += sends;
  return true;
}

}  // namespace zc::bench
