// SPDX-License-Identifier: GPL-2.0-only
#include "stage.h"

#include <net/if.h>

#include <optional>

#include "own_link.h"
#include "zc/abi.h"

namespace zc::kern {
namespace {

constexpr OwnLinkKind kStage{"zcstage", "zcctl: cuts packets of ", "stage"};
constexpr uint32_t kCutSegments = 1;

bool cuts(const Link& stage) {
  return (stage.flags & IFF_UP) != 0 && stage.gso_max_bytes == ZC_STAGE_CUT_BYTES &&
         stage.gso_max_segments == kCutSegments;
}

}  // namespace

uint32_t staged_device(const Link& link) {
  return device_of(kStage, link);
}

Result<uint32_t> working_stage(uint32_t ifindex) {
  const std::optional<Link> stage = ZC_TRY(find_own_link(kStage, ifindex));
  return stage && is_on(*stage, ifindex) && cuts(*stage) ? stage->ifindex : 0U;
}

Result<uint32_t> make_stage(const api::Device& device) {
  OwnLinkSettings settings;
  settings.gso_max_bytes = ZC_STAGE_CUT_BYTES;
  settings.gso_max_segments = kCutSegments;
  return ZC_TRY(make_own_link(kStage, device, settings)).ifindex;
}

Status remove_stage(uint32_t ifindex) {
  return remove_own_link(kStage, ifindex);
}

Result<std::vector<uint32_t>> staged_devices() {
  return devices_with(kStage);
}

}  // namespace zc::kern
