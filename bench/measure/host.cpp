// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "os/cpu.h"

namespace zc::bench {
namespace {

namespace fs = std::filesystem;

std::string read_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

// Enough calls to take some milliseconds.
double syscall_ns() {
  constexpr int kCalls = 50000;
  const CpuMeter meter;
  for (int i = 0; i < kCalls; i++)
    syscall(SYS_getppid);
  return static_cast<double>(meter.elapsed().thread) / kCalls;
}

// One file, one line: name and value.
std::map<std::string, std::string> read_files(const fs::path& folder, const std::string& part) {
  std::map<std::string, std::string> lines;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (name.find(part) != std::string::npos) lines[name] = read_line(entry.path());
  }
  return lines;
}

}  // namespace

std::string command_line() {
  std::ifstream file("/proc/self/cmdline");
  std::string line;
  for (std::string word; std::getline(file, word, '\0');)
    line += (line.empty() ? "" : " ") + word;
  return line;
}

HostRecord record_host() {
  utsname name{};
  uname(&name);
  const fs::path devices = "/sys/devices/system";
  HostRecord host;
  host.kernel = std::string(name.release) + " " + name.machine;
  host.cpu_model = cpu_model();
  host.cpu_cache = read_line(devices / "cpu/cpu0/cache/index3/size");
  host.clocksource = read_line(devices / "clocksource/clocksource0/current_clocksource");
  host.cpus = static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN));
  host.memory_bytes =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  host.syscall_ns = syscall_ns();
  host.sysctls = read_files("/proc/sys/net/core", "mem");
  host.vulnerabilities = read_files(devices / "cpu/vulnerabilities", "");
  return host;
}

}  // namespace zc::bench
