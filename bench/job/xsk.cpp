// SPDX-License-Identifier: GPL-2.0-only
#include "job/xsk.h"

#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace zc::bench {
namespace {

constexpr int kMostKicks = 100000;
constexpr size_t kBytes = Xsk::kFrames * Xsk::kFrameBytes;

}  // namespace

std::string xsk_missing() {
  const Fd socket(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
  return socket ? std::string() : std::string("AF_XDP: ") + std::strerror(errno);
}

struct Xsk::State {
  Job& job;
  void* memory = MAP_FAILED;
  xsk_umem* umem = nullptr;
  xsk_socket* socket = nullptr;
  xsk_ring_prod fill{}, sending{};
  xsk_ring_cons completed{};
  uint64_t written = 0;   // frames handed over, counted from the start
  uint64_t returned = 0;  // and given back

  // 0 or -errno.
  int open() {
    memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return -errno;
    const xsk_umem_config memory_config{.fill_size = kFrames,
                                        .comp_size = kFrames,
                                        .frame_size = kFrameBytes,
                                        .frame_headroom = 0,
                                        .flags = 0};
    const int made = xsk_umem__create(&umem, memory, kBytes, &fill, &completed, &memory_config);
    if (made != 0) return made;
    xsk_socket_config config{};
    config.tx_size = kFrames;
    // It receives nothing: no program on the device.
    config.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD;
    config.bind_flags = XDP_COPY;
    return xsk_socket__create(&socket, job.stream().device, 0, umem, nullptr, &sending, &config);
  }

  void take_back() {
    uint32_t first = 0;
    const uint32_t count = xsk_ring_cons__peek(&completed, kFrames, &first);
    xsk_ring_cons__release(&completed, count);
    returned += count;
  }

  // Frames come back in copy mode in the order in which they went.
  uint64_t offset() const { return written % kFrames * kFrameBytes; }
};

Xsk::Xsk(Job& job) : state_(new State{.job = job}) {
  const int opened = state_->open();
  if (opened != 0) job.kernel().fail(std::string("AF_XDP: ") + std::strerror(-opened));
}

Xsk::~Xsk() {
  if (state_->socket != nullptr) xsk_socket__delete(state_->socket);
  if (state_->umem != nullptr) (void)xsk_umem__delete(state_->umem);
  if (state_->memory != MAP_FAILED) munmap(state_->memory, kBytes);
}

char* Xsk::frame() {
  State& state = *state_;
  if (state.socket == nullptr) return nullptr;
  for (int kicks = 0; kicks < kMostKicks; kicks++) {
    if (state.written - state.returned < kFrames)
      return static_cast<char*>(state.memory) + state.offset();
    send();
  }
  state.job.kernel().fail("AF_XDP: the kernel gives no frame back");
  return nullptr;
}

void Xsk::ready(size_t bytes) {
  State& state = *state_;
  uint32_t slot = 0;
  if (xsk_ring_prod__reserve(&state.sending, 1, &slot) != 1)
    return state.job.kernel().fail("AF_XDP: the ring is full");
  *xsk_ring_prod__tx_desc(&state.sending, slot) =
      xdp_desc{.addr = state.offset(), .len = static_cast<uint32_t>(bytes), .options = 0};
  xsk_ring_prod__submit(&state.sending, 1);
  state.written++;
}

// The kernel takes a few frames a call and says that there are more.
void Xsk::send() {
  State& state = *state_;
  if (state.socket == nullptr) return;
  const int fd = xsk_socket__fd(state.socket);
  for (int kicks = 0; kicks < kMostKicks && state.job.kernel().ok(); kicks++) {
    const bool done = state.job.kernel().kick(fd, MSG_DONTWAIT);
    state.take_back();
    if (done) return;
  }
}

}  // namespace zc::bench
