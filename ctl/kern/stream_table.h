// SPDX-License-Identifier: GPL-2.0-only
// The streams of a device: the flows that lead to them, the slots that hold them, and, of a rule
// that has one stream for its destination, who sends it. The program writes all of it at the same
// time. Knows which streams shall end only from who asks, and no rule.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "api/tables.h"
#include "base/result.h"
#include "map.h"
#include "pins.h"
#include "zc/abi.h"

namespace zc::kern {

class StreamTable {
 public:
  // Says whether a stream shall end.
  using Choice = std::function<bool(const api::StreamEntry& entry)>;
  // Told how many packets a stream of a rule had sent that has ended: nobody else counts them.
  using Count = std::function<void(uint32_t rule, uint64_t packets)>;
  enum class Woken : uint8_t {
    kGoesOn,  // a packet came while it was being ended: it is left as it was
    kEnds,
  };

  // `max_streams`: of the device. Pins of layouts before 5 have no zc_continued.
  static Result<StreamTable> open(const PinDirectory& pins, uint32_t max_streams);

  // Each stream once, whoever leads to it.
  Result<std::vector<api::StreamEntry>> list();
  zc_stream& at(uint32_t slot) { return slots_[slot]; }

  // --- With the lock for changes.

  // Ends the chosen ones: nothing leads to them any more, their slots are free. A packet that comes
  // at the same moment is stamped and counted, in its old stream or in a new one.
  Status end(const Choice& chosen, Woken woken, const Count& count);
  // Frees what a killed zcctl had begun to end, and what leads nowhere.
  Status free_lost(const Count& count);

  // The rule has one stream from now on: the newest of those it has. Comes before the program is
  // told; `end_others` after that.
  Status begin_continuing(uint32_t rule);
  Status end_others(uint32_t rule, const Count& count);
  // Comes when no running program can be at it.
  Status stop_continuing(uint32_t rule);
  Result<std::map<uint32_t, zc_continued>> continued() const;  // by rule

 private:
  using Flows = HashMap<zc_flow, uint32_t>;
  using Continued = HashMap<uint32_t, zc_continued>;
  // One that is being ended.
  struct Leaving {
    zc_flow flow{};
    uint64_t next_seq = 0;  // before
  };

  StreamTable(Flows flows, ArrayMap<zc_stream> slots, std::optional<Continued> continued)
      : flows_(std::move(flows)), slots_(std::move(slots)), continued_(std::move(continued)) {}

  // As the program asks before a source takes it over.
  bool is_stream_of(uint32_t slot, uint32_t rule);
  Result<std::vector<bool>> slots_led_to() const;
  Result<std::map<uint32_t, uint64_t>> unreferenced();  // slots in use, with last_ns
  bool goes_on(uint32_t slot, const Leaving& before, Woken woken);
  void free(uint32_t slot, const Count& count);

  Flows flows_;
  ArrayMap<zc_stream> slots_;
  std::optional<Continued> continued_;
};

}  // namespace zc::kern
