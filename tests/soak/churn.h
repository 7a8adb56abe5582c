// SPDX-License-Identifier: GPL-2.0-only
// A rule that comes and goes beside the others, under their load, and an app that sends by it: what
// is sent once `attach` has returned must be stamped, what once `detach` has must be bare.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "soak/load.h"

namespace zc::test {

class Churn {
 public:
  // So many rounds of attach and detach on this device, or as many as there is time for. `window`
  // outlives it.
  Churn(std::string device, uint64_t rounds, Window& window);
  ~Churn();
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;

  bool done() const { return done_; }
  uint64_t rounds() const { return rounds_; }
  // Ends between two rounds. What went wrong: its error; empty: nothing.
  std::string finish();
  // Datagrams; not while it runs.
  uint64_t sent() const { return sent_; }

 private:
  void run();
  bool round();
  bool say(uint8_t fate);

  std::string device_;
  uint64_t wanted_;
  Window& window_;
  UdpSocket socket_;
  uint32_t sent_ = 0;
  std::atomic<uint64_t> rounds_ = 0;
  std::atomic<bool> done_ = false;
  std::atomic<bool> ended_ = false;
  std::string error_;
  std::thread thread_;
};

}  // namespace zc::test
