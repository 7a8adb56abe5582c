// SPDX-License-Identifier: GPL-2.0-only
#include "soak/churn.h"

#include <system_error>

#include "nic/zcctl.h"
#include "soak/judge.h"

namespace zc::test {
namespace {

std::string endpoint(const char* host, uint16_t port) {
  return std::string(host) + ":" + std::to_string(port);
}

}  // namespace

Churn::Churn(std::string device, uint64_t rounds, Window& window)
    : device_(std::move(device)),
      wanted_(rounds),
      window_(window),
      socket_(endpoint(kSoakPeer4, kChurnPort), {.from = endpoint(kSoakSource4, kChurnSourcePort)}),
      thread_([this] { run(); }) {}

Churn::~Churn() {
  finish();
}

std::string Churn::finish() {
  ended_ = true;
  if (thread_.joinable()) thread_.join();
  return error_;
}

void Churn::run() {
  try {
    while (!ended_ && rounds_ < wanted_ && round())
      rounds_++;
  } catch (const std::system_error& error) {
    error_ = error.what();
  }
  done_ = true;
}

bool Churn::round() {
  const std::string to = endpoint(kSoakPeer4, kChurnPort);
  const ProcessResult attached = zcctl({"attach", device_, "--to", to, "--payload", "MP2T"});
  if (attached.exit_code != kExitDone) {
    error_ = "attach: " + describe(attached);
    return false;
  }
  if (!say(ChurnPayload::kMustBeStamped)) return false;
  const ProcessResult detached = zcctl({"detach", device_, "--to", to});
  if (detached.exit_code != kExitDone) {
    error_ = "detach: " + describe(detached);
    return false;
  }
  return say(ChurnPayload::kMustBeBare);
}

bool Churn::say(uint8_t fate) {
  for (int i = 0; i < 3; i++) {
    if (!window_.enter(1)) return false;
    socket_.send(churn_payload(fate, sent_++));
  }
  return true;
}

}  // namespace zc::test
