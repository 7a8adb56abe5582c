// SPDX-License-Identifier: GPL-2.0-only
// The place that one agent of a network namespace holds: a name in the abstract Unix namespace,
// which is a network namespace's own, and free again when the process dies (unix(7)). Who asks
// there is told the agent's figures. Knows not what they mean.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/host.h"
#include "base/fd.h"
#include "base/result.h"

namespace zc::kern {

class AgentPlace {
 public:
  // kExists where somebody has it, with the process's number.
  static Result<AgentPlace> take();

  int fd() const { return socket_.get(); }
  void publish(const std::map<std::string, uint64_t>& figures);
  // Somebody has asked.
  void answer();

 private:
  explicit AgentPlace(Fd socket) : socket_(std::move(socket)) {}
  Fd socket_;
  std::string text_;
};

// Nothing where there is none. Waits a moment for an agent that is busy; its figures are empty
// where it says nothing. What is not root's is no agent.
std::optional<api::AgentStatus> ask_agent();

}  // namespace zc::kern
