// SPDX-License-Identifier: GPL-2.0-only
#include "os/cpu.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

namespace zc::bench {
namespace {

constexpr int64_t kNanosecond = 1000000000;

int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kNanosecond + now.tv_nsec;
}

struct Unused {
  int64_t ticks = 0;  // idle, iowait and steal, summed over CPUs
  int64_t cpus = 0;
};

// proc(5): "cpu user nice system idle iowait irq softirq steal …", then a line for each CPU.
Unused read_unused() {
  std::ifstream file("/proc/stat");
  Unused unused;
  std::string word;
  int64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  file >> word >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
  unused.ticks = idle + iowait + steal;
  for (std::string line; std::getline(file, line);)
    unused.cpus += line.starts_with("cpu") ? 1 : 0;
  return unused;
}

// Negative when nothing has run since boot; only differences mean something.
CpuTime read_all() {
  const Unused unused = read_unused();
  CpuTime now;
  now.wall = read_clock(CLOCK_MONOTONIC);
  now.machine = now.wall * unused.cpus - unused.ticks * (kNanosecond / sysconf(_SC_CLK_TCK));
  now.process = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  now.thread = read_clock(CLOCK_THREAD_CPUTIME_ID);
  return now;
}

}  // namespace

CpuMeter::CpuMeter() : start_(read_all()) {}

CpuTime CpuMeter::elapsed() const {
  const CpuTime now = read_all();
  return {now.wall - start_.wall, now.machine - start_.machine, now.process - start_.process,
          now.thread - start_.thread};
}

double idle_load(int milliseconds) {
  const CpuMeter meter;
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  const CpuTime time = meter.elapsed();
  return static_cast<double>(time.machine) / static_cast<double>(time.wall);
}

}  // namespace zc::bench
