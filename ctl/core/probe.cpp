// SPDX-License-Identifier: GPL-2.0-only
#include "core/commands.h"
#include "core/stage.h"

namespace zc::core {
namespace {

void probe_family(const api::Device& device, Family family, std::optional<ChecksumChoice>& choice,
                  std::string& refusal) {
  auto chosen = choose_checksum(device, family, 0, std::nullopt);
  if (chosen)
    choice = *chosen;
  else
    refusal = chosen.error().message;
}

}  // namespace

Result<ProbeReport> probe(api::Host& host, const std::string& dev) {
  ProbeReport report;
  if (!dev.empty()) {
    ProbeReport::DeviceReport about;
    about.device = ZC_TRY(host.device(dev));
    const auto l2 = api::l2_header_bytes(about.device);
    if (!l2) about.refusal = l2.error().message;
    const auto stage = check_stage(about.device);
    if (!stage) about.no_stage = stage.error().message;
    probe_family(about.device, Family::kIpv4, about.ipv4, about.ipv4_refusal);
    probe_family(about.device, Family::kIpv6, about.ipv6, about.ipv6_refusal);
    report.device = about;
  }
  report.features = ZC_TRY(host.features());
  if (report.device) report.device->hook = report.features.tcx ? ZC_HOOK_TCX : ZC_HOOK_CLSACT;
  return report;
}

}  // namespace zc::core
