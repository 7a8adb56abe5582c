// SPDX-License-Identifier: GPL-2.0-only
#include "kern/linux_host.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bpffs.h"
#include "device.h"
#include "hook.h"
#include "kern/netns.h"
#include "netlink.h"
#include "pins.h"
#include "program.h"
#include "sockets.h"
#include "stage.h"
#include "tables.h"

#include "zc_egress.skel.h"

namespace zc::kern {
namespace {

// The first words of zc_meta, which keep their place in every version.
struct MetaHead {
  uint32_t magic;
  uint32_t version;
};

Result<uint32_t> program_id(int fd) {
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0)
    return system_error(errno, "cannot inspect the program");
  return info.id;
}

Result<MetaHead> read_meta_head(const PinDirectory& pins) {
  const Fd fd(bpf_obj_get(pins.pin(kPinMeta).c_str()));
  if (!fd) return system_error(errno, "cannot open " + pins.pin(kPinMeta));
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0 || info.value_size < sizeof(MetaHead) ||
      info.key_size != sizeof(uint32_t))
    return MetaHead{};
  std::vector<char> value(info.value_size);
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(fd.get(), &zero, value.data()) != 0) return MetaHead{};
  MetaHead head{};
  std::memcpy(&head, value.data(), sizeof(head));
  return head;
}

class LinuxHost final : public api::Host {
 public:
  Result<api::Device> device(const std::string& name) override { return find_device(name); }
  std::string device_name(uint32_t ifindex) override { return kern::device_name(ifindex); }
  Result<api::Features> features() override;
  Result<Fd> lock(api::Access access) override;
  Result<std::vector<api::PinnedDevice>> pinned() override;
  Result<std::unique_ptr<api::Datapath>> open(const api::PinnedDevice& pins) override;
  Result<std::unique_ptr<api::Datapath>> create(const api::Device& device,
                                                const api::CreateOptions& options) override;
  Status attach(const api::Device& device) override;
  Result<uint32_t> working_stage(uint32_t ifindex) override { return kern::working_stage(ifindex); }
  Status make_stage(const api::Device& device) override;
  Status remove(const api::PinnedDevice& pins) override;
  Result<std::vector<uint32_t>> stray_stages() override;
  Status remove_stage(uint32_t ifindex) override { return kern::remove_stage(ifindex); }
  Result<std::vector<api::ForeignSocket>> find_sockets(
      uint32_t pid, std::optional<uint32_t> fd, const Endpoint& to,
      const std::optional<Endpoint>& from) override {
    return kern::find_sockets(pid, fd, to, from);
  }
  Status set_segment(const api::ForeignSocket& socket, uint32_t bytes) override {
    return kern::set_segment(socket, bytes);
  }
  Result<Endpoint> source_towards(const Endpoint& destination) override;

 private:
  PinDirectory directory(PinKey key) const { return {bpffs_, key}; }
  Result<PinDirectory> directory_of(const api::Device& device) const {
    return directory({ZC_TRY(netns_cookie()), device.ifindex});
  }
  Result<api::PinnedDevice> inspect(PinKey key, uint64_t cookie_here,
                                    const LivingNamespaces& living);
  // Why the program is not attached; empty where it is.
  Result<std::string> why_detached(const PinDirectory& pins, PinKey key, bool here, bool living);

  std::string bpffs_;  // empty: none is mounted, so there are no pins
  api::Access access_ = api::Access::kRead;
};

Result<api::Features> LinuxHost::features() {
  api::Features features;
  utsname name{};
  if (uname(&name) == 0) features.release = name.release;
  const Fd program = ZC_TRY(load_pass_program());
  features.tcx = has_tcx(program.get());
  features.kern_ctx = has_kern_ctx();
  constexpr uint32_t kHashEntry = sizeof(zc_flow) + 64;  // struct htab_elem and bucket, about
  features.stream_bytes = ZC_SLOTS_PER_STREAM * sizeof(zc_stream) + kHashEntry;
  features.table_bytes = ZC_FILTER_BITS / 8 +
                         ZC_MAX_RULES * (sizeof(zc_rule) + sizeof(zc_counts) + kHashEntry) +
                         uint64_t{ZC_DEFAULT_STREAMS} * features.stream_bytes;
  return features;
}

Result<Fd> LinuxHost::lock(api::Access access) {
  access_ = access;
  bpffs_ = ZC_TRY(bpffs_root(access == api::Access::kChange ? Mount::kIfMissing : Mount::kNever));
  if (bpffs_.empty()) return Fd();
  return lock_bpffs(bpffs_, access);
}

