// SPDX-License-Identifier: GPL-2.0-only
// What a result says by one of a few words: the values, and the words that stand for them in the
// file and in tables. kUnknown is "" in the file: a zcctl of before did not say it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace zc::bench {

// Whether a row has figures. Where it has none, the row's `why` says why.
enum class RowState : uint8_t {
  kValid,
  kVoid,         // packets or bytes were missing or wrong
  kImpossible,   // not at this size
  kUnavailable,  // not on this host
};

// What carried the packets.
enum class Transport : uint8_t {
  kUnknown,
  kUdp,
  kTcp,
  kFrames,   // UDP past the socket and the queue: "UDP frames"
  kProgram,  // another program, as a whole
  kNone,     // nothing leaves
};

// Who makes the RTP header.
enum class HeaderBy : uint8_t { kUnknown, kNone, kApplication, kFile, kZcctl };

// Whose CPU time a case's figures are.
enum class Metric : uint8_t { kUnknown, kMachine, kProcess };

// Which file was sent: one that is larger than the caches, or one that stays in them; MPEG-TS
// larger than the caches, of constant rate or not.
enum class FileKind : uint8_t { kUnknown, kLarge, kHot, kSteadyTs, kUnevenTs };

// The words. Each is one of a list in kinds.cpp.
const char* to_string(RowState state);
const char* to_string(Transport transport);
const char* to_string(HeaderBy header_by);
const char* to_string(Metric metric);
const char* to_string(FileKind file);

// Nothing where the word stands for none of the kind's values.
template <typename Kind>
std::optional<Kind> from_string(std::string_view word);

// Suites and environments that a report treats in a way of their own, in the order in which it has
// them. Others may be in a file, and are shown by their names: what a record has is the name.
enum class SuiteId : uint8_t { kDownload, kStreaming, kRivals, kLoan, kBars, kClock, kTcp, kOther };
enum class EnvironmentId : uint8_t { kNic, kNicUso, kVeth, kLo, kOther };
SuiteId suite_id(std::string_view name);
EnvironmentId environment_id(std::string_view name);
const char* to_string(SuiteId suite);              // kOther: ""
const char* to_string(EnvironmentId environment);  // kOther: ""

}  // namespace zc::bench
