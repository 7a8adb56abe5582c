// SPDX-License-Identifier: GPL-2.0-only
#include "core/stage.h"

#include <net/if_arp.h>

#include "core/rule.h"
#include "zc/room.h"
#include "zc/wire/ts.h"

namespace zc::core {
namespace {

constexpr char kOneEach[] = "without --segment, one datagram a call is stamped all the same";

// A transport stream is sent in whole packets (RFC 2250 2).
std::string what_fits(const PathMtu& mtu, uint32_t headers, bool transport_stream) {
  const uint32_t unit = transport_stream ? ZC_TS_PACKET_BYTES : 1;
  const uint32_t most = mtu.bytes > headers ? (mtu.bytes - headers) / unit * unit : 0;
  return most > 0 ? "at most " + std::to_string(most) + " bytes fit" : "";
}

}  // namespace

Status check_device(const api::Device& device) {
  if (!device.stage_of.empty())
    return unsupported_error(
        device.name + " is the stage of " + device.stage_of + ", which zcctl made to cut packets",
        "attach to " + device.stage_of);
  if (!device.pace_of.empty())
    return unsupported_error(
        device.name + " is the queue of " + device.pace_of + ", which zcctl made to pace packets",
        "attach to " + device.pace_of);
  ZC_TRY(api::l2_header_bytes(device));
  return ok();
}

Status check_macvlan(const api::Device& device, const std::string& does) {
  const std::string macvlan = "a macvlan, which " + does;
  if (device.loopback) return unsupported_error("the loopback device cannot carry " + macvlan);
  if (device.link_type != ARPHRD_ETHER)
    return unsupported_error("it carries bare IP, and " + macvlan + ", Ethernet");
  if (device.kind == "macvlan" || device.kind == "macvtap")
    return unsupported_error("the kernel puts a macvlan on a " + device.kind + " beside it instead",
                             "attach to the device below it");
  // The masters of the kernel but VRF take each received packet first, and so does a macvlan.
  if (!device.master_kind.empty() && device.master_kind != "vrf")
    return unsupported_error(
        "it belongs to a " + device.master_kind + ", beside which no macvlan can be",
        "attach to the " + device.master_kind + " itself");
  return ok();
}

Status check_stage(const api::Device& device) {
  Status possible = check_macvlan(device, "does the cutting");
  if (possible) return possible;
  const Error& why = possible.error();
  return unsupported_error(
      "packets of many segments cannot be cut on " + device.name + ": " + why.message,
      (why.hint.empty() ? "" : why.hint + "; ") + kOneEach);
}

Status check_segment(const PathMtu& mtu, const zc_rule& rule) {
  const uint32_t segment = rule.options.segment_bytes;
  const uint32_t headers = zc_header_bytes(rule.match.family, rule.options.how);
  const std::string what = "--segment " + std::to_string(segment) + ": ";
  if (segment + headers <= mtu.bytes) return ok();
  return usage_error(what + "with " + std::to_string(headers) +
                         " bytes of headers it would exceed " + mtu.of + " (" +
                         std::to_string(mtu.bytes) + ")",
                     what_fits(mtu, headers, is_transport_stream(rule)));
}

}  // namespace zc::core
