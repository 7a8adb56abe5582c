// SPDX-License-Identifier: GPL-2.0-only
// The order of things:
//   1. beside the old pins a whole new set is made: a new program on the old maps. Its program is
//      pinned last, which says that the set is complete.
//   2. the new program takes the old one's place on the device (bpf_link_update, or the filter
//      is replaced), in one step.
//   3. the two directories exchange their names, in one step.
//   4. the old set, beside now, goes.
// Who is killed in between left the old pins in force (1), or the old pins with the new program on
// the same tables (2), or the new ones (3, 4); the next take_over, or open, goes on from there. Up
// to the exchange the running program may look at the zc_meta of either set.
#include "takeover.h"

#include "attachment.h"
#include "device.h"
#include "map.h"
#include "meta.h"
#include "old_layout.h"
#include "pace_program.h"
#include "program.h"
#include "rule_table.h"

namespace zc::kern {
namespace {

// Is the set beside complete, and made of the maps that are in force now? An older zcctl, which
// does not know of it, may have removed and made them anew meanwhile.
Result<bool> can_go_on(const PinDirectory& old, const PinDirectory& fresh) {
  const auto head = read_meta_head(fresh);
  if (!head || head->version != ZC_ABI_VERSION || !ZC_TRY(egress_program_pin(fresh))) return false;
  return ZC_TRY(map_id(fresh.pin("zc_match"))) == ZC_TRY(map_id(old.pin("zc_match")));
}

Status make_fresh(const std::string& bpffs, const PinDirectory& old, const PinDirectory& fresh,
                  const api::Device& device) {
  zc_meta meta = ZC_TRY(read_meta(old));
  ProgramConfig config;
  config.l2_bytes = ZC_TRY(api::l2_header_bytes(device));
  config.kern_ctx = has_kern_ctx();
  config.max_streams = meta.max_streams;
  const bool grew = has_short_rules(meta.version);
  // A note of an older layout says something else about how a packet is written, and of the scratch
  // nothing outlives a packet.
  const EgressProgram program = ZC_TRY(
      grew ? EgressProgram::load_on(old, config, {kPinMeta, kPinRules, "zc_supers", kPinScratch})
           : EgressProgram::load_on(old, config, {kPinMeta, kPinScratch}));
  ZC_TRY(fresh.remove());
  ZC_TRY(fresh.make());
  ZC_TRY(fresh.try_exchange());
  ZC_TRY(program.pin_maps(fresh));
  meta.version = ZC_ABI_VERSION;
  if (meta.cname[0] == '\0') ZC_TRY(give_cname(bpffs, meta));
  ZC_TRY(write_meta(fresh, meta));
  return fresh.pin_fd(program.program_fd(), PinDirectory::program(kEgress));
}

// Rules that have grown are in a table of their own. Written again whenever a killed take-over goes
// on: an older zcctl may have changed rules meanwhile.
Status copy_rules(const PinDirectory& old, const PinDirectory& fresh) {
  const uint32_t layout = ZC_TRY(read_meta(old)).version;
  if (!has_short_rules(layout)) return ok();
  RuleTable from = ZC_TRY(RuleTable::open(old.pin(kPinRules), layout));
  RuleTable to = ZC_TRY(RuleTable::open(fresh.pin(kPinRules), ZC_ABI_VERSION));
  for (uint32_t id = 0; id < RuleTable::size(); id++) {
    const zc_rule rule = from.at(id);
    if (rule.match.family != 0)
      to[id] = rule;  // others were never used: the memory stays untouched
  }
  return ok();
}

Status put_in_place(const std::string& bpffs, const Scope& scope) {
  const PinDirectory old(bpffs, scope), fresh = PinDirectory::beside(bpffs, scope);
  const api::Device device = ZC_TRY(find_device(device_name(scope.ifindex)));
  if (!ZC_TRY(can_go_on(old, fresh))) ZC_TRY(make_fresh(bpffs, old, fresh, device));
  ZC_TRY(copy_rules(old, fresh));
  zc_meta meta = ZC_TRY(read_meta(fresh));
  const zc_meta before = ZC_TRY(read_meta(old));
  meta.stage = before.stage;
  meta.pace = before.pace;
  meta.pace_kind = before.pace_kind;
  ZC_TRY(write_meta(fresh, meta));
  if (meta.pace != 0 && meta.pace_kind == ZC_PACE_KIND_FQ)
    ZC_TRY(attach_pace_program(fresh, meta.pace));  // on the tables that the new program has
  ZC_TRY(replace_egress(old, fresh, scope.ifindex));
  ZC_TRY(fresh.exchange(old));
  return fresh.remove();
}

}  // namespace

bool can_take_over(uint32_t layout) {
  return layout >= kOldestLayout && layout < ZC_ABI_VERSION;
}

Status take_over(const std::string& bpffs, const Scope& scope) {
  Status taken = put_in_place(bpffs, scope);
  if (taken || !taken.error().hint.empty()) return taken;
  Error error = std::move(taken).error();
  error.hint =
      "its rules are as they were; `zcctl detach DEV --all` or `zcctl clean --force` ends them";
  return std::move(error).in("cannot take over what an older zcctl left in force");
}

}  // namespace zc::kern
