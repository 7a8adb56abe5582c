// SPDX-License-Identifier: GPL-2.0-only
#include "kern/test_net.h"

#include "test_listener.h"
#include "test_sender.h"

namespace zc::kern {
namespace {

class LinuxTestNet final : public api::TestNet {
 public:
  Result<std::unique_ptr<api::TestSender>> connect(const std::string& dev,
                                                   const Endpoint& to) override {
    return connect_test_sender(dev, to);
  }
  Result<std::unique_ptr<api::TestListener>> listen(const std::optional<Endpoint>& at,
                                                    uint16_t port) override {
    return open_test_listener(at, port);
  }
};

}  // namespace

std::unique_ptr<api::TestNet> make_test_net() {
  return std::make_unique<LinuxTestNet>();
}

}  // namespace zc::kern
