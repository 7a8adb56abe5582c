// SPDX-License-Identifier: GPL-2.0-only
#include "soak/load.h"

#include <netinet/udp.h>

#include <chrono>
#include <system_error>

namespace zc::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kStall{10};
// Of a stream before the next one's turn: single datagrams are to be many, too.
constexpr uint64_t kTurn = 16;

}  // namespace

bool Window::enter(uint64_t datagrams) {
  const uint64_t mine = entered_.fetch_add(datagrams) + datagrams;
  return mine <= most_ahead_ || wait_for(mine - most_ahead_);
}

bool Window::drain() {
  return wait_for(entered_);
}

bool Window::wait_for(uint64_t taken) {
  uint64_t before = taken_();
  Clock::time_point last = Clock::now();
  while (before < taken && !stopped_) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    const uint64_t now = taken_();
    if (now != before)
      last = Clock::now();
    else if (Clock::now() - last > kStall)
      return false;
    before = now;
  }
  return !stopped_;
}

Load::Load(const std::vector<SoakStream>& streams, const PayloadFile& file, Window& window,
           unsigned threads)
    : file_(file), window_(window), wanted_threads_(threads) {
  apps_.reserve(streams.size());
  for (const SoakStream& stream : streams) {
    apps_.push_back({.stream = &stream,
                     .socket = UdpSocket(stream.to(), {.from = stream.from()}),
                     .calls = Calls(stream, file.bytes().size())});
    if (stream.segment != 0)
      apps_.back().socket.set_option(IPPROTO_UDP, UDP_SEGMENT, static_cast<int>(stream.segment));
  }
}

Load::~Load() {
  window_.stop();
  finish();
}

void Load::start() {
  errors_.resize(wanted_threads_);
  for (unsigned i = 0; i < wanted_threads_; i++)
    threads_.emplace_back([this, i] { serve(i); });
}

std::string Load::finish() {
  ended_ = true;
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
  std::string all;
  for (const std::string& error : errors_)
    all += error.empty() ? "" : "\n  " + error;
  return all;
}

bool Load::turn(App& app) {
  const uint64_t end = app.datagrams + kTurn;
  while (app.datagrams < end) {
    if (!call(app)) return false;
  }
  return true;
}

bool Load::call(App& app) {
  const Part part = app.calls.next();
  const size_t datagrams = datagrams_of(*app.stream, part.bytes);
  if (!window_.enter(datagrams)) return false;
  app.socket.send(app.stream->way, file_, part.offset, part.bytes);
  app.datagrams += datagrams;
  // A call of one segment is no super-packet: the kernel sends it as a datagram.
  if (app.stream->segment != 0 && datagrams > 1) app.super_packets++;
  return true;
}

// Of `wanted_threads_` threads, each has its own streams.
void Load::serve(size_t first) {
  try {
    for (size_t i = first; !ended_; i += wanted_threads_) {
      if (i >= apps_.size()) i = first;
      if (!turn(apps_[i])) {
        if (!ended_) errors_[first] = "the judge saw nothing more for 10 s: frames are lost";
        return;
      }
    }
  } catch (const std::system_error& error) {
    errors_[first] = error.what();
  }
}

}  // namespace zc::test
