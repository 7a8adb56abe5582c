// SPDX-License-Identifier: GPL-2.0-only
#include "nic/zcctl.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace zc::test {
namespace {

using nlohmann::json;

Counters read_counters(const json& counters) {
  Counters read;
  for (const auto& [name, value] : counters.items()) {
    if (name == "unaligned") continue;  // counted besides: no packet's only counter
    if (value.get<uint64_t>() != 0) read[name] = value.get<uint64_t>();
  }
  return read;
}

std::string text_or_empty(const json& value) {
  return value.is_null() ? "" : value.get<std::string>();
}

ShownRule read_rule(const json& rule) {
  return {.to = rule.at("to"),
          .from = text_or_empty(rule.at("from")),
          .payload = text_or_empty(rule.at("payload")),
          .checksum = rule.at("checksum"),
          .counters = read_counters(rule.at("counters"))};
}

ShownStream read_stream(const json& stream) {
  return {.from = stream.at("from"),
          .to = stream.at("to"),
          .ssrc = stream.at("ssrc"),
          .packets = stream.at("packets"),
          .octets = stream.at("octets")};
}

}  // namespace

ProcessResult zcctl(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{ZCCTL_PATH};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command);
}

Shown show(const std::string& device) {
  const ProcessResult result = zcctl({"--json", "show", "--over", "0"});
  if (result.exit_code != kExitDone) throw std::runtime_error("zcctl show: " + describe(result));
  const json answer = json::parse(result.out);
  if (answer.at("schema") != 1) throw std::runtime_error("another schema: " + result.out);
  Shown shown;
  for (const json& entry : answer.at("devices")) {
    if (entry.at("dev") != device) continue;
    for (const json& rule : entry.at("rules"))
      shown.rules.push_back(read_rule(rule));
    for (const json& stream : entry.at("streams"))
      shown.streams.push_back(read_stream(stream));
  }
  return shown;
}

}  // namespace zc::test
