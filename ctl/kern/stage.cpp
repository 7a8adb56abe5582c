#include "kern/stage.h"

#include <cerrno>
#include <charconv>
#include <optional>

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

Result<std::optional<Link>> find_stage_link(uint32_t ifindex) {
  for (const Link& link : ZC_TRY(dump_links())) {
    if (staged_device(link) == ifindex) return std::optional(link);
  }
  return std::optional<Link>();
}

// What the kernel says where the device's kind of link, or who holds it, leaves no place for a
// macvlan, or where it has none.
Error refusal(const Device& device, int saved_errno, Error error) {
  if (saved_errno == EBUSY || saved_errno == EINVAL || saved_errno == EOPNOTSUPP ||
      saved_errno == EEXIST || saved_errno == ERANGE)
    error.code = ExitCode::kUnsupported;
  return std::move(error).in("no stage behind " + device.name);
}

}  // namespace

std::string stage_name(uint32_t ifindex) {
  return kPrefix + std::to_string(ifindex);
}

Result<uint32_t> find_stage(uint32_t ifindex) {
  const std::optional<Link> stage = ZC_TRY(find_stage_link(ifindex));
  return stage ? stage->ifindex : 0U;
}

Result<uint32_t> make_stage(const Device& device) {
  std::optional<Link> stage = ZC_TRY(find_stage_link(device.ifindex));
  // Its device moved away, and another one has the index now.
  const bool strange = stage && (stage->lower != device.ifindex || stage->lower_elsewhere);
  if (strange) ZC_TRY(delete_link(stage->ifindex));
  if (strange || !stage) {
    Status created = create_macvlan(stage_name(device.ifindex), device.ifindex);
    if (!created) return refusal(device, errno, std::move(created).error());
    stage = ZC_TRY(find_stage_link(device.ifindex));
  }
  if (!stage) return Error{ExitCode::kFailed, "the stage of " + device.name + " has gone", {}, {}};
  Status ready =
      set_up_stage_link(stage->ifindex, {.mtu = device.mtu,
                                         .gso_max_bytes = ZC_STAGE_CUT_BYTES,
                                         .gso_max_segments = 1,
                                         .alias = "zcctl: cuts packets of " + device.name});
  if (ready) return stage->ifindex;
  const int why = errno;
  (void)delete_link(
      stage->ifindex);  // a failure here has no better place to go than the one before
  return refusal(device, why, std::move(ready).error());
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
