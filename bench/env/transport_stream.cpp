// SPDX-License-Identifier: GPL-2.0-only
#include "env/transport_stream.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "job/needs.h"
#include "os/nameless_file.h"
#include "os/process.h"
#include "ts_packets.h"

namespace zc::bench {
namespace {

constexpr double kPatienceSeconds = 60;
constexpr uint64_t kBlockPackets = 4096;

std::string path_of(const Fd& fd) {
  return fmt::format("/proc/{}/fd/{}", getpid(), fd.get());
}

Result<uint64_t> size_of(const Fd& fd) {
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return system_error(errno, "fstat");
  return static_cast<uint64_t>(status.st_size);
}

Status run_ffmpeg(const std::vector<std::string>& arguments, const Fd& output) {
  std::vector<std::string> command{"ffmpeg", "-nostdin", "-loglevel", "error"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"-f", "mpegts", "pipe:1"});
  Process process = ZC_TRY(Process::start(command, output.get()));
  const auto ended = process.wait(kPatienceSeconds);
  if (ended && ended->status == 0) return ok();
  return failed_error("ffmpeg could not make a transport stream");
}

// Two seconds of noisy test pictures at a high rate, then repeated without coding them again.
Result<Fd> make_video(uint64_t bytes) {
  const Fd once = ZC_TRY(open_nameless());
  ZC_TRY(run_ffmpeg(
      {"-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=2,noise=alls=60:allf=t",
       "-c:v", "mpeg2video", "-q:v", "2", "-g", "1"},
      once));
  const uint64_t size = std::max<uint64_t>(ZC_TRY(size_of(once)), 1);
  Fd all = ZC_TRY(open_nameless());
  ZC_TRY(run_ffmpeg({"-stream_loop", std::to_string(bytes / size), "-i", path_of(once), "-map", "0",
                     "-c", "copy"},
                    all));
  return all;
}

Result<Fd> make_null_packets(uint64_t bytes) {
  Fd fd = ZC_TRY(open_nameless());
  TsPackets packets;
  for (uint64_t done = 0; done < bytes;) {
    const std::vector<uint8_t> block = packets.next(kBlockPackets);
    const ssize_t wrote = write(fd.get(), block.data(), block.size());
    if (wrote != static_cast<ssize_t>(block.size()))
      return system_error(wrote < 0 ? errno : ENOSPC, "cannot write a transport stream");
    done += block.size();
  }
  return fd;
}

}  // namespace

Result<std::unique_ptr<TransportStream>> TransportStream::make(uint64_t bytes) {
  const bool video = program_missing("ffmpeg", "ffmpeg").empty();
  Fd fd = video ? ZC_TRY(make_video(bytes)) : ZC_TRY(make_null_packets(bytes));
  const uint64_t size = ZC_TRY(size_of(fd));
  return std::unique_ptr<TransportStream>(new TransportStream(std::move(fd), size));
}

std::string TransportStream::path() const {
  return path_of(fd_);
}

}  // namespace zc::bench
