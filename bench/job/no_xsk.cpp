// SPDX-License-Identifier: GPL-2.0-only
// Replaces xsk.cpp where libxdp was not there to build with: no method that asked gets here.
#include "job/xsk.h"

namespace zc::bench {
namespace {

constexpr const char* kWhy = "built without libxdp (Debian: libxdp-dev)";

}  // namespace

std::string xsk_missing() {
  return kWhy;
}

struct Xsk::State {};

Xsk::Xsk(Job& job) {
  job.kernel().fail(kWhy);
}
Xsk::~Xsk() = default;
char* Xsk::frame() {
  return nullptr;
}
void Xsk::ready(size_t /*bytes*/) {}
void Xsk::send() {}

}  // namespace zc::bench
