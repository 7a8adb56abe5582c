// SPDX-License-Identifier: GPL-2.0-only
#include "core/checksum.h"

#include <algorithm>

#include "base/printable.h"

namespace zc::core {
namespace {

using api::CsumOffload;
using api::Device;
using api::Sender;

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

std::string senders_of(const Device& device, CsumOffload kind) {
  return list_senders(device, [kind](const Sender& sender) { return sender.csum == kind; });
}

bool all_take_uni(const Device& device) {
  return !device.senders.empty() &&
         std::all_of(device.senders.begin(), device.senders.end(), [](const Sender& sender) {
           return sender.csum == CsumOffload::kFollows || sender.csum == CsumOffload::kParses;
         });
}

constexpr char kAsked[] = "you asked for it";

// An extension has to end where the payload begins, and a payload header stands there.
Status check_no_payload_header(const std::string& way, uint8_t header_bytes) {
  if (header_bytes == 0) return ok();
  return unsupported_error("--checksum " + way + " cannot carry a payload header (MPA)",
                           "use --checksum sum");
}

Result<ChecksumChoice> choose_uni(const Device& device, Family family, uint8_t header_bytes) {
  ZC_TRY(check_no_payload_header("uni", header_bytes));
  ChecksumChoice choice{ZC_CHECKSUM_UNI, kAsked, {}};
  if (!device.tx_checksum(family) || all_take_uni(device)) return choice;
  const std::string handing_on = senders_of(device, CsumOffload::kHandsOn);
  choice.warning =
      handing_on.empty()
          ? "it is not known whether every card of the driver takes uni's packets: prove it first "
            "with `zcctl probe " +
                shell_word(device.name) + " --verify ADDR`"
          : handing_on + " hands packets on as they are: uni is wrong where NAT follows";
  return choice;
}

Result<ChecksumChoice> choose_lco(const Device& device, Family family, uint8_t header_bytes) {
  ZC_TRY(check_no_payload_header("lco", header_bytes));
  ChecksumChoice choice{ZC_CHECKSUM_LCO, kAsked, {}};
  if (!device.tx_checksum(family)) return choice;
  const std::string parsers = senders_of(device, CsumOffload::kParses);
  if (!parsers.empty()) {
    return unsupported_error(
        "--checksum lco: " + parsers +
            " looks for the UDP header itself and would write a wrong checksum",
        "use --checksum uni or sum");
  }
  const std::string handing_on = senders_of(device, CsumOffload::kHandsOn);
  const std::string unknown = senders_of(device, CsumOffload::kUnknown);
  if (!unknown.empty())
    choice.warning = "it is not known whether " + unknown +
                     " follows csum_start: prove it first with `zcctl probe " +
                     shell_word(device.name) + " --verify ADDR`";
  else if (!handing_on.empty())
    choice.warning = handing_on + " hands packets on as they are: lco is wrong where NAT follows";
  return choice;
}

Result<ChecksumChoice> choose_zero(Family family) {
  if (family == Family::kIpv4) return ChecksumChoice{ZC_CHECKSUM_ZERO, kAsked, {}};
  return unsupported_error(
      "--checksum zero: IPv6 does not allow UDP without a checksum (RFC 8200 8.1)",
      "use --checksum sum, which needs no more bytes");
}

// Never wrong, whoever sends the packet in the end and whatever stands before: `sum` is right
// everywhere, `uni` only where the device is known.
ChecksumChoice choose_auto(const Device& device, Family family, uint8_t header_bytes) {
  if (!device.tx_checksum(family))
    return {ZC_CHECKSUM_SUM, "packets arrive with a finished checksum, which is updated", {}};
  if (header_bytes > 0) return {ZC_CHECKSUM_SUM, "a payload header stands in the way of uni", {}};
  if (all_take_uni(device)) {
    return {ZC_CHECKSUM_UNI,
            senders_of(device, CsumOffload::kParses).empty()
                ? "the device stores its sum where csum_start says"
                : "the device finds the UDP header itself",
            {}};
  }
  const std::string handing_on = senders_of(device, CsumOffload::kHandsOn);
  if (!handing_on.empty())
    return {ZC_CHECKSUM_SUM, handing_on + " hands packets on, and NAT may follow", {}};
  return {ZC_CHECKSUM_SUM,
          senders_of(device, CsumOffload::kUnknown) + " is not known to take uni's packets",
          {}};
}

}  // namespace

const char* to_string(zc_checksum way) {
  switch (way) {
    case ZC_CHECKSUM_LCO:
      return "lco";
    case ZC_CHECKSUM_ZERO:
      return "zero";
    case ZC_CHECKSUM_SUM:
      return "sum";
    case ZC_CHECKSUM_UNI:
      return "uni";
  }
  return "?";
}

const char* cost_of(zc_checksum way) {
  switch (way) {
    case ZC_CHECKSUM_LCO:
      return "20 bytes of headers, and no look at the payload";
    case ZC_CHECKSUM_ZERO:
      return "12 bytes of headers, and packets without UDP checksum";
    case ZC_CHECKSUM_SUM:
      return "12 bytes of headers, and reading the payload where the packet brings no checksum";
    case ZC_CHECKSUM_UNI:
      return "28 bytes of headers, and no look at the payload";
  }
  return "?";
}

Result<std::optional<zc_checksum>> parse_checksum(const std::string& text) {
  for (const zc_checksum way :
       {ZC_CHECKSUM_UNI, ZC_CHECKSUM_SUM, ZC_CHECKSUM_ZERO, ZC_CHECKSUM_LCO}) {
    if (text == to_string(way)) return std::optional(way);
  }
  if (text == "full") return std::optional(ZC_CHECKSUM_SUM);  // its name before 0.3.0
  if (text == "auto") return std::optional<zc_checksum>();
  return usage_error("--checksum: '" + text + "' is not one of auto, uni, sum, zero, lco");
}

Result<ChecksumChoice> choose_checksum(const Device& device, Family family, uint8_t header_bytes,
                                       std::optional<zc_checksum> wanted) {
  if (!wanted) return choose_auto(device, family, header_bytes);
  switch (*wanted) {
    case ZC_CHECKSUM_UNI:
      return choose_uni(device, family, header_bytes);
    case ZC_CHECKSUM_LCO:
      return choose_lco(device, family, header_bytes);
    case ZC_CHECKSUM_ZERO:
      return choose_zero(family);
    default:
      return ChecksumChoice{ZC_CHECKSUM_SUM, kAsked, {}};
  }
}

}  // namespace zc::core
