// SPDX-License-Identifier: GPL-2.0-only
#include "profile.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/fd.h"
#include "methods/methods.h"
#include "os/interrupt.h"
#include "os/spawn.h"
#include "os/tool.h"

namespace zc::bench {
namespace {

constexpr size_t kMostHotspots = 5;
// Length of a profiled run: 4000 samples.
constexpr double kSeconds = 1;
// The method and itself again, to find out how many packets fill the time; the next one does.
constexpr unsigned kWarmUps = 2;
constexpr unsigned kFrame = 1500, kLongestHeaders = 28 + 20;
constexpr int kPatienceMs = 5000;
constexpr const char* kHint = "install perf (Debian: linux-perf)";
// Where perf finds its ends of the control pipes; far from those that are taken.
constexpr int kControl = 200, kAnswer = 201;

struct Pipe {
  Fd read, write;
};
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(errno, "pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// A file that goes with its owner.
class TemporaryFile {
 public:
  TemporaryFile() : name_(std::filesystem::temp_directory_path() / "zcctl-perf-XXXXXX") {
    Fd(mkostemp(name_.data(), O_CLOEXEC));
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { unlink(name_.c_str()); }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

// `perf record` of this process: idle until told.
class Perf {
 public:
  static Result<std::unique_ptr<Perf>> start(const std::string& file);
  Perf(const Perf&) = delete;
  Perf& operator=(const Perf&) = delete;
  ~Perf() {
    kill(pid_, SIGINT);  // perf writes its file, and ends
    wait_for_end(pid_);
  }

  // "enable" or "disable", and waits until it is.
  bool tell(const std::string& command) {
    const std::string text = command + "\n";
    if (write(control_.get(), text.data(), text.size()) < 0) return false;
    pollfd wait{answer_.get(), POLLIN, 0};
    std::array<char, 16> block{};
    return poll(&wait, 1, kPatienceMs) > 0 && read(answer_.get(), block.data(), block.size()) > 0;
  }

 private:
  Perf(pid_t pid, Fd control, Fd answer)
      : pid_(pid), control_(std::move(control)), answer_(std::move(answer)) {}

  pid_t pid_;
  Fd control_, answer_;
};

std::vector<std::string> perf_record(const std::string& file) {
  return {"perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-o", file};
}

Result<std::unique_ptr<Perf>> Perf::start(const std::string& file) {
  Pipe control = ZC_TRY(make_pipe());
  Pipe answer = ZC_TRY(make_pipe());
  std::vector<std::string> words = perf_record(file);
  for (const std::string& word :
       {std::string("-D"), std::string("-1"), std::string("--control"),
        fmt::format("fd:{},{}", kControl, kAnswer), std::string("-p"), std::to_string(getpid())})
    words.push_back(word);
  const SpawnFiles files{.others = {{control.read.get(), kControl}, {answer.write.get(), kAnswer}}};
  const pid_t pid = ZC_TRY(spawn(words, files, kHint));
  return std::unique_ptr<Perf>(new Perf(pid, std::move(control.write), std::move(answer.read)));
}

// What is being profiled: a Method's `send` and `command` are plain functions, and have no place to
// keep it.
struct Profiled {
  const Method* method = nullptr;
  TemporaryFile file{};
  Status status = ok();
  unsigned runs = 0;
};
Profiled* current = nullptr;

Status record(Job& job) {
  auto perf = ZC_TRY(Perf::start(current->file.name()));
  const bool enabled = perf->tell("enable");
  current->method->send(job);
  const bool disabled = perf->tell("disable");
  perf.reset();
  if (!enabled || !disabled) return failed_error("perf does not answer");
  return ok();
}

void send_profiled(Job& job) {
  const bool is_look = job.stream().packets <= kInspectedPackets;
  if (is_look || current->runs++ != kWarmUps) return current->method->send(job);
  Status status = record(job);
  if (!status) current->status = std::move(status);
}

// A program is sampled from its start to its end; its looks were the warm-up.
std::vector<std::string> command_profiled(const std::string& file) {
  std::vector<std::string> words = current->method->command(file);
  if (current->runs++ != kWarmUps) return words;
  std::vector<std::string> command = perf_record(current->file.name());
  command.push_back("--");
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

// Measured once more like any other, but by itself; its times go nowhere.
Result<std::vector<Hotspot>> profile(const Method& method, const CasePlan& plan, const RunPlan& run,
                                     const Measure& measure) {
  Method profiled = method;
  if (method.send != nullptr) profiled.send = send_profiled;
  if (method.command != nullptr) profiled.command = command_profiled;
  CasePlan alone = plan;
  alone.methods = {&profiled};
  alone.baseline = &profiled;
  RunPlan once = run;
  once.rounds = 1;
  once.seconds = kSeconds;
  Progress progress(steps_of(alone, once.rounds));
  Profiled found{&method};
  current = &found;
  const Case c = measure(alone, once, progress);
  current = nullptr;
  if (!found.status) return std::move(found.status).error();
  if (interrupted()) return std::vector<Hotspot>();
  if (!c.rows.front().valid()) return failed_error(c.rows.front().why);
  return read_hotspots(
      ZC_TRY(run_tool("perf report --stdio -q -F overhead,dso,sym -t | -i " + found.file.name())));
}

unsigned rank_of(const CasePlan& plan) {
  const bool fits = plan.mtu == kFrame && plan.payload_bytes + kLongestHeaders <= kFrame;
  return fits ? plan.payload_bytes * 2 + (plan.source == Source::kHot ? 0 : 1) : 0;
}

bool takes_part(const CasePlan& plan, const Method& method) {
  return std::find(plan.methods.begin(), plan.methods.end(), &method) != plan.methods.end() &&
         method.not_at(plan.payload_bytes).empty();
}

std::string trim(const std::string& text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

bool wants_profile(const RunPlan& plan, size_t i, const Method& method) {
  const CasePlan& mine = plan.cases[i];
  if (!takes_part(mine, method)) return false;
  for (size_t k = 0; k < plan.cases.size(); k++) {
    const CasePlan& other = plan.cases[k];
    const bool group = other.suite == mine.suite && other.environment == mine.environment;
    const bool better =
        rank_of(other) > rank_of(mine) || (rank_of(other) == rank_of(mine) && k < i);
    if (group && better && takes_part(other, method)) return false;
  }
  return true;
}

Status check_profiler() {
  const auto version = run_tool("perf --version");
  if (version) return ok();
  return unsupported_error("--profile: " + version.error().message, kHint);
}

std::string profile_case(const RunPlan& run, size_t i, const Measure& measure, Case& c) {
  std::string problems;
  for (Row& row : c.rows) {
    const Method* const method = find_method(row.method);
    const bool wanted = row.valid() && !row.again && wants_profile(run, i, *method);
    if (!wanted || interrupted()) continue;
    auto found = profile(*method, run.cases[i], run, measure);
    if (found)
      row.profile = *std::move(found);
    else
      problems += fmt::format("zcctl: no profile of {}: {}\n", row.method, found.error().message);
  }
  return problems;
}

std::vector<Hotspot> read_hotspots(const std::string& report) {
  std::vector<Hotspot> hotspots;
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line) && hotspots.size() < kMostHotspots;) {
    const size_t first = line.find('|'), second = line.find("|[k] ");
    if (first == std::string::npos || second == std::string::npos || first >= second) continue;
    hotspots.push_back({std::strtod(line.c_str(), nullptr),
                        trim(line.substr(first + 1, second - first - 1)),
                        trim(line.substr(second + 5))});
  }
  return hotspots;
}

}  // namespace zc::bench
