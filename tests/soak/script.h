// SPDX-License-Identifier: GPL-2.0-only
// What each stream of the soak sends, call after call without end; sender and judge follow the same
// script, each by itself. Values only: touches no socket and no device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/packet.h"
#include "support/sender.h"

namespace zc::test {

constexpr const char* kSoakSource4 = "10.9.0.1";
constexpr const char* kSoakSource6 = "fd00:9::1";
constexpr const char* kSoakPeer4 = "10.9.0.2";
constexpr const char* kSoakPeer6 = "fd00:9::2";
constexpr uint16_t kFirstSourcePort = 20'000;

// One rule of zcctl's, and the streams that it stamps.
struct SoakRule {
  Family family = Family::kIpv4;
  const char* checksum = "";  // as the option says it
  uint16_t port = 0;
  std::string to() const;
};

struct SoakStream {
  size_t rule = 0;  // of soak_rules()
  Family family = Family::kIpv4;
  uint16_t source_port = 0;
  uint16_t port = 0;
  Way way = Way::kSend;
  bool no_checksum = false;     // UDP checksum 0 and nothing else
  bool extension = false;       // the RTP header has one
  unsigned segment = 0;         // UDP_SEGMENT; 0: a datagram a call
  std::vector<unsigned> calls;  // bytes of each, again and again
  std::string from() const;
  std::string to() const;
};

std::vector<SoakRule> soak_rules();
// `count` streams, of all rules in turn.
std::vector<SoakStream> soak_streams(size_t count);

// Part of the file.
struct Part {
  size_t offset = 0;
  size_t bytes = 0;
};

// The calls of one stream: parts of a file of `file_bytes`, which begins again when it ends.
class Calls {
 public:
  Calls(const SoakStream& stream, size_t file_bytes)
      : sizes_(&stream.calls), file_bytes_(file_bytes) {}
  Part next();

 private:
  const std::vector<unsigned>* sizes_;
  size_t file_bytes_;
  size_t index_ = 0;
  size_t offset_ = 0;
};

// The datagrams that these calls become.
class Datagrams {
 public:
  Datagrams(const SoakStream& stream, size_t file_bytes)
      : calls_(stream, file_bytes), segment_(stream.segment) {}
  Part next();

 private:
  Calls calls_;
  unsigned segment_;
  Part left_;
};

// How many datagrams a call of so many bytes becomes.
size_t datagrams_of(const SoakStream& stream, size_t bytes);

}  // namespace zc::test
