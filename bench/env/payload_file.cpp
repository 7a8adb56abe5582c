#include "bench/env/payload_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

namespace zc::bench {
namespace {

constexpr size_t kBlockBytes = 1 << 20;
constexpr size_t kPageBytes = 4096;

// SplitMix64 (Steele, Lea, Flood 2014) of the word's position.
uint64_t word_at(uint64_t position) {
  uint64_t z = (position + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Status write_words(int fd, uint64_t bytes) {
  std::vector<uint64_t> block(kBlockBytes / sizeof(uint64_t));
  for (uint64_t done = 0; done < bytes;) {
    for (size_t i = 0; i < block.size(); i++)
      block[i] = word_at(done / sizeof(uint64_t) + i);
    const ssize_t wrote = write(fd, block.data(), std::min<uint64_t>(kBlockBytes, bytes - done));
    if (wrote != static_cast<ssize_t>(std::min<uint64_t>(kBlockBytes, bytes - done)))
      return system_error(wrote < 0 ? errno : ENOSPC, "cannot write the file to send");
    done += static_cast<uint64_t>(wrote);
  }
  if (fdatasync(fd) != 0) return system_error(errno, "cannot write the file to send");
  return ok();
}

}  // namespace

Result<std::unique_ptr<PayloadFile>> PayloadFile::make(uint64_t bytes) {
  const char* const chosen = std::getenv("TMPDIR");
  const std::string directory = chosen == nullptr ? "/var/tmp" : chosen;
  Fd fd(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) {
    Error error = system_error(errno, "cannot make a file in " + directory);
    error.hint = "TMPDIR chooses another directory";
    return error;
  }
  ZC_TRY(write_words(fd.get(), bytes));
  void* const where = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (where == MAP_FAILED) return system_error(errno, "cannot map the file to send");
  const std::span<const uint8_t> mapped(static_cast<const uint8_t*>(where), bytes);
  return std::unique_ptr<PayloadFile>(new PayloadFile(std::move(fd), mapped));
}

PayloadFile::~PayloadFile() {
  munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

double PayloadFile::warm() const {
  std::vector<unsigned char> resident((size() + kPageBytes - 1) / kPageBytes);
  mincore(const_cast<uint8_t*>(bytes_.data()), bytes_.size(), resident.data());
  const auto there = std::count_if(resident.begin(), resident.end(),
                                   [](unsigned char page) { return (page & 1) != 0; });
  std::vector<char> block(kBlockBytes);
  for (uint64_t done = 0; done < size(); done += kBlockBytes) {
    if (pread(fd(), block.data(), block.size(), static_cast<off_t>(done)) <= 0) break;
  }
  return static_cast<double>(there) / static_cast<double>(resident.size());
}

}  // namespace zc::bench
