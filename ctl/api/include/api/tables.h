// SPDX-License-Identifier: GPL-2.0-only
// The tables of one device, as core sees them: for reading, and for changing.
#pragma once

#include <cstdint>
#include <vector>

#include "api/socket.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::api {

struct RuleEntry {
  uint32_t id = 0;
  zc_rule rule{};
  zc_counts counts{};        // complete: living streams are in `stamped`
  zc_continued continued{};  // of one with one stream for its destination; else zeros
  zc_framing framing{};      // of a target's rule (api/target.h); else zeros
};

struct StreamEntry {
  zc_flow flow{};
  zc_stream stream{};
  uint32_t slot = 0;
  zc_clock clock{};  // of one that follows its PCRs; else zeros
};

class Tables {
 public:
  virtual ~Tables() = default;

  virtual zc_meta meta() const = 0;
  virtual Result<std::vector<RuleEntry>> rules() = 0;
  virtual Result<std::vector<StreamEntry>> streams() = 0;
};

class WritableTables : public Tables {
 public:
  // The rule is in force when it returns. Fails with kFailed where the table is full.
  virtual Status add_rule(const zc_rule& rule) = 0;
  // Gives the match other options: streams and counters go on.
  virtual Status replace_rule(uint32_t id, const zc_rule& rule) = 0;
  // Its streams and counters go too, and its sockets get their old segment size back.
  virtual Status remove_rule(uint32_t id) = 0;
  // Written down before the socket is changed, so that whatever happens it can be changed back.
  virtual Status remember_socket(uint32_t rule_id, const ForeignSocket& socket,
                                 uint32_t new_segment) = 0;
};

}  // namespace zc::api
