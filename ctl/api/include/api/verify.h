// SPDX-License-Identifier: GPL-2.0-only
// Two ends of a proof by real packets: who sends test datagrams as an app does, and who sees them
// as they arrive. Values and interfaces only; what the packets mean is core's, how they are had
// from the kernel is kern's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/address.h"
#include "base/result.h"

namespace zc::api {

// Sends datagrams from an ordinary UDP socket, and talks with the listener over TCP. While one
// lives, SIGINT, SIGTERM and SIGHUP interrupt nothing: what waits returns an Error, so that its
// caller can put back what it has changed.
class TestSender {
 public:
  virtual ~TestSender() = default;

  virtual Endpoint source() const = 0;  // of the datagrams, with its port
  // Lines are without their newline.
  virtual Status say(const std::string& line) = 0;
  virtual Result<std::string> hear(std::chrono::milliseconds patience) = 0;
  virtual Status set_segment(uint32_t bytes) = 0;  // UDP_SEGMENT; 0: one datagram a call
  // With DF set, whatever the path's MTU is thought to be. False: the kernel finds it too long.
  virtual Result<bool> send(std::span<const uint8_t> payload) = 0;
  virtual Status pause(std::chrono::microseconds time) = 0;
};

struct TestEvent {
  enum class Kind : uint8_t {
    kQuiet,   // nothing happened for a while
    kJoined,  // a session; `text` is who
    kLine,    // `session` said `text`
    kLeft,    // `session` is gone
    kPacket,  // a UDP packet to the port
    kStop,    // SIGINT, SIGTERM or SIGHUP
  };
  Kind kind = Kind::kQuiet;
  uint32_t session = 0;
  std::string text{};
  // From the IP header on, as it came, before the firewall; valid until the next wait.
  std::span<const uint8_t> packet{};
  // It never was on a wire: its checksum was still to be made (CHECKSUM_PARTIAL).
  bool unfinished = false;
};

// Sees each UDP packet to its port once, and holds the TCP sessions of those who send them.
class TestListener {
 public:
  virtual ~TestListener() = default;

  virtual Result<TestEvent> wait(std::chrono::milliseconds patience) = 0;
  // Never waits: who does not read is hung up.
  virtual void say(uint32_t session, const std::string& line) = 0;
  virtual void hang_up(uint32_t session) = 0;
  // Packets to the port that could not be looked at, since it was opened.
  virtual uint64_t missed() = 0;
};

class TestNet {
 public:
  virtual ~TestNet() = default;

  // `dev` is the scope of a link-local address; routes decide by which device packets leave.
  // kNotFound where nobody listens.
  virtual Result<std::unique_ptr<TestSender>> connect(const std::string& dev,
                                                      const Endpoint& to) = 0;
  // `at` empty: all addresses of this host. kExists where somebody has the port.
  virtual Result<std::unique_ptr<TestListener>> listen(const std::optional<Endpoint>& at,
                                                       uint16_t port) = 0;
};

}  // namespace zc::api
