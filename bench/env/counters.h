// SPDX-License-Identifier: GPL-2.0-only
// A far end where nobody is: it judges a run by the device's counters.
#pragma once

#include <functional>

#include "env/environment.h"

namespace zc::bench {

struct Counters {
  uint64_t frames = 0;
  uint64_t bytes = 0;
  uint64_t dropped = 0;
};

class CountingFarEnd : public FarEnd {
 public:
  using Read = std::function<Counters()>;

  // Counts from now on. `may_be_uncut`: the device has UDP segmentation, so that a frame may be a
  // datagram that it would cut.
  CountingFarEnd(const Expected& expected, unsigned mtu, bool may_be_uncut, Read read);

  // Waits for the last frames, still to come behind a queue.
  void drain() override;
  Verdict verdict() override;

 private:
  Counters arrived() const;
  uint64_t most_pieces() const;  // frames that sends may have left behind that failed
  std::string problem_with(const Counters& arrived) const;
  std::string problem_with_bytes(const Counters& arrived, uint64_t udp_headers) const;

  Expected expected_;
  uint64_t fragments_;  // frames a packet
  bool may_be_uncut_;
  Read read_;
  Counters before_;
};

}  // namespace zc::bench
