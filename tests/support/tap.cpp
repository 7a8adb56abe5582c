// SPDX-License-Identifier: GPL-2.0-only
#include "support/tap.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "support/process.h"

namespace zc::test {
namespace {

constexpr const char* kTunDevice = "/dev/net/tun";
constexpr size_t kMaxFrameBytes = 65'600;
constexpr size_t kEthernetBytes = 14;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void control(const Fd& queue, unsigned long request, int value, const char* name) {
  if (ioctl(queue.get(), request, &value) != 0) fail(name);
}

void offer_checksum(const Fd& queue, bool on) {
  // Takes its argument by value, unlike its neighbours.
  if (ioctl(queue.get(), TUNSETOFFLOAD, on ? TUN_F_CSUM : 0) != 0) fail("TUNSETOFFLOAD");
}

Fd open_queue(const TapOptions& options) {
  Fd queue(open(kTunDevice, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!queue) fail(kTunDevice);
  ifreq request{};
  std::strncpy(request.ifr_name, options.name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (options.queues > 1) request.ifr_flags |= IFF_MULTI_QUEUE;
  if (ioctl(queue.get(), TUNSETIFF, &request) != 0) fail("TUNSETIFF " + options.name);
  control(queue, TUNSETVNETHDRSZ, static_cast<int>(options.vnet_header_bytes), "TUNSETVNETHDRSZ");
  control(queue, TUNSETVNETLE, 1, "TUNSETVNETLE");
  offer_checksum(queue, options.tx_checksum);
  return queue;
}

bool is_ipv6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

// Commands for `ip -batch`. The long queue holds a whole test's frames until they are read.
std::string ip_commands(const TapOptions& options) {
  const std::string dev = " dev " + options.name;
  std::ostringstream batch;
  batch << "link set" << dev << " address " << options.mac << " mtu " << options.mtu
        << " txqueuelen 2000 up\n";
  for (const std::string& address : options.addresses)
    batch << "addr add " << address << dev << (is_ipv6(address) ? " nodad" : "") << "\n";
  for (const std::string& peer : options.peers)
    batch << "neigh add " << peer << dev << " lladdr " << options.peer_mac << " nud permanent\n";
  if (!options.addresses.empty() && options.multicast)
    batch << "route add 224.0.0.0/4" << dev << "\n";
  return batch.str();
}

// Comes before the device is up: no link-local address, no duplicate detection, no solicitations.
void silence_ipv6(const std::string& device) {
  const std::string folder = "/proc/sys/net/ipv6/conf/" + device + "/";
  std::ofstream(folder + "addr_gen_mode") << 1;
  std::ofstream(folder + "accept_dad") << 0;
  std::ofstream(folder + "router_solicitations") << 0;
}

bool icmpv6_behind_options(ByteView frame, size_t ip) {
  const size_t options = ip + 40;
  return frame.size() > options && frame[ip + 6] == 0 && frame[options] == 58;
}

}  // namespace

std::string describe(const Frame& frame) {
  return describe(frame.vnet) + "\n" + hex_dump(frame.wire) +
         (frame.device_error ? "\n" + *frame.device_error : "");
}

bool is_kernel_noise(ByteView frame) {
  const size_t ip = kEthernetBytes;
  if (frame.size() < ip + 20) return false;
  switch (get_be16(frame, 12)) {
    case 0x0806:  // ARP
      return true;
    case 0x0800:
      return frame[ip + 9] == 1 || frame[ip + 9] == 2;  // ICMP, IGMP
    case 0x86dd:
      return frame[ip + 6] == 58 || icmpv6_behind_options(frame, ip);
    default:
      return false;
  }
}

Tap::Tap(TapOptions options) : options_(std::move(options)) {
  open_queues();
  configure();
  check_tx_checksum();
}

unsigned Tap::ifindex() const {
  return if_nametoindex(options_.name.c_str());
}

void Tap::open_queues() {
  for (unsigned i = 0; i < options_.queues; i++)
    queues_.push_back(open_queue(options_));
}

void Tap::configure() {
  silence_ipv6(options_.name);
  const ProcessResult result = run({"ip", "-batch", "-"}, {.input = ip_commands(options_)});
  if (result.exit_code != 0)
    throw std::runtime_error("cannot configure " + options_.name + ": " + describe(result));
}

// A test about the offload proves nothing where the kernel did not take the setting.
void Tap::check_tx_checksum() const {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_value value{.cmd = ETHTOOL_GTXCSUM, .data = 0};
  ifreq request{};
  std::strncpy(request.ifr_name, options_.name.c_str(), IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (!socket || ioctl(socket.get(), SIOCETHTOOL, &request) != 0) fail("ETHTOOL_GTXCSUM");
  if ((value.data != 0) != options_.tx_checksum)
    throw std::runtime_error(options_.name + " did not take the checksum offload setting");
}

void Tap::set_tx_checksum(bool on) {
  offer_checksum(queues_.front(), on);
  options_.tx_checksum = on;
  check_tx_checksum();
}

bool Tap::set_udp_segmentation(bool on) {
  constexpr unsigned kBothFamilies = 0x20 | 0x40;  // TUN_F_USO4, TUN_F_USO6: Linux 6.2
  const unsigned offers = (options_.tx_checksum ? TUN_F_CSUM : 0) | (on ? kBothFamilies : 0);
  return ioctl(queues_.front().get(), TUNSETOFFLOAD, offers) == 0;
}

void Tap::write(ByteView frame, const VnetHeader& vnet) {
  Bytes message = encode_vnet_header(vnet, options_.vnet_header_bytes);
  append(message, frame);
  const ssize_t written = ::write(queues_.front().get(), message.data(), message.size());
  if (written != static_cast<ssize_t>(message.size())) fail("writing to " + options_.name);
}

void Tap::set_mtu(unsigned mtu) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, options_.name.c_str(), IFNAMSIZ - 1);
  request.ifr_mtu = static_cast<int>(mtu);
  if (!socket || ioctl(socket.get(), SIOCSIFMTU, &request) != 0) fail("SIOCSIFMTU");
  options_.mtu = mtu;
}

std::optional<Frame> Tap::read_queue(unsigned queue) {
  Bytes buffer(kMaxFrameBytes);
  const ssize_t length = ::read(queues_[queue].get(), buffer.data(), buffer.size());
  if (length < 0 && errno == EAGAIN) return {};
  if (length < static_cast<ssize_t>(options_.vnet_header_bytes)) fail("reading " + options_.name);
  buffer.resize(static_cast<size_t>(length));

  Frame frame;
  frame.queue = queue;
  frame.vnet = parse_vnet_header(buffer);
  frame.handed.assign(buffer.begin() + options_.vnet_header_bytes, buffer.end());
  frame.wire = frame.handed;
  frame.device_error = complete_checksum(frame.vnet, frame.wire, options_.zero_sum, options_.card);
  return frame;
}

std::optional<Frame> Tap::read_any() {
  for (unsigned queue = 0; queue < queues_.size(); queue++) {
    for (std::optional<Frame> frame = read_queue(queue); frame; frame = read_queue(queue)) {
      if (!is_kernel_noise(frame->handed)) return frame;
    }
  }
  return {};
}

std::optional<Frame> Tap::read(std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + timeout;
  while (true) {
    if (std::optional<Frame> frame = read_any()) return frame;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return {};
    std::vector<pollfd> waiting;
    for (const Fd& queue : queues_)
      waiting.push_back({queue.get(), POLLIN, 0});
    poll(waiting.data(), waiting.size(), static_cast<int>(left));
  }
}

Missing missing_tap() {
  const Fd tun(open(kTunDevice, O_RDWR | O_CLOEXEC));
  if (tun) return {};
  return std::string("cannot open ") + kTunDevice + ": " + std::strerror(errno);
}

}  // namespace zc::test
