// SPDX-License-Identifier: GPL-2.0-only
#include "stage.h"

#include <linux/if_link.h>
#include <net/if.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "zc/abi.h"

namespace zc::kern {
namespace {

constexpr char kPrefix[] = "zcstage";
constexpr size_t kPrefixLength = sizeof(kPrefix) - 1;
constexpr char kKind[] = "macvlan";
constexpr char kAlias[] = "zcctl: cuts packets of ";
constexpr uint32_t kCutSegments = 1;

// Anybody may call a macvlan as he likes. Ours receives from nobody and says whose it is, but for
// the moment between its making and the next step, in which it is still down.
bool is_zcctls(const Link& link) {
  if (link.kind != kKind || link.macvlan_mode != MACVLAN_MODE_SOURCE) return false;
  return link.alias.starts_with(kAlias) || (link.alias.empty() && (link.flags & IFF_UP) == 0);
}

// The device that a name of a stage speaks of; 0: it is no such name.
uint32_t device_in_name(const std::string& name) {
  uint32_t ifindex = 0;
  if (!name.starts_with(kPrefix)) return 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kPrefixLength, end, ifindex);
  return parsed.ec == std::errc() && parsed.ptr == end ? ifindex : 0;
}

Result<std::optional<Link>> find_stage_link(uint32_t ifindex) {
  for (const Link& link : ZC_TRY(dump_links())) {
    if (staged_device(link) == ifindex) return std::optional(link);
  }
  return std::optional<Link>();
}

// False where its device moved away, and another one has the index now.
bool is_on(const Link& stage, uint32_t ifindex) {
  return stage.lower == ifindex && !stage.lower_elsewhere;
}

bool cuts(const Link& stage) {
  return (stage.flags & IFF_UP) != 0 && stage.gso_max_bytes == ZC_STAGE_CUT_BYTES &&
         stage.gso_max_segments == kCutSegments;
}

// What the kernel says where the device's kind of link, or who holds it, leaves no place for a
// macvlan, or where it has none.
Error refusal(const api::Device& device, Error error) {
  const int why = error.system_errno;
  if (why == EEXIST) {
    const std::string name = stage_name(device.ifindex);
    error = failed_error("its name, " + name + ", is that of somebody else's device",
                         "rename that: ip link set " + name + " name OTHER");
  }
  if (why == EBUSY || why == EINVAL || why == EOPNOTSUPP || why == EEXIST || why == ERANGE)
    error.kind = ErrorKind::kUnsupported;
  return std::move(error).in("no stage behind " + device.name);
}

}  // namespace

uint32_t staged_device(const Link& link) {
  return is_zcctls(link) ? device_in_name(link.name) : 0;
}

std::string stage_name(uint32_t ifindex) {
  return kPrefix + std::to_string(ifindex);
}

Result<uint32_t> working_stage(uint32_t ifindex) {
  const std::optional<Link> stage = ZC_TRY(find_stage_link(ifindex));
  return stage && is_on(*stage, ifindex) && cuts(*stage) ? stage->ifindex : 0U;
}

Result<uint32_t> make_stage(const api::Device& device) {
  std::optional<Link> stage = ZC_TRY(find_stage_link(device.ifindex));
  const bool strange = stage && !is_on(*stage, device.ifindex);
  if (strange) ZC_TRY(delete_link(stage->ifindex));
  if (strange || !stage) {
    Status created = create_macvlan(stage_name(device.ifindex), device.ifindex);
    if (!created) return refusal(device, std::move(created).error());
    stage = ZC_TRY(find_stage_link(device.ifindex));
  }
  if (!stage) return failed_error("the stage of " + device.name + " has gone");
  Status ready = set_up_stage_link(stage->ifindex, {.mtu = device.mtu,
                                                    .gso_max_bytes = ZC_STAGE_CUT_BYTES,
                                                    .gso_max_segments = kCutSegments,
                                                    .alias = kAlias + device.name});
  if (ready) return stage->ifindex;
  (void)delete_link(
      stage->ifindex);  // a failure here has no better place to go than the one before
  return refusal(device, std::move(ready).error());
}

Status remove_stage(uint32_t ifindex) {
  const std::optional<Link> stage = ZC_TRY(find_stage_link(ifindex));
  return stage ? delete_link(stage->ifindex) : ok();
}

Result<std::vector<uint32_t>> staged_devices() {
  std::vector<uint32_t> devices;
  for (const Link& link : ZC_TRY(dump_links())) {
    if (const uint32_t ifindex = staged_device(link)) devices.push_back(ifindex);
  }
  return devices;
}

}  // namespace zc::kern
