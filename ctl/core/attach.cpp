// SPDX-License-Identifier: GPL-2.0-only
#include "api/hook.h"
#include "base/undo.h"
#include "core/commands.h"
#include "core/stage.h"
#include "core/state.h"

namespace zc::core {
namespace {

// The hook of a program that is attached already, or the one to take.
Result<zc_hook> choose_hook(api::Host& host, const std::string& dev, const DeviceState& state,
                            std::optional<zc_hook> wanted) {
  if (state.live()) {
    const auto in_force = static_cast<zc_hook>(state.meta.hook);
    if (!wanted || *wanted == in_force) return in_force;
    return exists_error(dev + " is attached by " + api::to_string(in_force) + " already",
                        "detach all its rules first: zcctl detach " + dev + " --all");
  }
  const bool tcx = ZC_TRY(host.features()).tcx;
  if (!wanted) return tcx ? ZC_HOOK_TCX : ZC_HOOK_CLSACT;
  if (*wanted == ZC_HOOK_TCX && !tcx)
    return unsupported_error("this kernel has no tcx", "use --hook clsact");
  return *wanted;
}

// Tables keep the size that they were made with.
Status check_max_streams(const std::string& dev, const DeviceState& state,
                         std::optional<uint32_t> wanted) {
  if (!state.live() || !wanted || *wanted == state.meta.max_streams) return ok();
  return exists_error("the tables of " + dev + " hold " + std::to_string(state.meta.max_streams) +
                          " streams already",
                      "detach all its rules first: zcctl detach " + dev + " --all");
}

// Carries a plan out. What was begun is undone when a later step fails.
class AttachRun {
 public:
  AttachRun(api::Host& host, const api::Device& device, const AttachWish& wish,
            const DeviceState& state, uint32_t max_streams)
      : host_(host), device_(device), wish_(wish), state_(state), max_streams_(max_streams) {}

  // Why no stage could be made; empty where it could.
  const std::string& no_stage() const { return no_stage_; }

  Status run(const Plan& plan) {
    for (const Step& step : plan)
      ZC_TRY(run_step(step));
    undo_.dismiss();
    return ok();
  }

 private:
  Status run_step(const Step& step) {
    switch (step.kind) {
      case Step::Kind::kRemovePins:
        return host_.remove(*state_.pins);
      case Step::Kind::kLoad:
        undo_.push([this] { remove_own_pins(); });
        tables_ = ZC_TRY(host_.create(device_, {wish_.hook, max_streams_}));
        return ok();
      case Step::Kind::kAttach:
        return host_.attach(device_);
      case Step::Kind::kMakeStage:
        return make_stage();
      case Step::Kind::kSetSegment:
        return set_segment(step.socket);
      case Step::Kind::kAddRule:
        return add_rule();
      case Step::Kind::kReplaceRule:
        return replace_rule(step.rule_id);
      case Step::Kind::kRemoveRule:
        break;
    }
    return ok();
  }

  // The kernel may refuse what looked possible. Only a rule that says --segment insists.
  Status make_stage() {
    Status made = host_.make_stage(device_);
    if (made || made.error().kind != ErrorKind::kUnsupported || wish_.rule.segment_bytes != 0)
      return made;
    no_stage_ = made.error().message;
    return ok();
  }

  Status set_segment(const api::ForeignSocket& socket) {
    ZC_TRY(open());
    if (const auto id = ZC_TRY(own_rule()))
      ZC_TRY(tables_->remember_socket(*id, socket, wish_.rule.segment_bytes));
    undo_.push([this, socket] { (void)host_.set_segment(socket, socket.segment_bytes); });
    return host_.set_segment(socket, wish_.rule.segment_bytes);
  }

  Status add_rule() {
    ZC_TRY(open());
    ZC_TRY(tables_->add_rule(wish_.rule));
    if (state_.live()) undo_.push([this] { remove_own_rule(); });  // else all pins go
    return ok();
  }

  Status replace_rule(uint32_t id) {
    ZC_TRY(open());
    for (const api::RuleEntry& entry : state_.rules) {
      if (entry.id == id)
        undo_.push([this, entry] { (void)tables_->replace_rule(entry.id, entry.rule); });
    }
    return tables_->replace_rule(id, wish_.rule);
  }

  Status open() {
    if (!tables_) tables_ = ZC_TRY(host_.open(*state_.pins));
    return ok();
  }

  // The id of the wish's rule; nothing where it is not there.
  Result<std::optional<uint32_t>> own_rule() {
    for (const api::RuleEntry& entry : ZC_TRY(tables_->rules())) {
      if (to_match(entry.rule.match) == to_match(wish_.rule.match)) return std::optional(entry.id);
    }
    return std::optional<uint32_t>();
  }

  void remove_own_rule() {
    const auto id = own_rule();
    if (id && *id) (void)tables_->remove_rule(**id);
  }

  void remove_own_pins() {
    const auto pinned = host_.pinned();
    if (!pinned) return;
    for (const api::PinnedDevice& pins : *pinned) {
      // A failure here has no better place to go than the error that brought us here.
      if (pins.here && pins.ifindex == device_.ifindex) (void)host_.remove(pins);
    }
  }

  api::Host& host_;
  const api::Device& device_;
  const AttachWish& wish_;
  const DeviceState& state_;
  uint32_t max_streams_;
  std::string no_stage_;
  std::unique_ptr<api::Datapath> tables_;
  Undo undo_;
};

}  // namespace

Result<AttachReport> attach(api::Host& host, const AttachRequest& request, Run run) {
  const Fd lock =
      ZC_TRY(host.lock(run == Run::kReally ? api::Access::kChange : api::Access::kRead));
  const api::Device device = ZC_TRY(host.device(request.dev));
  ZC_TRY(api::l2_header_bytes(device));
  const RuleSpec& spec = request.spec;
  AttachReport report;
  const DeviceState state = ZC_TRY(read_state(host, device.ifindex));
  report.hook = ZC_TRY(choose_hook(host, request.dev, state, request.hook));
  report.checksum = ZC_TRY(
      choose_checksum(device, spec.match.to.family, spec.payload_header_bytes, spec.checksum));
  report.rule = to_abi(spec, report.checksum.way);
  const Status stage = check_stage(device);
  if (spec.segment_bytes != 0) {
    if (!stage) return stage.error();
    ZC_TRY(check_segment(device, report.rule));
  }
  if (!stage) report.no_stage = stage.error().message;
  ZC_TRY(check_max_streams(request.dev, state, request.max_streams));
  AttachWish wish{request.dev, report.rule, report.hook, request.replace, static_cast<bool>(stage),
                  {}};
  if (request.pid)
    wish.sockets =
        ZC_TRY(host.find_sockets(*request.pid, request.fd, spec.match.to, spec.match.from));
  report.plan = ZC_TRY(plan_attach(wish, state));
  for (const Step& step : report.plan)
    report.added |= step.kind == Step::Kind::kAddRule;
  if (run == Run::kDry) return report;
  AttachRun steps(host, device, wish, state, request.max_streams.value_or(ZC_DEFAULT_STREAMS));
  ZC_TRY(steps.run(report.plan));
  if (!steps.no_stage().empty()) report.no_stage = steps.no_stage();
  return report;
}

}  // namespace zc::core
