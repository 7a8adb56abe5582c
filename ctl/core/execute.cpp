// SPDX-License-Identifier: GPL-2.0-only
#include "core/execute.h"

#include <memory>
#include <optional>

#include "base/undo.h"
#include "core/pace.h"

namespace zc::core {
namespace {

// One overload a step: a new kind of step does not compile until it is here.
class Executor {
 public:
  Executor(api::Session& session, const Plan& plan) : session_(session), pins_(plan.pins) {}

  Result<Executed> run(const Plan& plan) {
    for (const Step& step : plan.steps)
      ZC_TRY(std::visit(*this, step));
    undo_.dismiss();
    return Executed{no_stage_};
  }

  Status operator()(const step::TakeOver& step) {
    ZC_TRY(session_.take_over(step.pins));
    pins_ = step.pins;
    pins_->state = api::PinnedDevice::State::kLive;
    return ok();
  }

  Status operator()(const step::RemovePins& step) {
    tables_.reset();
    return session_.remove(step.pins);
  }

  Status operator()(const step::Load& step) {
    undo_.push([this, &step] { remove_pins_of(step.device); });
    loaded_ = true;
    tables_ = ZC_TRY(session_.create(step.device, step.options));
    return ok();
  }

  Status operator()(const step::MakeStage& step) {
    Status made = session_.make_stage(step.device);
    if (made || made.error().kind != ErrorKind::kUnsupported || step.insists) return made;
    no_stage_ = made.error().message;
    return ok();
  }

  Status operator()(const step::MakePace& step) {
    undo_.push([this] { (void)settle_pace(); });
    return check_pace_kind(ZC_TRY(session_.make_pace(step.device)), step.departures);
  }

  Status operator()(const step::SetRate& step) {
    undo_.push([this] { (void)settle_pace(); });
    return session_.set_rate(step.ifindex, step.id, step.rule);
  }

  Status operator()(const step::TrimPace&) { return settle_pace(); }

  Status operator()(const step::AddRule& step) {
    ZC_TRY(open());
    ZC_TRY(tables_->add_rule(step.rule));
    if (!loaded_) undo_.push([this, &step] { remove_rule_of(step.rule.match); });  // else all goes
    return ok();
  }

  Status operator()(const step::ReplaceRule& step) {
    ZC_TRY(open());
    undo_.push([this, &step] { (void)tables_->replace_rule(step.id, step.before); });
    return tables_->replace_rule(step.id, step.after);
  }

  Status operator()(const step::RemoveRule& step) {
    ZC_TRY(open());
    return tables_->remove_rule(step.id);
  }

  Status operator()(const step::Attach& step) { return session_.attach(step.device); }

  Status operator()(const step::SetSegment& step) {
    ZC_TRY(open());
    if (const auto id = ZC_TRY(find_rule_id(step.rule)))
      ZC_TRY(tables_->remember_socket(*id, step.socket, step.bytes));
    undo_.push(
        [this, &step] { (void)session_.set_segment(step.socket, step.socket.segment_bytes); });
    return session_.set_segment(step.socket, step.bytes);
  }

 private:
  Status open() {
    if (!tables_) tables_ = ZC_TRY(session_.open(*pins_));
    return ok();
  }

  Status settle_pace() {
    if (loaded_) return ok();  // undone: all of the device's goes
    ZC_TRY(open());
    return core::settle_pace(session_, *pins_, *tables_);
  }

  Result<std::optional<uint32_t>> find_rule_id(const zc_flow& match) {
    for (const api::RuleEntry& entry : ZC_TRY(tables_->rules())) {
      if (to_match(entry.rule.match) == to_match(match)) return std::optional(entry.id);
    }
    return std::optional<uint32_t>();
  }

  // A failure of the two below has no better place to go than the error that led to them.
  void remove_rule_of(const zc_flow& match) {
    const auto id = find_rule_id(match);
    if (id && *id) (void)tables_->remove_rule(**id);
  }

  void remove_pins_of(const api::Device& device) {
    const auto pinned = session_.pinned();
    if (!pinned) return;
    for (const api::PinnedDevice& pins : *pinned) {
      if (pins.here && pins.ifindex == device.ifindex) (void)session_.remove(pins);
    }
  }

  api::Session& session_;
  std::optional<api::PinnedDevice> pins_;
  bool loaded_ = false;  // by this plan: all of the device's pins are its own
  std::string no_stage_;
  std::unique_ptr<api::WritableTables> tables_;
  Undo undo_;
};

}  // namespace

Result<Executed> execute(api::Session& session, const Plan& plan) {
  return Executor(session, plan).run(plan);
}

}  // namespace zc::core
