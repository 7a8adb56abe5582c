// SPDX-License-Identifier: GPL-2.0-only
// The program under test, used as an operator uses it: command lines in, exit codes and JSON out.
// Must not know its sources.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/process.h"

namespace zc::test {

// Exit codes, as interface.md promises them.
constexpr int kExitDone = 0;
constexpr int kExitUsage = 2;
constexpr int kExitUnsupported = 3;

ProcessResult zcctl(const std::vector<std::string>& arguments);

// Counts by name, without those that are 0.
using Counters = std::map<std::string, uint64_t>;

struct ShownStream {
  std::string from;
  std::string to;
  std::string ssrc;  // "0x11223344"
  uint64_t packets = 0;
  uint64_t octets = 0;
};

struct ShownRule {
  std::string to;
  std::string from;  // empty: any
  std::string payload;
  std::string checksum;
  Counters counters;
};

struct Shown {
  std::vector<ShownRule> rules;
  std::vector<ShownStream> streams;
};

// What `show --json` says of one device. Throws where the answer is not what interface.md promises.
Shown show(const std::string& device);

}  // namespace zc::test
