// SPDX-License-Identifier: GPL-2.0-only
#include "program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <sstream>
#include <vector>

#include "kern/linux_host.h"
#include "libbpf_log.h"
#include "map_bytes.h"
#include "object_maps.h"

#include "zc_depart.skel.h"
#include "zc_probe_kern_ctx.skel.h"
#include "zc_probe_pass.skel.h"

namespace zc::kern {
namespace {

constexpr size_t kDetailLines = 20;

// What libbpf said since the last reset. libbpf reports through one global callback.
struct Log {
  bool verbose = false;
  bool quiet = false;
  std::string text;
};

Log& libbpf_log() {
  static Log log;
  return log;
}

int collect_log(libbpf_print_level level, const char* format, va_list arguments) {
  Log& log = libbpf_log();
  if (level == LIBBPF_DEBUG || log.quiet) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  std::vector<char> line(static_cast<size_t>(length) + 1);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  log.text += line.data();
  if (log.verbose) std::fputs(line.data(), stderr);
  return length;
}

std::string last_lines(const std::string& text, size_t wanted) {
  std::deque<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
    if (lines.size() > wanted) lines.pop_front();
  }
  std::string joined;
  for (const std::string& line : lines)
    joined += line + "\n";
  return joined;
}

}  // namespace

// Capabilities decide first, then whether there is BPF at all.
Error load_error(int saved_errno, const std::string& what) {
  Error error = system_error(saved_errno, what);
  if (saved_errno == EPERM) return error;
  error.hint.clear();  // EACCES is the verifier's no, and no matter of capabilities
  error.kind = ErrorKind::kUnsupported;
  if (saved_errno == ENOSYS) error.hint = "this kernel was built without BPF";
  error.detail = last_lines(libbpf_log().text, kDetailLines);
  return error;
}

void start_log(bool quiet) {
  libbpf_set_print(collect_log);
  libbpf_log().text.clear();
  libbpf_log().quiet = quiet;
}

void capture_libbpf_log() {
  start_log(true);
}

void set_verbose(bool verbose) {
  libbpf_log().verbose = verbose;
}

Result<EgressProgram> EgressProgram::open(const ProgramConfig& config) {
  start_log(false);
  EgressProgram program(Skeleton<zc_egress>::open());
  if (!program.skeleton_) return load_error(errno, "cannot open the BPF object");
  const auto& skeleton = program.skeleton_;
  const uint32_t slots = config.max_streams * ZC_SLOTS_PER_STREAM;
  skeleton->rodata->zc_config.l2_bytes = config.l2_bytes;
  skeleton->rodata->zc_config.kern_ctx = config.kern_ctx;
  skeleton->rodata->zc_config.stream_slots = slots;
  bpf_map__set_max_entries(skeleton->maps.zc_streams, config.max_streams);
  bpf_map__set_max_entries(skeleton->maps.zc_slots, slots);
  bpf_map__set_max_entries(skeleton->maps.zc_clocks, slots);
  bpf_map__set_max_entries(skeleton->maps.zc_paces, slots);
  return program;
}

Result<EgressProgram> EgressProgram::finish() && {
  const int failure = skeleton_.load();
  if (failure != 0) return load_error(-failure, "cannot load the BPF programs");
  return std::move(*this);
}

Result<EgressProgram> EgressProgram::load(const ProgramConfig& config) {
  return ZC_TRY(open(config)).finish();
}

Result<EgressProgram> EgressProgram::load_on(const PinDirectory& pins, const ProgramConfig& config,
                                             std::initializer_list<std::string_view> but) {
  EgressProgram program = ZC_TRY(open(config));
  ZC_TRY(share_maps(program.skeleton_.object(), pins, but));
  return std::move(program).finish();
}

Result<uint64_t> EgressProgram::table_bytes(const ProgramConfig& config) {
  return map_bytes(ZC_TRY(open(config)).skeleton_.object());
}

int EgressProgram::program_fd() const {
  return bpf_program__fd(skeleton_->progs.zc_egress);
}

Status EgressProgram::pin_maps(const PinDirectory& pins) const {
  return kern::pin_maps(skeleton_.object(), pins);
}

Result<Fd> load_depart_program(const PinDirectory& pins) {
  start_log(false);
  auto program = Skeleton<zc_depart>::open();
  if (!program) return load_error(errno, "cannot open the BPF object");
  ZC_TRY(share_maps(program.object(), pins, {}));
  const int failure = program.load();
  if (failure != 0) return load_error(-failure, "cannot load the program that paces");
  return Fd(fcntl(bpf_program__fd(program->progs.zc_depart), F_DUPFD_CLOEXEC, 0));
}

bool has_kern_ctx() {
  start_log(true);
  auto probe = Skeleton<zc_probe_kern_ctx>::open();
  return probe && probe.load() == 0;
}

Result<Fd> load_pass_program() {
  start_log(true);
  auto probe = Skeleton<zc_probe_pass>::open();
  if (!probe) return load_error(errno, "cannot open the BPF object");
  const int failure = probe.load();
  if (failure != 0) return load_error(-failure, "cannot load a BPF program");
  return Fd(fcntl(bpf_program__fd(probe->progs.zc_probe), F_DUPFD_CLOEXEC, 0));
}

}  // namespace zc::kern
