// SPDX-License-Identifier: GPL-2.0-only
// A TUN or TAP device with the program at its egress, for what BPF_PROG_TEST_RUN cannot show: the
// test reads from its descriptor what leaves. Gone with the object.
#pragma once

#include "bytes.h"
#include "egress.h"

namespace zc::test {

enum class LinkKind { kBareIp, kEthernet };

class LiveDevice {
 public:
  // Gets the addresses 10.9.0.1/24 and 2001:db8::1/64.
  explicit LiveDevice(LinkKind kind, int mtu = 1500);
  ~LiveDevice();
  LiveDevice(const LiveDevice&) = delete;
  LiveDevice& operator=(const LiveDevice&) = delete;
  LiveDevice(LiveDevice&&) = delete;
  LiveDevice& operator=(LiveDevice&&) = delete;

  bool ready() const { return up_; }
  bool attach(const Egress& egress) const;  // clsact: every kernel that zcctl runs on has it

  // The next packet that carries UDP, tagged or not; empty where none comes within a second. The
  // kernel's own chatter is passed over.
  Bytes read() const;
  // Sends a whole frame by a raw socket. 0 or errno; ENOBUFS is how the sender learns of a drop.
  int send_frame(const Bytes& frame) const;

 private:
  int index() const;
  void add_ipv6_address() const;

  LinkKind kind_;
  int fd_;
  bool up_ = false;
};

}  // namespace zc::test
