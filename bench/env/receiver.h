// SPDX-License-Identifier: GPL-2.0-only
// A far end that receives: a thread that takes every datagram from a socket and verifies it.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "env/environment.h"

namespace zc::bench {

class Receiver : public FarEnd {
 public:
  // `socket` is bound and not owned. Compares the bytes of every `compare_every`th packet.
  Receiver(int socket, const Expected& expected, uint64_t compare_every);
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() override;

  // Waits until few packets are on their way: the kernel's backlog holds 1000
  // (net.core.netdev_max_backlog).
  bool keep_up(uint64_t sent) override;
  // Waits until all have come: hundreds of packets are work that the clock has not seen.
  void drain() override;
  Verdict verdict() override;

 private:
  bool wait_for(uint64_t packets);  // false: none came for a second
  void receive();

  int socket_;
  Expected expected_;
  StreamCheck check_;  // the thread's, until it is joined
  std::atomic<uint64_t> received_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace zc::bench
