// SPDX-License-Identifier: GPL-2.0-only
#include "model.h"

#include <algorithm>
#include <cstring>

#include "message/call.h"

namespace zc::test {
namespace {

constexpr size_t kEntries = 17;  // MAX_MSG_FRAGS
constexpr uint32_t kLeast = 32;  // of a page, or a new one is taken (sk_page_frag_refill)

Model* running = nullptr;  // whose program runs
sk_msg running_msg{};
task_struct running_task{};

}  // namespace

bool chance(Random& random, unsigned one_of) {
  return one_of != 0 && random() % one_of == 0;
}

uint64_t between(Random& random, uint64_t least, uint64_t most) {
  return least + random() % (most - least + 1);
}

Model::Model(const zc_connection& connection, const Trouble& trouble, Random& random)
    : connection_(connection), trouble_(trouble), random_(random) {
  tp_.write_seq = tp_.pushed_seq = static_cast<uint32_t>(random());
  tp_.max_window = trouble.max_window;
  running_task.task_frag = {static_cast<uint32_t>(random() % trouble.page), trouble.page};
}

// --- a call ---------------------------------------------------------------------------------

int64_t Model::sendmsg(std::span<const uint8_t> bytes, uint64_t position, bool more) {
  size_t taken = 0;
  int64_t copied = 0;
  while (taken < bytes.size()) {
    if (chance(random_, trouble_.between)) break;
    const bool after_full = full_;
    const bool first = taken == 0;
    const size_t filled = fill(bytes.subspan(taken));
    shown_.push_back({position + taken, position + taken + filled, more,
                      taken + filled == bytes.size(), full_, true, after_full && first,
                      said_.bytes != 0, first_, call_end_});
    taken += filled;
    copied += static_cast<int64_t>(filled);
    const int64_t freed = verdicts(more);
    copied -= freed < 0 ? 0 : freed;
    if (dropped_ || freed >= 0) break;
  }
  return copied > 0 ? copied : -1;
}

// sk_msg_alloc: as much of a call as goes into the entries of a message.
size_t Model::fill(std::span<const uint8_t> bytes) {
  page_frag& page = running_task.task_frag;
  size_t taken = 0;
  entries_.clear();
  full_ = false;
  while (taken < bytes.size()) {
    if (page.offset + kLeast > page.size) page.offset = 0;
    full_ = entries_.size() == kEntries;
    if (full_) break;
    const size_t use = std::min<size_t>(bytes.size() - taken, page.size - page.offset);
    const auto from = bytes.begin() + static_cast<ptrdiff_t>(taken);
    entries_.emplace_back(from, from + static_cast<ptrdiff_t>(use));
    page.offset += static_cast<uint32_t>(use);
    taken += use;
  }
  return taken;
}

uint32_t Model::size() const {
  size_t bytes = 0;
  for (const Bytes& entry : entries_)
    bytes += entry.size();
  return static_cast<uint32_t>(bytes);
}

// tcp_bpf_send_verdict. Returns -1 where all was sent, or the bytes that were given up.
int64_t Model::verdicts(bool more) {
  unsigned cut = std::max(trouble_.cut, trouble_.cut_first);
  do {
    if (!run()) {
      dropped_ = true;
      return size();
    }
    const uint32_t all = size();
    verdict_bytes_ = apply_ && apply_ < all ? apply_ : all;
    if (!send(verdict_bytes_, more, cut)) {
      ++cuts_;
      full_ = false;
      const uint32_t freed = size();
      entries_.clear();
      return freed;
    }
    cut = trouble_.cut;
  } while (!entries_.empty());
  return -1;
}

bool Model::run() {
  running = this;
  apply_ = 0;
  redirected_ = false;
  running_msg.sg = {0, static_cast<uint32_t>(entries_.size())};
  show();
  ++runs_;
  const int verdict = zc_program_run(&md_, &connection_, &tp_);
  running = nullptr;
  // After a plain verdict the next message would not be shown.
  return verdict == SK_PASS && (redirected_ || entries_.empty());
}

// tcp_bpf_push: entry by entry. False where it was cut.
bool Model::send(uint32_t bytes, bool more, unsigned cut) {
  uint32_t allowed = ~0U;
  if (chance(random_, cut))
    allowed = static_cast<uint32_t>(chance(random_, 2) ? random_() % (bytes + 1)
                                                       : random_() % (std::min(bytes, 40U) + 1));
  while (bytes) {
    const auto entry = static_cast<uint32_t>(entries_.front().size());
    const uint32_t piece = std::min(bytes, entry);
    if (!send_piece(piece, allowed, more || piece < entry)) return false;
    bytes -= piece;
    allowed -= allowed == ~0U ? 0 : piece;
  }
  return true;
}

// tcp_sendmsg_locked.
bool Model::send_piece(uint32_t bytes, uint32_t allowed, bool more) {
  if (allowed < bytes) {
    take(allowed);
    if (allowed) tp_.pushed_seq = tp_.write_seq;  // before it would wait
    return false;
  }
  if (bytes > 1 && chance(random_, trouble_.wait)) {
    const auto before = static_cast<uint32_t>(between(random_, 1, bytes - 1));
    take(before);
    tp_.pushed_seq = tp_.write_seq;
    bytes -= before;
  }
  take(bytes);
  push(more);
  return true;
}

void Model::take(uint32_t bytes) {
  Bytes& entry = entries_.front();
  const auto end = entry.begin() + bytes;
  stream_.insert(stream_.end(), entry.begin(), end);
  entry.erase(entry.begin(), end);
  if (entry.empty()) entries_.pop_front();
  tp_.write_seq += bytes;
}

void Model::push(bool more) {
  const bool was_forced = forced();
  const bool empty = !was_forced && chance(random_, trouble_.empty_queue);
  if ((!more && !empty) || was_forced) tp_.pushed_seq = tp_.write_seq;
  // A look of its own at one byte (zc/frame.h) is meant to tell; what else is forced tells nothing.
  if (empty || (was_forced && verdict_bytes_ <= 1 + ZC_FRAME_HEADER_MAX))
    shown_.back().told = false;
}

// --- helpers --------------------------------------------------------------------------------

void Model::show() {
  md_.size = size();
  md_.data = entries_.empty() ? nullptr : entries_.front().data();
  md_.data_end = entries_.empty() ? nullptr : entries_.front().data() + entries_.front().size();
}

long Model::push_data(uint32_t start, uint32_t bytes) {
  size_t at = 0;
  while (at < entries_.size() && start >= entries_[at].size()) {
    start -= static_cast<uint32_t>(entries_[at].size());
    ++at;
  }
  if (at == entries_.size()) return -1;
  Bytes& entry = entries_[at];
  const Bytes room(bytes, 0xEE);
  const size_t space = kEntries - std::min(kEntries, entries_.size());
  const auto here = entries_.begin() + static_cast<ptrdiff_t>(at);
  if (!space || (space == 1 && start)) {
    shown_.back().told &= !start;  // what is sent before it ends in the midst of an entry
    entry.insert(entry.begin() + start, room.begin(), room.end());
  } else if (!start) {
    entries_.insert(here, room);
  } else {
    Bytes tail(entry.begin() + start, entry.end());
    entry.resize(start);
    entries_.insert(here + 1, {room, tail});
  }
  show();
  return 0;
}

long Model::pop_data(uint32_t start, uint32_t bytes) {
  if (start || bytes > size()) return -1;
  while (bytes) {
    Bytes& entry = entries_.front();
    const auto gone = std::min(bytes, static_cast<uint32_t>(entry.size()));
    entry.erase(entry.begin(), entry.begin() + gone);
    if (entry.empty()) entries_.pop_front();
    bytes -= gone;
  }
  shown_.back().begin += md_.size - size();
  show();
  return 0;
}

long Model::pull_data(uint32_t start, uint32_t end) {
  size_t at = 0;
  const uint32_t bytes = end - start;
  while (at < entries_.size() && start >= entries_[at].size()) {
    start -= static_cast<uint32_t>(entries_[at].size());
    ++at;
  }
  if (at == entries_.size()) return -1;
  while (entries_[at].size() < start + bytes) {
    if (at + 1 == entries_.size()) return -1;
    const Bytes& next = entries_[at + 1];
    entries_[at].insert(entries_[at].end(), next.begin(), next.end());
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(at) + 1);
  }
  md_.data = entries_[at].data() + start;
  md_.data_end = entries_[at].data() + start + bytes;
  return 0;
}

}  // namespace zc::test

