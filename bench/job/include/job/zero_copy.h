// SPDX-License-Identifier: GPL-2.0-only
// MSG_ZEROCOPY (Linux 5.0 for UDP): the kernel borrows the sender's pages and says on the error
// queue when it has given them back, and whether it copied them after all.
#pragma once

#include "job/job.h"

namespace zc::bench {

class ZeroCopy {
 public:
  // Sends that may be not completed at any time: what is lent to them must stay as it is.
  static constexpr uint64_t kMostLent = 128;

  // Sets SO_ZEROCOPY on the job's socket.
  explicit ZeroCopy(Job& job);

  // Called after each send with MSG_ZEROCOPY. Now and then it takes completions, and waits for them
  // where there are too few.
  void sent();
  // Waits for the last completions, not for long: some come only when there is more traffic (seen
  // on Linux 6.18, over veth with IP fragments).
  void finish();

 private:
  // Waits until at most `lent` sends are not completed. False: none came for so long.
  bool wait_until(uint64_t lent, int patience_ms);
  // One message of the error queue; false: there is none.
  bool take();

  Job& job_;
  uint64_t completed_ = 0;
};

}  // namespace zc::bench
