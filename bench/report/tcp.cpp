// SPDX-License-Identifier: GPL-2.0-only
// What RTP over TCP was promised to cost (suite `tcp`).
#include <fmt/format.h>

#include <array>

#include "promise.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

constexpr const char* kOurs = "krtpsendfile_tcp";
constexpr EnvironmentId kLo = EnvironmentId::kLo, kVeth = EnvironmentId::kVeth;
constexpr unsigned kFrame = 1388, kLongFrame = 8192;
constexpr const char* kEach = "writev per frame";
constexpr const char* kMany = "writev of 46 frames a call";
constexpr const char* k64k = "writev of 64 KB a call";
constexpr const char* kPass = "sendfile, a program that only passes";
constexpr const char* kPlain = "sendfile, no frames";
constexpr std::array<const char*, 3> kEachWay{"tcp_writev"}, kManyWay{"tcp_writev_46"},
    k64kWay{"tcp_writev_64k"}, kPassWay{"tcp_pass"}, kPlainWay{"sendfile_tcp"};
constexpr std::array<Promise, 16> kPromises{{
    {kOurs, kEach, kEachWay, kLo, kFrame, 0.60, 0.45},
    {kOurs, kMany, kManyWay, kLo, kFrame, 2.2, 1.5},
    {kOurs, kPass, kPassWay, kLo, kFrame, 2.0, 0},
    {kOurs, kPlain, kPlainWay, kLo, kFrame, 0, 0},
    {kOurs, kEach, kEachWay, kLo, kLongFrame, 0, 0},
    {kOurs, k64k, k64kWay, kLo, kLongFrame, 1.7, 0},
    {kOurs, kPass, kPassWay, kLo, kLongFrame, 1.5, 0},
    {kOurs, kPlain, kPlainWay, kLo, kLongFrame, 0, 0},
    {kOurs, kEach, kEachWay, kVeth, kFrame, 0.30, 0.12},
    {kOurs, kMany, kManyWay, kVeth, kFrame, 2.2, 1.5},
    {kOurs, kPass, kPassWay, kVeth, kFrame, 2.0, 0},
    {kOurs, kPlain, kPlainWay, kVeth, kFrame, 0, 0},
    {kOurs, kEach, kEachWay, kVeth, kLongFrame, 0, 0},
    {kOurs, k64k, k64kWay, kVeth, kLongFrame, 1.7, 0},
    {kOurs, kPass, kPassWay, kVeth, kLongFrame, 1.5, 0},
    {kOurs, kPlain, kPlainWay, kVeth, kLongFrame, 0, 0},
}};

bool is_tcp(const Case& c) {
  return suite_id(c.suite) == SuiteId::kTcp;
}

Results of_suite(const Results& results) {
  Results only;
  for (const Case& c : results.cases) {
    if (is_tcp(c)) only.cases.push_back(c);
  }
  return only;
}

}  // namespace

std::vector<JudgedBar> judge_tcp(const Results& results) {
  const Results only = of_suite(results);
  std::vector<JudgedBar> judged;
  judged.reserve(kPromises.size());
  for (const Promise& promise : kPromises)
    judged.push_back(judge(only, promise));
  return judged;
}

std::string tcp_table(const Results& results) {
  std::string text = "CPU time per frame, sender and receiver, relative to another way's\n";
  text += judged_heading();
  for (const JudgedBar& bar : judge_tcp(results))
    text += judged_line(bar);
  for (const Case& c : results.cases) {
    if (is_tcp(c))
      text += fmt::format("noise, {}, {} bytes: {}\n", c.environment, c.payload_bytes, noise_of(c));
  }
  if (results.smoke) text += "SMOKE: a short run, no figures to quote\n";
  return text;
}

}  // namespace zc::bench