using zc::test::running;

extern "C" {

long bpf_msg_push_data(sk_msg_md* /*msg*/, __u32 start, __u32 bytes, __u64 /*flags*/) {
  return running->push_data(start, bytes);
}
long bpf_msg_pop_data(sk_msg_md* /*msg*/, __u32 start, __u32 bytes, __u64 /*flags*/) {
  return running->pop_data(start, bytes);
}
long bpf_msg_pull_data(sk_msg_md* /*msg*/, __u32 start, __u32 end, __u64 /*flags*/) {
  return running->pull_data(start, end);
}
long bpf_msg_apply_bytes(sk_msg_md* /*msg*/, __u32 bytes) {
  running->apply_bytes(bytes);
  return 0;
}
long bpf_msg_redirect_hash(sk_msg_md* /*msg*/, void* /*map*/, void* /*key*/, __u64 /*flags*/) {
  running->redirect();
  return SK_PASS;
}
__u64 bpf_ktime_get_ns() {
  return 1;
}
__u32 bpf_get_prandom_u32() {
  return 4;
}
task_struct* bpf_get_current_task_btf() {
  return &zc::test::running_task;
}
void zc_said_read(zc_connection* /*connection*/, zc_said* said) {
  *said = running->said();
}
void* bpf_cast_to_kern_ctx(void* /*msg*/) {
  return &zc::test::running_msg;
}
}
