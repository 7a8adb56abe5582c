// SPDX-License-Identifier: GPL-2.0-only
// The apps of the soak: threads whose sockets send what the script says, never more ahead of the
// judge than its device can queue. Must not know what becomes of a datagram.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "soak/script.h"
#include "support/sender.h"

namespace zc::test {

// Datagrams handed to the kernel against frames the judge has taken: a device does not push back,
// its queue drops what it cannot hold, so this does. For many threads at once.
class Window {
 public:
  // `taken` may be called by every thread.
  Window(uint64_t most_ahead, std::function<uint64_t()> taken)
      : most_ahead_(most_ahead), taken_(std::move(taken)) {}
  // Waits for room for so many more. False: the judge saw nothing for `kStall`, or stop() was
  // called.
  bool enter(uint64_t datagrams);
  // Waits until all that entered were taken; false as above.
  bool drain();
  void stop() { stopped_ = true; }
  uint64_t entered() const { return entered_; }

 private:
  bool wait_for(uint64_t taken);

  uint64_t most_ahead_;
  std::function<uint64_t()> taken_;
  std::atomic<uint64_t> entered_ = 0;
  std::atomic<bool> stopped_ = false;
};

// Sends until told to stop.
class Load {
 public:
  // The arguments outlive it. Throws std::system_error where a socket cannot be had.
  Load(const std::vector<SoakStream>& streams, const PayloadFile& file, Window& window,
       unsigned threads);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void start();
  // Ends every thread between two calls. What stopped one before: its error; empty: nothing.
  std::string finish();

  // Not while it sends.
  uint64_t datagrams(size_t stream) const { return apps_[stream].datagrams; }
  uint64_t super_packets(size_t stream) const { return apps_[stream].super_packets; }

 private:
  struct App {
    const SoakStream* stream;
    UdpSocket socket;
    Calls calls;
    uint64_t datagrams = 0;
    uint64_t super_packets = 0;
  };
  bool turn(App& app);
  bool call(App& app);
  void serve(size_t first);

  const PayloadFile& file_;
  Window& window_;
  std::vector<App> apps_;
  unsigned wanted_threads_;
  std::vector<std::thread> threads_;
  std::atomic<bool> ended_ = false;
  std::vector<std::string> errors_;
};

}  // namespace zc::test
