#include "kern/stage.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "kern/netlink.h"
#include "zc/abi.h"

namespace zc::kern {
namespace {

constexpr char kPrefix[] = "zcstage";
constexpr size_t kPrefixLength = sizeof(kPrefix) - 1;
constexpr char kKind[] = "macvlan";

// The device that a link is the stage of; 0: it is no stage.
uint32_t staged_device(const Link& link) {
  uint32_t ifindex = 0;
  if (link.kind != kKind || link.name.rfind(kPrefix, 0) != 0) return 0;
  const char* end = link.name.data() + link.name.size();
  const auto parsed = std::from_chars(link.name.data() + kPrefixLength, end, ifindex);
  return parsed.ec == std::errc() && parsed.ptr == end ? ifindex : 0;
}

// What the kernel says where the device's kind of link, or who holds it, leaves no place for a
// macvlan, or where it has none.
Error refusal(const Device& device, int saved_errno, Error error) {
  if (saved_errno == EBUSY || saved_errno == EINVAL || saved_errno == EOPNOTSUPP)
    error.code = ExitCode::kUnsupported;
  return std::move(error).in("no stage behind " + device.name);
}

}  // namespace

std::string stage_name(uint32_t ifindex) {
  return kPrefix + std::to_string(ifindex);
}

Result<uint32_t> find_stage(uint32_t ifindex) {
  const std::vector<Link> links = ZC_TRY(dump_links());
  const auto stage = std::find_if(links.begin(), links.end(),
                                  [&](const Link& link) { return staged_device(link) == ifindex; });
  return stage == links.end() ? 0U : stage->ifindex;
}

Result<uint32_t> make_stage(const Device& device) {
  uint32_t stage = ZC_TRY(find_stage(device.ifindex));
  if (stage == 0) {
    Status created = create_macvlan(stage_name(device.ifindex), device.ifindex);
    if (!created) return refusal(device, errno, std::move(created).error());
    stage = ZC_TRY(find_stage(device.ifindex));
  }
  Status ready = set_up_stage_link(stage, {.mtu = device.mtu,
                                           .gso_max_bytes = ZC_STAGE_CUT_BYTES,
                                           .gso_max_segments = 1,
                                           .alias = "zcctl: cuts packets of " + device.name});
  if (ready) return stage;
  (void)delete_link(stage);  // a failure here has no better place to go than the one before
  return std::move(ready).error();
}

Status remove_stage(uint32_t ifindex) {
  const uint32_t stage = ZC_TRY(find_stage(ifindex));
  return stage == 0 ? ok() : delete_link(stage);
}

Result<std::vector<uint32_t>> staged_devices() {
  std::vector<uint32_t> devices;
  for (const Link& link : ZC_TRY(dump_links())) {
    if (const uint32_t ifindex = staged_device(link)) devices.push_back(ifindex);
  }
  return devices;
}

}  // namespace zc::kern
