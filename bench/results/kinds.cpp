// SPDX-License-Identifier: GPL-2.0-only
#include "results/kinds.h"

#include <algorithm>
#include <array>

namespace zc::bench {
namespace {

template <typename Kind>
struct Word {
  Kind kind;
  const char* word;
};
template <typename Kind>
Word(Kind, const char*) -> Word<Kind>;

// words<Kind>: all values of a kind.
template <typename Kind>
constexpr int words = 0;
template <>
constexpr std::array words<RowState>{Word{RowState::kValid, "valid"}, Word{RowState::kVoid, "void"},
                                     Word{RowState::kImpossible, "impossible"},
                                     Word{RowState::kUnavailable, "unavailable"}};
template <>
constexpr std::array words<Transport>{
    Word{Transport::kUnknown, ""},        Word{Transport::kUdp, "UDP"},
    Word{Transport::kTcp, "TCP"},         Word{Transport::kFrames, "UDP frames"},
    Word{Transport::kProgram, "program"}, Word{Transport::kNone, "none"}};
template <>
constexpr std::array words<HeaderBy>{Word{HeaderBy::kUnknown, ""}, Word{HeaderBy::kNone, "none"},
                                     Word{HeaderBy::kApplication, "application"},
                                     Word{HeaderBy::kFile, "file"},
                                     Word{HeaderBy::kZcctl, "zcctl"}};
template <>
constexpr std::array words<Metric>{Word{Metric::kUnknown, ""}, Word{Metric::kMachine, "machine"},
                                   Word{Metric::kProcess, "process"}};
template <>
constexpr std::array words<FileKind>{
    Word{FileKind::kUnknown, ""}, Word{FileKind::kLarge, "large"}, Word{FileKind::kHot, "hot"},
    Word{FileKind::kSteadyTs, "steady TS"}, Word{FileKind::kUnevenTs, "uneven TS"}};
template <>
constexpr std::array words<SuiteId>{Word{SuiteId::kDownload, "download"},
                                    Word{SuiteId::kStreaming, "streaming"},
                                    Word{SuiteId::kRivals, "rivals"},
                                    Word{SuiteId::kLoan, "loan"},
                                    Word{SuiteId::kBars, "bars"},
                                    Word{SuiteId::kClock, "clock"},
                                    Word{SuiteId::kTcp, "tcp"}};
template <>
constexpr std::array words<EnvironmentId>{
    Word{EnvironmentId::kNic, "nic"}, Word{EnvironmentId::kNicUso, "nic-uso"},
    Word{EnvironmentId::kVeth, "veth"}, Word{EnvironmentId::kLo, "lo"}};

template <typename Kind>
const char* word_of(Kind kind) {
  const auto found = std::find_if(words<Kind>.begin(), words<Kind>.end(),
                                  [&](const auto& one) { return one.kind == kind; });
  return found == words<Kind>.end() ? "" : found->word;
}

}  // namespace

const char* to_string(RowState state) {
  return word_of(state);
}

const char* to_string(Transport transport) {
  return word_of(transport);
}

const char* to_string(HeaderBy header_by) {
  return word_of(header_by);
}

const char* to_string(Metric metric) {
  return word_of(metric);
}

const char* to_string(FileKind file) {
  return word_of(file);
}

const char* to_string(SuiteId suite) {
  return word_of(suite);
}

const char* to_string(EnvironmentId environment) {
  return word_of(environment);
}

template <typename Kind>
std::optional<Kind> from_string(std::string_view word) {
  for (const auto& one : words<Kind>) {
    if (one.word == word) return one.kind;
  }
  return {};
}
template std::optional<RowState> from_string(std::string_view word);
template std::optional<Transport> from_string(std::string_view word);
template std::optional<HeaderBy> from_string(std::string_view word);
template std::optional<Metric> from_string(std::string_view word);
template std::optional<FileKind> from_string(std::string_view word);

SuiteId suite_id(std::string_view name) {
  return from_string<SuiteId>(name).value_or(SuiteId::kOther);
}

EnvironmentId environment_id(std::string_view name) {
  return from_string<EnvironmentId>(name).value_or(EnvironmentId::kOther);
}

}  // namespace zc::bench
