// SPDX-License-Identifier: GPL-2.0-only
#include "core/commands.h"
#include "core/pace.h"
#include "core/stage.h"

namespace zc::core {
namespace {

Result<ProbeReport::FamilyReport> probe_family(const api::Device& device, Family family) {
  ProbeReport::FamilyReport report;
  report.automatic = ZC_TRY(choose_checksum(device, family, 0, std::nullopt));
  for (const zc_checksum way :
       {ZC_CHECKSUM_UNI, ZC_CHECKSUM_SUM, ZC_CHECKSUM_ZERO, ZC_CHECKSUM_LCO}) {
    const auto choice = choose_checksum(device, family, 0, way);
    if (choice && way != report.automatic.way) report.instead.push_back(*choice);
  }
  return report;
}

}  // namespace

Result<ProbeReport> probe(api::Host& host, const std::string& dev) {
  ProbeReport report;
  if (!dev.empty()) {
    ProbeReport::DeviceReport about;
    about.device = ZC_TRY(host.device(dev));
    const Status usable = check_device(about.device);
    if (!usable) about.refusal = usable.error().message;
    const auto stage = check_stage(about.device);
    if (!stage) about.no_stage = stage.error().message;
    const Status pace = check_pace(about.device);
    if (!pace) about.no_pace = pace.error().message;
    about.ipv4 = ZC_TRY(probe_family(about.device, Family::kIpv4));
    about.ipv6 = ZC_TRY(probe_family(about.device, Family::kIpv6));
    report.device = about;
  }
  report.features = ZC_TRY(host.features());
  report.pacing = ZC_TRY(host.pacing());
  if (report.device) report.device->hook = report.features.tcx ? ZC_HOOK_TCX : ZC_HOOK_CLSACT;
  return report;
}

}  // namespace zc::core
