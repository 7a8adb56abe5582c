// SPDX-License-Identifier: GPL-2.0-only
// What both ends of `probe --verify` say to each other over TCP: lines of a word and key=value,
// all of them ASCII without blanks. Pure; takes nothing for granted about who speaks.
//
//   hello version=1                        welcome version=1 token=0123456789abcdef
//   test number=1 packets=200 way=uni …    ready number=1
//   done number=1                          tally number=1 arrived=200 right=200 …
//   anything else                          refused why=text-without-blanks
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/arrivals.h"

namespace zc::core {

constexpr uint64_t kDialogueVersion = 1;

struct Line {
  std::string word;
  std::map<std::string, std::string> values{};

  Line& add(const std::string& key, uint64_t value);
  Line& add_text(const std::string& key, const std::string& value);
  // Nothing where it is missing, no decimal number or larger.
  std::optional<uint64_t> number(const std::string& key, uint64_t most) const;
  std::string text() const;
};

// Nothing where it is no such line.
std::optional<Line> parse_line(const std::string& text);

Line to_line(const Test& test);
std::optional<Test> read_test(const Line& line);
Line to_line(uint16_t number, const Tally& tally);
std::optional<Tally> read_tally(const Line& line, uint16_t number);

}  // namespace zc::core
