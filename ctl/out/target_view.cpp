// SPDX-License-Identifier: GPL-2.0-only
#include "target_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "blocks.h"
#include "core/framed_rule.h"
#include "out/steps.h"
#include "rule_json.h"
#include "rule_text.h"
#include "streams.h"

namespace zc::out {
namespace {

using Json = nlohmann::ordered_json;
namespace step = core::target_step;

std::string match_text(const zc_flow& match) {
  return core::to_match(match).text();
}

// The last line: how many frames, and what its connections send now.
std::string rule_block(const api::RuleEntry& entry, const core::TargetStatus& target) {
  const std::string rate = rates_text(target.streams, entry.id);
  return fmt::format("  rule {}\n    {}\n    {}{}\n", match_text(entry.rule.match),
                     options_text(api::FramedRule{entry.rule, entry.framing}),
                     counters_text(entry.counts), rate.empty() ? "" : ", rate " + rate);
}

const char* living_text(api::Living living) {
  return living == api::Living::kLetGo
             ? "; living connections go on without frames behind their open one"
             : "; living connections stay framed";
}

struct Teller {
  std::string target;

  std::string operator()(const step::RemovePins& step) const {
    return fmt::format("remove the programs and all pins of {} ({}){}", target,
                       why_text(step.why, step.pins.why), living_text(step.living));
  }
  std::string operator()(const step::Load&) const { return "load the programs and pin their maps"; }
  std::string operator()(const step::AddRule& step) const {
    return fmt::format("add rule {}: {}", match_text(step.rule.rule.match),
                       options_text(step.rule));
  }
  std::string operator()(const step::ReplaceRule& step) const {
    return fmt::format("change the options of rule {}, for connections that come, to {}",
                       match_text(step.before.rule.match), options_text(step.after));
  }
  std::string operator()(const step::RemoveRule& step) const {
    return "remove rule " + match_text(step.match) + living_text(step.living);
  }
  std::string operator()(const step::Attach&) const { return "attach to " + target; }
  std::string operator()(const step::Take& step) const {
    const api::Connection& taken = step.connection;
    return fmt::format("frame the connection of {} ({} to {})", taken.text(), taken.local.text(),
                       taken.peer.text());
  }
};

Json framing_json(const zc_framing& framing) {
  return Json{{"framing", core::framing_text(framing)},
              {"frame_end", core::frame_end_text(framing)},
              {"skip", text_or_null(core::skip_text(framing))}};
}

}  // namespace

std::string step_text(const api::Target& target, const core::TargetStep& step) {
  return std::visit(Teller{target.name()}, step);
}

std::vector<std::string> steps_text(const core::TargetPlan& plan) {
  std::vector<std::string> texts;
  for (const core::TargetStep& step : plan.steps)
    texts.push_back(step_text(plan.target, step));
  return texts;
}

std::string target_text(const core::TargetStatus& target, Streams streams) {
  std::string text = target.target.name() + ": TCP\n" + findings_text(target.findings, "  ");
  for (const api::RuleEntry& rule : target.rules)
    text += rule_block(rule, target);
  return text + streams_text(target.streams, streams);
}

std::string pins_text(const api::PinnedTarget& pins) {
  return fmt::format("pins of {}: {}", pins.target.name(), pins.why);
}

std::string lost_lines(const core::TargetTrouble& trouble) {
  std::string text;
  for (const api::FramedRule& rule : trouble.rules)
    text += fmt::format("  not in force: zcctl attach {} {}{}\n", shell_word(trouble.target.name()),
                        rule_words(rule), table_words(trouble.meta));
  return text;
}

Json framed_rule_json(const api::FramedRule& rule) {
  Json json = rule_json(rule.rule);
  json.update(framing_json(rule.framing));
  return json;
}

Json target_json(const core::TargetStatus& target) {
  Json rules = Json::array(), streams = Json::array();
  for (const api::RuleEntry& entry : target.rules) {
    Json rule = framed_rule_json({entry.rule, entry.framing});
    rule["counters"] = counters_json(entry.counts);
    rules.push_back(rule);
  }
  for (const core::StreamStatus& entry : target.streams)
    streams.push_back(stream_json(entry));
  return Json{{"target", target.target.name()},
              {"findings", findings_json(target.findings)},
              {"rules", rules},
              {"streams", streams}};
}

Json pins_json(const api::PinnedTarget& pins) {
  return Json{{"netns_cookie", nullptr},
              {"ifindex", nullptr},
              {"here", true},
              {"why", pins.why},
              {"target", pins.target.name()}};
}

Json trouble_json(const core::TargetTrouble& trouble) {
  Json json = pins_json(trouble), rules = Json::array();
  for (const api::FramedRule& rule : trouble.rules)
    rules.push_back(framed_rule_json(rule));
  json["moved"] = false;
  json["dev"] = nullptr;
  json["rules"] = rules;
  return json;
}

}  // namespace zc::out
