// SPDX-License-Identifier: GPL-2.0-only
// One set of values, two ways to show it: text for people, JSON for scripts (docs/interface.md).
// Knows values of ctl/core; asks nobody anything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/commands.h"
#include "core/listen.h"
#include "core/receiver.h"
#include "core/target_commands.h"
#include "core/verify.h"

namespace zc::out {

// Which streams a person wants to see; scripts get all.
enum class Streams : uint8_t {
  kBusiest,  // those with the most packets, where there are many
  kAll,
};

class View {
 public:
  virtual ~View() = default;
  // Each returns what goes to stdout, newline included; may be empty.
  virtual std::string attach(const std::string& dev, const core::AttachReport& report,
                             core::Run run) const = 0;
  virtual std::string detach(const core::Plan& plan, core::Run run) const = 0;
  // Of a target.
  virtual std::string attach(const core::TargetAttachReport& report, core::Run run) const = 0;
  virtual std::string detach(const core::TargetPlan& plan, core::Run run) const = 0;
  virtual std::string status(const core::HostStatus& status, Streams streams) const = 0;
  virtual std::string check(const core::CheckReport& report) const = 0;
  virtual std::string probe(const core::ProbeReport& report) const = 0;
  virtual std::string verify(const core::VerifyReport& report) const = 0;
  // One for each session of `probe --listen`.
  virtual std::string session(const core::SessionReport& report) const = 0;
  virtual std::string clean(const core::CleanReport& report, core::Run run) const = 0;
  virtual std::string sdp(const core::SdpReport& report) const = 0;
};

std::unique_ptr<View> make_text_view();
std::unique_ptr<View> make_json_view();

}  // namespace zc::out