Result<std::string> LinuxHost::why_detached(const PinDirectory& pins, PinKey key, bool here,
                                            bool living) {
  const bool device_gone = here && device_name(key.ifindex).empty();
  if (pins.has(kPinLink)) {
    const Fd link(bpf_obj_get(pins.pin(kPinLink).c_str()));
    if (!link) return system_error(errno, "cannot open " + pins.pin(kPinLink));
    const bool off = ZC_TRY(tcx_link_ifindex(link.get())) == 0;
    if (device_gone) return std::string("its device is gone, or moved to another namespace");
    return std::string(off ? "its program is not attached" : "");
  }
  if (!pins.has(kPinMeta) || !pins.has(kPinProgram)) return std::string("it was left half done");
  if (!living) return std::string("its network namespace is gone");
  if (device_gone) return std::string("its device is gone");
  if (!here) return std::string();  // a clsact attachment can be seen from inside only
  const Fd program(bpf_obj_get(pins.pin(kPinProgram).c_str()));
  if (!program) return system_error(errno, "cannot open " + pins.pin(kPinProgram));
  const bool ours = ZC_TRY(clsact_program(key.ifindex)) == ZC_TRY(program_id(program.get()));
  return std::string(ours ? "" : "its program is not attached");
}

Result<api::PinnedDevice> LinuxHost::inspect(PinKey key, uint64_t cookie_here,
                                             const LivingNamespaces& living) {
  using State = api::PinnedDevice::State;
  const PinDirectory pins = directory(key);
  api::PinnedDevice found{key.netns_cookie, key.ifindex, key.netns_cookie == cookie_here,
                          State::kLive, ""};
  found.why = ZC_TRY(why_detached(pins, key, found.here,
                                  !living.complete || living.cookies.contains(key.netns_cookie)));
  if (found.why.empty() && !pins.has(kPinMeta)) found.why = "it was left half done";
  if (!found.why.empty()) {
    found.state = State::kLeftover;
    return found;
  }
  const MetaHead head = ZC_TRY(read_meta_head(pins));
  if (head.magic == ZC_ABI_MAGIC && head.version == ZC_ABI_VERSION) {
    const Status layout = check_layout(pins);
    if (layout) return found;
    found.state = State::kOtherVersion;
    found.why = layout.error().message;
    return found;
  }
  found.state = State::kOtherVersion;
  found.why = head.magic == ZC_ABI_MAGIC
                  ? "its pins have layout " + std::to_string(head.version) +
                        ", this zcctl knows layout " + std::to_string(ZC_ABI_VERSION)
                  : "its pins are not zcctl's";
  return found;
}

Result<std::vector<api::PinnedDevice>> LinuxHost::pinned() {
  std::vector<api::PinnedDevice> found;
  if (bpffs_.empty()) return found;
  const std::vector<PinKey> keys = ZC_TRY(list_pins(bpffs_));
  if (keys.empty()) {
    if (access_ == api::Access::kChange) remove_empty_root(bpffs_);
    return found;
  }
  const uint64_t cookie = ZC_TRY(netns_cookie());
  const bool foreign = std::any_of(keys.begin(), keys.end(),
                                   [&](const PinKey& key) { return key.netns_cookie != cookie; });
  const LivingNamespaces living =
      foreign ? ZC_TRY(living_netns_cookies()) : LivingNamespaces{{cookie}, true};
  for (const PinKey& key : keys) {
    auto pins = inspect(key, cookie, living);
    if (pins) {
      found.push_back(*pins);
      continue;
    }
    if (geteuid() != 0) return std::move(pins).error();
    // One odd directory must not stop work on the others.
    found.push_back({key.netns_cookie, key.ifindex, key.netns_cookie == cookie,
                     api::PinnedDevice::State::kOtherVersion, pins.error().message});
  }
  return found;
}

Result<std::unique_ptr<api::Datapath>> LinuxHost::open(const api::PinnedDevice& pins) {
  return open_tables(directory({pins.netns_cookie, pins.ifindex}), access_);
}

Result<std::unique_ptr<api::Datapath>> LinuxHost::create(const api::Device& device,
                                                         const api::CreateOptions& options) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  ProgramConfig config;
  config.l2_bytes = ZC_TRY(l2_header_bytes(device));
  config.kern_ctx = has_kern_ctx();
  config.max_streams = options.max_streams;
  const EgressProgram program = ZC_TRY(EgressProgram::load(config));

  ZC_TRY(pins.exists() ? pins.remove() : ok());
  ZC_TRY(PinDirectory(pins).make());
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, program->obj) {
    if (!bpf_map__is_internal(map)) ZC_TRY(pins.pin_fd(bpf_map__fd(map), bpf_map__name(map)));
  }
  zc_meta meta{};
  meta.magic = ZC_ABI_MAGIC;
  meta.version = ZC_ABI_VERSION;
  meta.netns_cookie = ZC_TRY(netns_cookie());
  meta.ifindex = device.ifindex;
  meta.hook = options.hook;
  meta.max_streams = options.max_streams;
  // Written down before it is made: a kill in between leaves a note, not a stray qdisc.
  meta.clsact_ours = options.hook == ZC_HOOK_CLSACT && !ZC_TRY(has_clsact(device.ifindex));
  std::strncpy(meta.dev, device.name.c_str(), sizeof(meta.dev) - 1);
  ZC_TRY(write_meta(pins, meta));
  ZC_TRY(pins.pin_fd(program.program_fd(), kPinProgram));
  return open_tables(pins, api::Access::kRead);
}

