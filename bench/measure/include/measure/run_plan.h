// SPDX-License-Identifier: GPL-2.0-only
// What is to be measured, checked and complete: made by bench/suites, carried out by rounds.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/sources.h"
#include "methods/method.h"
#include "results/kinds.h"

namespace zc::bench {

struct CasePlan {
  std::string suite;
  const EnvironmentKind* environment = nullptr;
  unsigned payload_bytes = 0;
  unsigned mtu = 0;
  Source source = Source::kLarge;
  // UDP sockets take more than any queue: what finds the queue full is an error of the send, as in
  // paper 000, and does not wait in the socket.
  bool wide_socket = false;
  const Method* baseline = nullptr;
  std::vector<const Method*> methods;  // the baseline among them
};

FileKind file_kind(Source source);

struct RunPlan {
  std::string suite;
  std::vector<CasePlan> cases;  // those of one environment behind each other
  unsigned rounds = 0;          // counted ones; one more comes first and is thrown away
  double seconds = 0;           // of a timed run; 0: smoke, a fixed number of packets
  uint64_t seed = 0;            // of the order within rounds
};

}  // namespace zc::bench
