// SPDX-License-Identifier: GPL-2.0-only
// `probe DEV --verify`: each checksum way that is possible here is tried with real packets, which
// the other end judges (core/listen.h), and what to attach with follows from it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/host.h"
#include "api/verify.h"
#include "base/result.h"
#include "core/arrivals.h"
#include "core/checksum.h"
#include "core/findings.h"

namespace zc::core {

constexpr uint16_t kPacketsAWay = 200;  // of each shape

// "ADDR" or "ADDR:PORT", of the listener. kUsage.
Result<Endpoint> parse_verify(const std::string& text);

struct VerifyRequest {
  std::string dev;
  Endpoint to;  // with its port, TCP's and UDP's
};

// One datagram a call, or many, cut behind the stage.
struct ShapeReport {
  std::string not_tried{};                    // why; empty where it was
  uint32_t sent = 0;                          // datagrams that the kernel took
  uint64_t stamped = 0;                       // of those
  std::map<std::string, uint64_t> dropped{};  // here, by counter
  Tally tally{};                              // what the listener saw
  std::string dev{};                          // what packets should leave by
  std::string before{};    // what they meet there before zcctl's program; empty: nothing known
  bool elsewhere = false;  // routes say that they leave by another device, or not at all
  std::string fault{};     // why it cannot be attached with; empty where it arrives right

  bool right() const { return not_tried.empty() && fault.empty(); }
  // All that is wrong is that the listener could not see the checksums as a wire would have them.
  bool unproved() const;
  uint64_t lost() const { return sent > tally.arrived ? sent - tally.arrived : 0; }
};

struct WayReport {
  zc_checksum way = ZC_CHECKSUM_SUM;
  std::string not_tried{};    // why; empty where it was
  uint64_t largest_sent = 0;  // bytes with IP header that DEV would take
  uint64_t largest = 0;       // that arrived right; 0: none did
  ShapeReport single{}, super{};

  // Single datagrams, and many a call where that was possible.
  bool right() const {
    return not_tried.empty() && single.right() && (super.right() || !super.not_tried.empty());
  }
};

struct VerifyReport {
  std::string dev;
  Endpoint to, from;
  std::string seen_from{};  // "10.0.0.1:40000" as the listener sees us; empty where nothing came
  ChecksumChoice automatic{};
  Findings findings{};           // what attach would warn of
  bool arrive_complete = false;  // packets reach the program with a checksum: `sum` reads nothing
  std::vector<WayReport> ways{};
  std::optional<zc_checksum> advice{};  // the best of those that arrive right
  std::string path_fault{};  // what is wrong with every way: the path's, and none of theirs

  const WayReport* find(zc_checksum way) const;
  // Does what `--checksum auto` takes arrive right?
  bool automatic_is_right() const;
};

// The rule for the test packets is gone again when it returns; where it cannot be removed, the
// error says how. kExists where a rule for the listener is there, kNotFound where nobody listens.
Result<VerifyReport> verify(api::Host& host, api::TestNet& net, const VerifyRequest& request);

// The judgement. Pure.
//
// Empty where the shape arrives right. A few lost packets are the path's.
std::string fault_of(const ShapeReport& shape);
// Fills in advice and path_fault.
void conclude(VerifyReport& report);

}  // namespace zc::core
