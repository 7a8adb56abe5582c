// SPDX-License-Identifier: GPL-2.0-only
// One run of the soak: a device, its rules, load and judge; what came of it.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "nic/zcctl.h"
#include "soak/churn.h"
#include "soak/judge.h"
#include "soak/load.h"
#include "soak/memory.h"
#include "soak/options.h"
#include "support/tap.h"

namespace zc::test {

class Soak {
 public:
  // In the sandbox already. Throws std::exception where device, rules or sockets cannot be had.
  explicit Soak(const SoakOptions& options);
  ~Soak();
  Soak(const Soak&) = delete;
  Soak& operator=(const Soak&) = delete;

  // Prints how it goes, and a result line. True: nothing was wrong.
  bool run();

 private:
  using Clock = std::chrono::steady_clock;

  void attach_rules();
  void read_frames();
  bool is_over() const;
  void keep_going();
  void end();
  void print_progress();
  void fail(const std::string& what);
  void check_counts();
  void check_streams(const Shown& shown);
  void check_rules(const Shown& shown);
  void check_churn();
  void report();

  SoakOptions options_;
  KernelLog log_;
  PayloadFile file_;
  std::vector<SoakRule> rules_;
  std::vector<SoakStream> streams_;
  Tap tap_;
  Judge judge_;
  Window window_;
  std::unique_ptr<Load> load_;
  std::unique_ptr<Churn> churn_;
  std::atomic<bool> read_all_ = false;
  std::thread reader_;
  Clock::time_point begin_;
  double seconds_ = 0;
  Memory early_;
  Memory late_;
  std::vector<std::string> failures_;
};

}  // namespace zc::test
