// SPDX-License-Identifier: GPL-2.0-only
#include "out/steps.h"

#include <fmt/format.h>

#include "api/hook.h"
#include "blocks.h"
#include "rule_text.h"

namespace zc::out {
namespace {

namespace step = core::step;

std::string rule_text(const zc_flow& match) {
  return core::to_match(match).text();
}

struct Teller {
  const std::string& dev;

  std::string operator()(const step::TakeOver& step) const {
    return fmt::format("take over the rules and streams of {} ({})", dev, step.pins.why);
  }
  std::string operator()(const step::RemovePins& step) const {
    return fmt::format("remove the program and all pins of {} ({})", dev,
                       why_text(step.why, step.pins.why));
  }
  std::string operator()(const step::Load&) const { return "load the program and pin its maps"; }
  std::string operator()(const step::MakeStage&) const {
    return "make the stage that cuts packets of many segments";
  }
  std::string operator()(const step::MakePace&) const {
    return "make the queue in which packets of rules with --rate wait";
  }
  std::string operator()(const step::SetRate& step) const {
    return fmt::format("let packets of rule {} leave it at {}", rule_text(step.rule.match),
                       rate_text(step.rule.options));
  }
  std::string operator()(const step::TrimPace& step) const {
    return step.last ? "remove the queue of --rate, with what waits there"
                     : "drop what waits of rules that have no --rate any more";
  }
  std::string operator()(const step::AddRule& step) const {
    return fmt::format("add rule {}: {}", rule_text(step.rule.match), options_text(step.rule));
  }
  std::string operator()(const step::ReplaceRule& step) const {
    return fmt::format("change the options of rule {} to {}", rule_text(step.before.match),
                       options_text(step.after));
  }
  std::string operator()(const step::RemoveRule& step) const {
    return "remove rule " + rule_text(step.match);
  }
  std::string operator()(const step::Attach& step) const {
    return fmt::format("attach to {} egress of {}", api::to_string(step.hook), dev);
  }
  std::string operator()(const step::SetSegment& step) const {
    const api::ForeignSocket& socket = step.socket;
    return fmt::format("set UDP_SEGMENT of {} ({} to {}{}) from {} to {}", socket.text(),
                       socket.local.text(), socket.peer.text(),
                       socket.here ? "" : ", in another network namespace", socket.segment_bytes,
                       step.bytes);
  }
};

}  // namespace

std::string step_text(const std::string& dev, const core::Step& step) {
  return std::visit(Teller{dev}, step);
}

std::string table_words(const zc_meta& meta) {
  std::string words = meta.hook == ZC_HOOK_CLSACT ? " --hook clsact" : "";
  if (meta.max_streams != 0 && meta.max_streams != ZC_DEFAULT_STREAMS)
    words += fmt::format(" --max-streams {}", meta.max_streams);
  return words;
}

std::vector<std::string> steps_text(const core::Plan& plan) {
  std::vector<std::string> texts;
  for (const core::Step& step : plan.steps)
    texts.push_back(step_text(plan.dev, step));
  return texts;
}

}  // namespace zc::out
