// SPDX-License-Identifier: GPL-2.0-only
#include "core/dialogue.h"

#include <algorithm>
#include <sstream>

#include "base/number.h"
#include "core/checksum.h"

namespace zc::core {
namespace {

constexpr size_t kMostKeys = 32;
constexpr uint64_t kMost = UINT64_MAX;

bool is_plain(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<zc_checksum> read_way(const Line& line) {
  const auto found = line.values.find("way");
  if (found == line.values.end()) return {};
  const auto way = parse_checksum(found->second);
  return way ? *way : std::nullopt;
}

}  // namespace

Line& Line::add(const std::string& key, uint64_t value) {
  return add_text(key, std::to_string(value));
}

Line& Line::add_text(const std::string& key, const std::string& value) {
  values[key] = value;
  return *this;
}

std::optional<uint64_t> Line::number(const std::string& key, uint64_t most) const {
  const auto found = values.find(key);
  if (found == values.end()) return {};
  const auto value = parse_number(found->second, 0, most, key);
  return value ? std::optional(*value) : std::nullopt;
}

std::string Line::text() const {
  std::string text = word;
  for (const auto& [key, value] : values)
    text.append(" ").append(key).append("=").append(value);
  return text;
}

std::optional<Line> parse_line(const std::string& text) {
  std::istringstream words(text);
  Line line;
  words >> line.word;
  if (line.word.empty() || !is_plain(line.word)) return {};
  for (std::string pair; words >> pair;) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || !is_plain(pair) || line.values.size() >= kMostKeys)
      return {};
    line.values[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return line;
}

Line to_line(const Test& test) {
  Line line{"test"};
  line.add("number", test.number).add("packets", test.packets).add("pt", test.payload_type);
  return line.add("ssrc", test.ssrc).add_text("way", to_string(test.way));
}

std::optional<Test> read_test(const Line& line) {
  const auto number = line.number("number", UINT16_MAX);
  const auto packets = line.number("packets", kMaxTestPackets);
  const auto payload_type = line.number("pt", 127);
  const auto ssrc = line.number("ssrc", UINT32_MAX);
  const auto way = read_way(line);
  if (!number || !packets || !payload_type || !ssrc || !way) return {};
  return Test{static_cast<uint16_t>(*number), static_cast<uint16_t>(*packets), *way,
              static_cast<uint8_t>(*payload_type), static_cast<uint32_t>(*ssrc)};
}

Line to_line(uint16_t number, const Tally& tally) {
  Line line{"tally"};
  line.add("number", number).add("largest", tally.largest);
  if (!tally.source.empty()) line.add_text("source", tally.source);
#define ZC_TALLY_ADD(name, meaning) line.add(#name, tally.name);
  ZC_TALLY(ZC_TALLY_ADD)
#undef ZC_TALLY_ADD
  return line;
}

std::optional<Tally> read_tally(const Line& line, uint16_t number) {
  if (line.word != "tally" || line.number("number", UINT16_MAX) != number) return {};
  Tally tally;
  bool whole = true;
  const auto read = [&](const char* key, uint64_t& value) {
    const auto found = line.number(key, kMost);
    whole = whole && found;
    value = found.value_or(0);
  };
#define ZC_TALLY_READ(name, meaning) read(#name, tally.name);
  ZC_TALLY(ZC_TALLY_READ)
#undef ZC_TALLY_READ
  read("largest", tally.largest);
  const auto source = line.values.find("source");
  if (source != line.values.end()) tally.source = source->second;
  return whole ? std::optional(tally) : std::nullopt;
}

}  // namespace zc::core
