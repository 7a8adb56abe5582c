// SPDX-License-Identifier: GPL-2.0-only
// lo: the loopback device with an MTU of 65536, as it is everywhere; both ends are on it. For TCP:
// without a device's queue and segments of 1500 bytes, it is the least that a connection costs.
#include <fmt/format.h>

#include "env/environment.h"
#include "namespaces.h"
#include "os/tool.h"
#include "tcp_receiver.h"

namespace zc::bench {
namespace {

constexpr const char* kLoopback = "lo";

class Lo : public Environment {
 public:
  Lo(std::unique_ptr<Namespaces> namespaces, Fd listener)
      : namespaces_(std::move(namespaces)), listener_(std::move(listener)) {}

  Status set_mtu(unsigned mtu) override {
    ZC_TRY(run_tool(fmt::format("ip link set {} mtu {}", kLoopback, mtu)));
    return ok();
  }
  std::string why_not(Way way) const override {
    return way == Way::kTcp ? "" : "lo is measured with TCP only";
  }
  const char* device() const override { return kLoopback; }
  Result<std::unique_ptr<FarEnd>> watch(const Expected& /*expected*/) override {
    return unsupported_error(why_not(Way::kUdp));
  }
  Result<std::unique_ptr<FarEnd>> inspect(const Expected& /*expected*/, Way way) override {
    return unsupported_error(why_not(way));
  }
  Result<Ends> connect_tcp(const Expected& expected, bool inspected) override {
    return connect_to_listener(listener_, expected, inspected);
  }

 private:
  std::unique_ptr<Namespaces> namespaces_;
  Fd listener_;
};

}  // namespace

Result<std::unique_ptr<Environment>> enter_lo() {
  auto namespaces = ZC_TRY(Namespaces::enter());
  for (const char* const address : {kNearAddress, kFarAddress})
    ZC_TRY(run_tool(fmt::format("ip addr add {}/32 dev {}", address, kLoopback)));
  Fd listener = ZC_TRY(listen_at_far_end());
  return std::unique_ptr<Environment>(
      std::make_unique<Lo>(std::move(namespaces), std::move(listener)));
}

}  // namespace zc::bench
