// SPDX-License-Identifier: GPL-2.0-only
#include "soak/memory.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <regex>
#include <system_error>

namespace zc::test {
namespace {

namespace fs = std::filesystem;
constexpr const char* kPins = "/sys/fs/bpf/zcctl";

// The number behind `name` in a file of "name: number" lines; 0 where there is none.
uint64_t field(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1));
  }
  return 0;
}

void add_map(const fs::path& pin, Memory& memory) {
  const Fd map(bpf_obj_get(pin.c_str()));
  if (!map) throw std::system_error(errno, std::generic_category(), pin.string());
  memory.maps++;
  memory.maps_kib += field("/proc/self/fdinfo/" + std::to_string(map.get()), "memlock") / 1024;
}

uint64_t count_programs() {
  uint64_t count = 0;
  for (uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;)
    count++;
  return count;
}

std::string grown(const char* what, uint64_t before, uint64_t after, uint64_t slack) {
  if (after <= before + slack) return "";
  return std::string("\n  ") + what + " grew from " + std::to_string(before) + " to " +
         std::to_string(after);
}

}  // namespace

Memory measure_memory() {
  Memory memory;
  for (const auto& entry : fs::recursive_directory_iterator(kPins)) {
    if (entry.path().filename().string().starts_with("zc_")) add_map(entry.path(), memory);
  }
  memory.programs = count_programs();
  memory.kernel_kib = field("/proc/meminfo", "SUnreclaim") + field("/proc/meminfo", "Percpu") +
                      field("/proc/meminfo", "VmallocUsed");
  memory.own_kib = field("/proc/self/status", "VmRSS");
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  memory.zcctl_kib = static_cast<uint64_t>(children.ru_maxrss);
  return memory;
}

std::string describe(const Memory& memory) {
  return std::to_string(memory.maps) + " maps of " + std::to_string(memory.maps_kib) + " KiB, " +
         std::to_string(memory.programs) + " BPF programs, kernel " +
         std::to_string(memory.kernel_kib) + " KiB, soak " + std::to_string(memory.own_kib) +
         " KiB, zcctl " + std::to_string(memory.zcctl_kib) + " KiB";
}

std::string growth(const Memory& before, const Memory& after, uint64_t slack_kib) {
  constexpr uint64_t kZcctlSlackKib = 1024;
  return grown("the number of zcctl's maps", before.maps, after.maps, 0) +
         grown("zcctl's maps (KiB)", before.maps_kib, after.maps_kib, 0) +
         grown("the kernel (KiB)", before.kernel_kib, after.kernel_kib, slack_kib) +
         grown("the soak itself (KiB)", before.own_kib, after.own_kib, slack_kib) +
         grown("zcctl (KiB)", before.zcctl_kib, after.zcctl_kib, kZcctlSlackKib);
}

KernelLog::KernelLog() : kmsg_(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (!kmsg_) throw std::system_error(errno, std::generic_category(), "/dev/kmsg");
  lseek(kmsg_.get(), 0, SEEK_END);
}

std::vector<std::string> KernelLog::complaints() {
  static const std::regex complaint(
      "WARNING:|BUG:|Oops|general protection|stall|hung task|use-after-free|bad page|refcount_t|"
      "waiting for .* to become free");
  std::vector<std::string> found;
  std::array<char, 8192> line{};
  while (true) {
    const ssize_t length = read(kmsg_.get(), line.data(), line.size());
    if (length < 0 && errno == EPIPE) continue;  // the ring was overrun: go on with the oldest line
    if (length <= 0) return found;
    const std::string text(line.data(), static_cast<size_t>(length));
    if (std::regex_search(text, complaint)) found.push_back(text);
  }
}

}  // namespace zc::test
