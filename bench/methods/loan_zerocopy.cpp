// SPDX-License-Identifier: GPL-2.0-only
// loan_zerocopy: paper 000, "page loan" (UVM, a patch of OpenBSD there); here unpatched, by
// send(MSG_ZEROCOPY): the kernel borrows the application's pages. The memory is as of loan_send.
// Linux borrows only what leaves in one piece: a datagram larger than the MTU is copied, and the
// completions say so.
// n packets: 0 copies, 2n switches and those of the completions, n send.
#include "job/zero_copy.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  ZeroCopy zero_copy(job);
  while (const Part part = job.next()) {
    job.kernel().send(job.socket(), job.premapped(part.offset), part.bytes, MSG_ZEROCOPY);
    zero_copy.sent();
  }
  zero_copy.finish();
}

}  // namespace

const Method loan_zerocopy{.name = "loan_zerocopy",
                           .paper = "stand-in for page loan",
                           .suites = kLoan,
                           .needs = "MSG_ZEROCOPY",
                           .missing = zero_copy_missing,
                           .send = send};

}  // namespace zc::bench