Status LinuxHost::attach(const api::Device& device) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  const Fd program(bpf_obj_get(pins.pin(kPinProgram).c_str()));
  if (!program) return system_error(errno, "cannot open " + pins.pin(kPinProgram));
  if (ZC_TRY(read_meta(pins)).hook == ZC_HOOK_CLSACT) {
    ZC_TRY(create_clsact(device.ifindex));
    return attach_clsact(program.get(), device.ifindex);
  }
  const Fd link = ZC_TRY(attach_tcx(program.get(), device.ifindex));
  return pins.pin_fd(link.get(), kPinLink);
}

Status LinuxHost::make_stage(const api::Device& device) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  zc_meta meta = ZC_TRY(read_meta(pins));
  meta.stage = ZC_TRY(kern::make_stage(device));
  return write_meta(pins, meta);
}

Result<std::vector<uint32_t>> LinuxHost::stray_stages() {
  const uint64_t cookie = ZC_TRY(netns_cookie());
  std::vector<uint32_t> strays;
  for (const uint32_t ifindex : ZC_TRY(staged_devices())) {
    if (bpffs_.empty() || !directory({cookie, ifindex}).exists()) strays.push_back(ifindex);
  }
  return strays;
}

Status LinuxHost::remove(const api::PinnedDevice& pinned) {
  const PinDirectory pins = directory({pinned.netns_cookie, pinned.ifindex});
  if (pinned.state == api::PinnedDevice::State::kOtherVersion && !pinned.here &&
      !pins.has(kPinLink)) {
    return failed_error("pins of device index " + std::to_string(pinned.ifindex) +
                            " are of another network namespace, where their filter may still hang",
                        "zcctl -n NETNS clean --force");
  }
  ZC_TRY(restore_all_sockets(pins));
  ZC_TRY(stop_cutting(pins));
  // Now the link: from here on nothing is attached, and what is left counts as leftover.
  const Fd link(bpf_obj_get(pins.pin(kPinLink).c_str()));
  if (link) ZC_TRY(detach_tcx(link.get()));
  ZC_TRY(pins.unpin(kPinLink));
  const bool device_here = pinned.here && !device_name(pinned.ifindex).empty();
  const Fd program(bpf_obj_get(pins.pin(kPinProgram).c_str()));
  if (device_here && program &&
      ZC_TRY(clsact_program(pinned.ifindex)) == ZC_TRY(program_id(program.get())))
    ZC_TRY(detach_clsact(pinned.ifindex));
  if (device_here) {
    const auto meta = read_meta(pins);
    if (meta && meta->clsact_ours) ZC_TRY(remove_empty_clsact(pinned.ifindex));
  }
  if (pinned.here) ZC_TRY(kern::remove_stage(pinned.ifindex));
  return pins.remove();
}

Result<Endpoint> LinuxHost::source_towards(const Endpoint& destination) {
  const bool ipv4 = destination.family == Family::kIpv4;
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (ipv4) {
    auto* address = reinterpret_cast<sockaddr_in*>(&storage);
    address->sin_family = AF_INET;
    address->sin_port = htons(destination.port);
    std::memcpy(&address->sin_addr, destination.address.data(), sizeof(address->sin_addr));
    length = sizeof(*address);
  } else {
    auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(destination.port);
    std::memcpy(&address->sin6_addr, destination.address.data(), sizeof(address->sin6_addr));
    length = sizeof(*address);
  }
  // Connecting a datagram socket sends nothing; it only asks the routing table.
  const Fd socket(::socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (!socket || connect(socket.get(), address, length) != 0 ||
      getsockname(socket.get(), address, &length) != 0)
    return system_error(errno, "no route to " + destination.address_text());
  Endpoint source;
  source.family = destination.family;
  if (ipv4) {
    std::memcpy(source.address.data(), &reinterpret_cast<sockaddr_in*>(address)->sin_addr, 4);
  } else {
    std::memcpy(source.address.data(), &reinterpret_cast<sockaddr_in6*>(address)->sin6_addr, 16);
  }
  return source;
}

}  // namespace

std::unique_ptr<api::Host> make_linux_host() {
  capture_libbpf_log();
  return std::make_unique<LinuxHost>();
}

}  // namespace zc::kern
