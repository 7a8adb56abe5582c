// SPDX-License-Identifier: GPL-2.0-only
// An AF_XDP socket that only sends, in copy mode, which every device can: the kernel copies each
// frame into a packet of its own. Without libxdp at build time no_xsk.cpp stands in for xsk.cpp.
#pragma once

#include <memory>
#include <string>

#include "job/job.h"

namespace zc::bench {

std::string xsk_missing();

class Xsk {
 public:
  static constexpr size_t kFrames = 1024;
  static constexpr size_t kFrameBytes = 4096;  // a page: the most that aligned memory may have

  // Makes one on queue 0 of the job's device.
  explicit Xsk(Job& job);
  Xsk(const Xsk&) = delete;
  Xsk& operator=(const Xsk&) = delete;
  ~Xsk();

  // Where the next frame is to be written; waits until the kernel has given one back. nullptr ends
  // the run.
  char* frame();
  // It has been written, `bytes` of it.
  void ready(size_t bytes);
  // Sends what is ready.
  void send();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zc::bench
