// SPDX-License-Identifier: GPL-2.0-only
#include "pace.h"

#include <net/if.h>
#include <sched.h>

#include <cerrno>
#include <thread>

#include "map.h"
#include "own_link.h"
#include "pace_program.h"
#include "pace_qdisc.h"

namespace zc::kern {
namespace {

constexpr OwnLinkKind kPace{"zcpace", "zcctl: paces packets of ", "queue for --rate"};

// fq, or what paces where the kernel has none.
Result<zc_pace_kind> add_qdisc(uint32_t ifindex) {
  Status fq = add_pace_fq(ifindex);
  if (fq) return ZC_PACE_KIND_FQ;
  if (fq.error().kind != ErrorKind::kUnsupported) return fq.error();
  Status htb = add_pace_htb(ifindex);
  if (htb) return ZC_PACE_KIND_HTB;
  if (htb.error().kind != ErrorKind::kUnsupported) return htb.error();
  return api::no_pace_kind_error();
}

Result<api::PaceQueue> read_pace(const Link& link, uint32_t ifindex) {
  api::PaceQueue queue;
  queue.ifindex = link.ifindex;
  ZC_TRY(read_pace_qdisc(queue));
  queue.works = is_on(link, ifindex) && (link.flags & IFF_UP) != 0 &&
                queue.kind != ZC_PACE_KIND_NONE &&
                (queue.kind != ZC_PACE_KIND_FQ || ZC_TRY(has_pace_program(link.ifindex)));
  return queue;
}

// In a thread of its own, for a network namespace is a thread's.
void probe_in_new_namespace(Result<std::optional<zc_pace_kind>>& found) {
  constexpr uint32_t kLoopback = 1;
  if (unshare(CLONE_NEWNET) != 0) return;
  auto kind = add_qdisc(kLoopback);
  if (kind)
    found = std::optional(*kind);
  else if (kind.error().kind == ErrorKind::kUnsupported)
    found = std::optional(ZC_PACE_KIND_NONE);
  else
    found = kind.error();
}

}  // namespace

uint32_t paced_device(const Link& link) {
  return device_of(kPace, link);
}

Result<std::optional<api::PaceQueue>> find_pace(uint32_t ifindex) {
  const std::optional<Link> link = ZC_TRY(find_own_link(kPace, ifindex));
  if (!link) return std::optional<api::PaceQueue>();
  return std::optional(ZC_TRY(read_pace(*link, ifindex)));
}

Result<api::PaceQueue> make_pace(const api::Device& device, const PinDirectory& pins) {
  std::optional<api::PaceQueue> queue = ZC_TRY(find_pace(device.ifindex));
  // One that outlived its pins has a program with tables that nobody fills any more.
  if (queue && queue->works) {
    if (queue->kind == ZC_PACE_KIND_FQ) ZC_TRY(attach_pace_program(pins, queue->ifindex));
    return *queue;
  }
  if (queue) ZC_TRY(delete_link(queue->ifindex));
  const Link link = ZC_TRY(make_own_link(kPace, device, {}));
  const zc_pace_kind kind = ZC_TRY(add_qdisc(link.ifindex));
  if (kind == ZC_PACE_KIND_FQ) ZC_TRY(attach_pace_program(pins, link.ifindex));
  queue = ZC_TRY(find_pace(device.ifindex));
  if (!queue || !queue->works)
    return failed_error("the queue for --rate of " + device.name + " has gone");
  return *queue;
}

Status trim_pace(const api::PaceQueue& queue, const std::set<uint32_t>& rules) {
  for (const api::PaceClass& each : queue.classes) {
    if (!rules.contains(each.rule)) ZC_TRY(remove_pace_class(queue.ifindex, each.rule));
  }
  return ok();
}

Status remove_pace(uint32_t ifindex) {
  return remove_own_link(kPace, ifindex);
}

Status forget_waiting(const PinDirectory& pins) {
  auto paces = ZC_TRY((HashMap<uint32_t, zc_waiting>::open(pins.pin("zc_paces"))));
  std::vector<uint32_t> slots;
  for (const auto& [slot, waiting] : ZC_TRY(paces.entries()))
    slots.push_back(slot);
  return paces.erase_all(slots);
}

Result<std::vector<uint32_t>> paced_devices() {
  return devices_with(kPace);
}

Result<std::optional<zc_pace_kind>> probe_pace() {
  Result<std::optional<zc_pace_kind>> found = std::optional<zc_pace_kind>();
  std::thread(probe_in_new_namespace, std::ref(found)).join();
  return found;
}

}  // namespace zc::kern
