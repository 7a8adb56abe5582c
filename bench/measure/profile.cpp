#include "bench/measure/profile.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "base/fd.h"
#include "bench/env/tool.h"
#include "bench/measure/interrupt.h"

namespace zc::bench {
namespace {

constexpr size_t kMostHotspots = 5;
// Of a profiled run: 4000 samples.
constexpr double kSeconds = 1;
// Below are looks, not runs.
constexpr uint64_t kFewestPackets = 5000;
// The method and itself again, to find out how many packets fill the time; the next one does.
constexpr unsigned kWarmUps = 2;
constexpr unsigned kFrame = 1500, kLongestHeaders = 28 + 20;
constexpr int kPatienceMs = 5000;
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
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
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

Result<pid_t> spawn(const std::vector<std::string>& words, int control, int answer) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, control, kControl);
  posix_spawn_file_actions_adddup2(&actions, answer, kAnswer);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return pid;
  return Error{ExitCode::kUnsupported,
               std::string("cannot run perf: ") + std::strerror(failed),
               "install perf (Debian: linux-perf)",
               {}};
}

Result<std::unique_ptr<Perf>> Perf::start(const std::string& file) {
  Pipe control = ZC_TRY(make_pipe());
  Pipe answer = ZC_TRY(make_pipe());
  const std::vector<std::string> words{"perf",
                                       "record",
                                       "-q",
                                       "-e",
                                       "cpu-clock",
                                       "-F",
                                       "4000",
                                       "-D",
                                       "-1",
                                       "--control",
                                       fmt::format("fd:{},{}", kControl, kAnswer),
                                       "-p",
                                       fmt::format("{}", getpid()),
                                       "-o",
                                       file};
  const pid_t pid = ZC_TRY(spawn(words, control.read.get(), answer.write.get()));
  return std::unique_ptr<Perf>(new Perf(pid, std::move(control.write), std::move(answer.read)));
}

// What is being profiled: a Method's `send` is a plain function, and has no place to keep it.
struct Profiled {
  const Method* method = nullptr;
  std::vector<Hotspot> hotspots;
  Status status = ok();
  unsigned runs = 0;
};
Profiled* current = nullptr;

Status record(Job& job) {
  const TemporaryFile file;
  auto perf = ZC_TRY(Perf::start(file.name()));
  const bool enabled = perf->tell("enable");
  current->method->send(job);
  const bool disabled = perf->tell("disable");
  perf.reset();
  if (!enabled || !disabled) return Error{ExitCode::kFailed, "perf does not answer", {}, {}};
  const std::string report =
      ZC_TRY(run_tool("perf report --stdio -q -F overhead,dso,sym -t | -i " + file.name()));
  current->hotspots = read_hotspots(report);
  return ok();
}

void send_profiled(Job& job) {
  const bool is_look = job.stream().packets < kFewestPackets;
  if (is_look || current->runs++ != kWarmUps) return current->method->send(job);
  Status status = record(job);
  if (!status) current->status = std::move(status);
}

// Measured once more like any other, but by itself; its times go nowhere.
Result<std::vector<Hotspot>> profile(const Method& method, const CasePlan& plan, const RunPlan& run,
                                     const Measure& measure) {
  Method profiled = method;
  profiled.send = send_profiled;
  CasePlan alone = plan;
  alone.methods = {&profiled};
  alone.baseline = &profiled;
  RunPlan once = run;
  once.rounds = 1;
  once.seconds = kSeconds;
  Progress progress(steps_of(alone, once.rounds));
  Profiled found{&method, {}, ok(), 0};
  current = &found;
  measure(alone, once, progress);
  current = nullptr;
  if (!found.status) return std::move(found.status).error();
  return found.hotspots;
}

unsigned rank_of(const CasePlan& plan) {
  const bool fits = plan.mtu == kFrame && plan.payload_bytes + kLongestHeaders <= kFrame;
  return fits ? plan.payload_bytes * 2 + (plan.hot ? 0 : 1) : 0;
}

std::string trim(const std::string& text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

Status check_profiler() {
  const auto version = run_tool("perf --version");
  if (version) return ok();
  return Error{ExitCode::kUnsupported,
               "--profile: " + version.error().message,
               "install perf (Debian: linux-perf)",
               {}};
}

bool wants_profile(const RunPlan& plan, size_t i) {
  const CasePlan& mine = plan.cases[i];
  for (size_t k = 0; k < plan.cases.size(); k++) {
    const CasePlan& other = plan.cases[k];
    const bool group = other.suite == mine.suite && other.environment == mine.environment;
    const bool better =
        rank_of(other) > rank_of(mine) || (rank_of(other) == rank_of(mine) && k < i);
    if (group && k != i && better) return false;
  }
  return true;
}

Status profile_case(const CasePlan& plan, const RunPlan& run, const Measure& measure, Case& c) {
  for (Row& row : c.rows) {
    const auto method = std::find_if(plan.methods.begin(), plan.methods.end(),
                                     [&](const Method* m) { return m->name == row.method; });
    const bool can = method != plan.methods.end() && (*method)->send != nullptr;
    if (!row.valid() || row.again || !can || interrupted()) continue;
    row.profile = ZC_TRY(profile(**method, plan, run, measure));
  }
  return ok();
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
