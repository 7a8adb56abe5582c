// SPDX-License-Identifier: GPL-2.0-only
// Replaces uring.cpp where liburing was not there to build with: no method that asked gets here.
#include "job/uring.h"

namespace zc::bench {
namespace {

constexpr const char* kWhy = "built without liburing (Debian: liburing-dev)";

}  // namespace

std::string uring_missing() {
  return kWhy;
}
std::string uring_zc_missing() {
  return kWhy;
}
std::string uring_zc_segment_missing() {
  return kWhy;
}

struct Uring::State {};

Uring::Uring(Job& job) {
  job.kernel().fail(kWhy);
}
Uring::~Uring() = default;
void Uring::fix_buffer(std::span<char> /*buffer*/) {}
void Uring::sendmsg(const msghdr& /*message*/) {}
void Uring::send_zc(const char* /*from*/, size_t /*bytes*/) {}
void Uring::flush(size_t /*lent*/) {}

}  // namespace zc::bench
