// SPDX-License-Identifier: GPL-2.0-only
#include <memory>

#include "base/undo.h"
#include "core/target.h"
#include "core/target_commands.h"

namespace zc::core {
namespace {

// One overload a step: a new kind of step does not compile until it is here.
class Executor {
 public:
  Executor(api::TargetSession& session, const TargetPlan& plan) : session_(session), plan_(plan) {}

  Status run() {
    for (const TargetStep& step : plan_.steps)
      ZC_TRY(std::visit(*this, step));
    undo_.dismiss();
    return ok();
  }

  Status operator()(const target_step::RemovePins& step) {
    return session_.remove(step.pins, step.living);
  }
  Status operator()(const target_step::Load& step) {
    undo_.push([this] {
      tables_.reset();
      (void)session_.remove(api::PinnedTarget{plan_.target}, api::Living::kLetGo);
    });
    loaded_ = true;
    tables_ = ZC_TRY(session_.create(plan_.target, step.max_streams));
    return ok();
  }
  Status operator()(const target_step::AddRule& step) {
    ZC_TRY(open());
    ZC_TRY(tables_->add_rule(step.rule));
    if (!loaded_) undo_.push([this, &step] { remove_rule_of(step.rule.rule.match); });
    return ok();
  }
  Status operator()(const target_step::ReplaceRule& step) {
    ZC_TRY(open());
    undo_.push([this, &step] { (void)tables_->replace_rule(step.id, step.before); });
    return tables_->replace_rule(step.id, step.after);
  }
  Status operator()(const target_step::RemoveRule& step) {
    ZC_TRY(open());
    return tables_->remove_rule(step.id, step.living);
  }
  Status operator()(const target_step::Attach&) { return session_.attach(plan_.target); }
  Status operator()(const target_step::Take& step) {
    ZC_TRY(open());
    for (const api::RuleEntry& entry : ZC_TRY(tables_->rules())) {
      if (to_match(entry.rule.match) != to_match(step.rule)) continue;
      ZC_TRY(tables_->take(entry.id, step.connection));
      undo_.push([this, &step] {
        if (tables_) (void)tables_->release(step.connection);
      });
    }
    return ok();
  }

 private:
  Status open() {
    if (!tables_) tables_ = ZC_TRY(session_.open(*plan_.pins));
    return ok();
  }

  // A failure has no better place to go than the error that led here.
  void remove_rule_of(const zc_flow& match) {
    const auto rules = tables_->rules();
    if (!rules) return;
    for (const api::RuleEntry& entry : *rules) {
      if (to_match(entry.rule.match) == to_match(match))
        (void)tables_->remove_rule(entry.id, api::Living::kLetGo);
    }
  }

  api::TargetSession& session_;
  const TargetPlan& plan_;
  bool loaded_ = false;  // by this plan: all pins are its own
  std::unique_ptr<api::TargetTables> tables_;
  Undo undo_;
};

bool is_below(const std::string& path, const std::string& other) {
  return path.starts_with(other == "/" ? other : other + "/");
}

// Programs of a cgroup see the connections of those below it, too, and a socket takes one of them.
Status check_nested(api::TargetReader& reader, const api::Target& target, const zc_flow& match) {
  for (const api::PinnedTarget& pins : ZC_TRY(reader.pinned())) {
    const std::string& other = pins.target.path;
    if (pins.state != api::PinnedTarget::State::kLive || pins.target.kind != ZC_TARGET_CGROUP ||
        !(is_below(target.path, other) || is_below(other, target.path)))
      continue;
    const auto tables = ZC_TRY(reader.read(pins));
    for (const api::RuleEntry& entry : ZC_TRY(tables->rules())) {
      if (to_match(entry.rule.match) != to_match(match)) continue;
      return exists_error("rule " + to_match(match).text() + " on " + target.name() +
                              " would take connections of the same rule on " + pins.target.name(),
                          "detach one of them first");
    }
  }
  return ok();
}

bool has_rule(const TargetState& state, const zc_flow& match) {
  for (const api::RuleEntry& entry : state.rules) {
    if (to_match(entry.rule.match) == to_match(match)) return true;
  }
  return false;
}

// All of them are in one network namespace, which their target is named by.
Result<api::Target> target_of(const std::vector<api::Connection>& connections) {
  const uint64_t cookie = connections.front().netns_cookie;
  for (const api::Connection& connection : connections) {
    if (connection.netns_cookie != cookie)
      return failed_error(connections.front().text() + " and " + connection.text() +
                              " are in different network namespaces",
                          "name one of them: pid:PID:FD");
  }
  return api::Target{ZC_TARGET_SOCKETS, cookie, ""};
}

Result<TargetAttachReport> prepare_process(api::Host& host, api::TargetReader& reader,
                                           const TargetAttachRequest& request) {
  const ProcessName process = ZC_TRY(parse_process(request.name));
  ZC_TRY(host.framing());
  WantedRule wanted = request.wanted;
  const Match match = to_match(wanted.rule.rule.match);
  wanted.connections = ZC_TRY(
      host.find_connections(process.pid, process.fd, match.to, match.from ? match.from->port : 0));
  const TargetState state =
      ZC_TRY(read_target_state(reader, ZC_TRY(target_of(wanted.connections))));
  return TargetAttachReport{ZC_TRY(plan_target_attach(wanted, state)), wanted.rule};
}

Result<TargetAttachReport> prepare_attach(api::Host& host, api::TargetReader& reader,
                                          const TargetAttachRequest& request) {
  if (names_process(request.name)) return prepare_process(host, reader, request);
  if (names_sockets(request.name))
    return usage_error(request.name + " is what became of pid:PID: attach names a process",
                       "zcctl attach pid:PID[:FD] ...");
  const api::Target target = ZC_TRY(host.cgroup(ZC_TRY(parse_cgroup(request.name))));
  ZC_TRY(host.framing());
  const TargetState state = ZC_TRY(read_target_state(reader, target));
  const zc_flow& match = request.wanted.rule.rule.match;
  if (!has_rule(state, match)) ZC_TRY(check_nested(reader, target, match));
  return TargetAttachReport{ZC_TRY(plan_target_attach(request.wanted, state)), request.wanted.rule};
}

Result<TargetPlan> prepare_detach(api::Host& host, api::TargetReader& reader,
                                  const TargetDetachRequest& request) {
  const api::Target target = ZC_TRY(resolve_target(host, reader, request.name));
  return plan_target_detach(request.unwanted, ZC_TRY(read_target_state(reader, target)));
}

}  // namespace

Status execute(api::TargetSession& session, const TargetPlan& plan) {
  return Executor(session, plan).run();
}

Result<TargetAttachReport> attach_target(api::Host& host, const TargetAttachRequest& request,
                                         Run run) {
  if (run == Run::kDry) {
    const auto reader = ZC_TRY(host.read(api::ReadLock::kShared));
    return prepare_attach(host, reader->targets(), request);
  }
  const auto session = ZC_TRY(host.change());
  TargetAttachReport report = ZC_TRY(prepare_attach(host, session->targets(), request));
  ZC_TRY(execute(session->targets(), report.plan));
  return report;
}

Result<TargetPlan> detach_target(api::Host& host, const TargetDetachRequest& request, Run run) {
  if (run == Run::kDry) {
    const auto reader = ZC_TRY(host.read(api::ReadLock::kShared));
    return prepare_detach(host, reader->targets(), request);
  }
  const auto session = ZC_TRY(host.change());
  TargetPlan plan = ZC_TRY(prepare_detach(host, session->targets(), request));
  ZC_TRY(execute(session->targets(), plan));
  return plan;
}

}  // namespace zc::core
