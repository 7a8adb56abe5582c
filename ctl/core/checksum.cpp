// SPDX-License-Identifier: GPL-2.0-only
#include "core/checksum.h"

#include <algorithm>

namespace zc::core {
namespace {

using api::CsumStart;
using api::Device;
using api::Sender;

std::string switch_off_hint(const Device& device) {
  return "ethtool -K " + device.name + " tx off, then --checksum full";
}

// "eth0 (e1000), eth1 (mlx5_core)": those for which `pick` holds.
template <typename Pick>
std::string list_senders(const Device& device, Pick pick) {
  std::string list;
  for (const Sender& sender : device.senders) {
    if (pick(sender))
      list += (list.empty() ? "" : ", ") + sender.dev + " (" +
              (sender.driver.empty() ? "driver unknown" : sender.driver) + ")";
  }
  return list;
}

std::string not_following(const Device& device) {
  return list_senders(device, [](const Sender& s) { return s.csum_start != CsumStart::kFollowed; });
}

bool all_follow(const Device& device) {
  return !device.senders.empty() &&
         std::all_of(device.senders.begin(), device.senders.end(),
                     [](const Sender& s) { return s.csum_start == CsumStart::kFollowed; });
}

Result<ChecksumChoice> choose_lco(const Device& device, Family family, uint8_t header_bytes) {
  if (header_bytes > 0) {
    return unsupported_error(
        "--checksum lco cannot carry a payload header (MPA)",
        family == Family::kIpv4 ? "use --checksum zero" : switch_off_hint(device));
  }
  ChecksumChoice choice{ZC_CHECKSUM_LCO, "you asked for it", {}};
  if (!device.tx_checksum(family) || all_follow(device)) return choice;
  const std::string parsers =
      list_senders(device, [](const Sender& s) { return s.csum_start == CsumStart::kIgnored; });
  if (!parsers.empty()) {
    return unsupported_error(
        "--checksum lco: " + parsers +
            " looks for the UDP header itself and would write a wrong checksum",
        family == Family::kIpv4 ? "use --checksum zero, or " + switch_off_hint(device)
                                : switch_off_hint(device));
  }
  choice.warning = "it is not known whether " + not_following(device) +
                   " follows csum_start: check UDP checksums at a receiver before you rely on it";
  return choice;
}

Result<ChecksumChoice> choose_zero(const Device& device, Family family) {
  if (family == Family::kIpv4) return ChecksumChoice{ZC_CHECKSUM_ZERO, "you asked for it", {}};
  return unsupported_error(
      "--checksum zero: IPv6 does not allow UDP without a checksum (RFC 8200 8.1)",
      "use --checksum lco, or " + switch_off_hint(device));
}

Result<ChecksumChoice> choose_full(const Device& device, Family family, uint8_t header_bytes) {
  if (!device.tx_checksum(family)) return ChecksumChoice{ZC_CHECKSUM_FULL, "you asked for it", {}};
  const std::string instead = header_bytes == 0         ? "use --checksum lco, or "
                              : family == Family::kIpv4 ? "use --checksum zero, or "
                                                        : "";
  return unsupported_error(
      "--checksum full: " + device.name +
          " offloads transmit checksums, so packets reach it without one",
      instead + "switch the offload off: ethtool -K " + device.name + " tx off");
}

Result<ChecksumChoice> choose_auto(const Device& device, Family family, uint8_t header_bytes) {
  if (!device.tx_checksum(family))
    return ChecksumChoice{ZC_CHECKSUM_FULL, "packets arrive with a finished checksum", {}};
  if (all_follow(device) && header_bytes == 0)
    return ChecksumChoice{ZC_CHECKSUM_LCO, "the device stores its sum where csum_start says", {}};
  const std::string why = header_bytes > 0
                              ? "a payload header stands in the way of lco"
                              : not_following(device) + " is not known to follow csum_start";
  if (family == Family::kIpv4) return ChecksumChoice{ZC_CHECKSUM_ZERO, why, {}};
  const std::string force = header_bytes > 0 ? "" : ", or --checksum lco if you know that it does";
  return unsupported_error("no checksum way is safe for IPv6 on " + device.name + ": " + why,
                           switch_off_hint(device) + force);
}

}  // namespace

const char* to_string(zc_checksum way) {
  switch (way) {
    case ZC_CHECKSUM_LCO:
      return "lco";
    case ZC_CHECKSUM_ZERO:
      return "zero";
    case ZC_CHECKSUM_FULL:
      return "full";
  }
  return "?";
}

Result<std::optional<zc_checksum>> parse_checksum(const std::string& text) {
  for (const zc_checksum way : {ZC_CHECKSUM_LCO, ZC_CHECKSUM_ZERO, ZC_CHECKSUM_FULL}) {
    if (text == to_string(way)) return std::optional(way);
  }
  if (text == "auto") return std::optional<zc_checksum>();
  return usage_error("--checksum: '" + text + "' is not one of auto, lco, zero, full");
}

Result<ChecksumChoice> choose_checksum(const Device& device, Family family, uint8_t header_bytes,
                                       std::optional<zc_checksum> wanted) {
  if (!wanted) return choose_auto(device, family, header_bytes);
  switch (*wanted) {
    case ZC_CHECKSUM_LCO:
      return choose_lco(device, family, header_bytes);
    case ZC_CHECKSUM_ZERO:
      return choose_zero(device, family);
    default:
      return choose_full(device, family, header_bytes);
  }
}

}  // namespace zc::core
