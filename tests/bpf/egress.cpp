// SPDX-License-Identifier: GPL-2.0-only
#include "egress.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <vector>

#include "inet.h"

#include "zc_egress.skel.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace zc::test {
namespace {

constexpr unsigned kRulesLookedAt = 64;
constexpr size_t kSlots = size_t{ZC_DEFAULT_STREAMS} * ZC_SLOTS_PER_STREAM;
constexpr size_t kSlotsBytes = sizeof(zc_stream) * kSlots;
constexpr size_t kLongestRefused = 14 + 40;  // Ethernet and an IPv6 header

// Removes every key, whatever the type of key.
void empty_hash(int fd, size_t key_bytes) {
  Bytes key(key_bytes);
  while (bpf_map_get_next_key(fd, nullptr, key.data()) == 0)
    bpf_map_delete_elem(fd, key.data());
}

// Does so in one call: tests do it by the thousand.
void empty_supers(int fd) {
  static const std::vector<zc_super> none(ZC_SUPERS);
  std::vector<unsigned> indices(ZC_SUPERS);
  std::iota(indices.begin(), indices.end(), 0U);
  auto count = static_cast<uint32_t>(indices.size());
  ASSERT_EQ(bpf_map_update_batch(fd, indices.data(), none.data(), &count, nullptr), 0)
      << strerror(errno);
}

template <typename Value>
void write_array(int fd, unsigned index, const Value& value) {
  ASSERT_EQ(bpf_map_update_elem(fd, &index, &value, BPF_ANY), 0) << strerror(errno);
}

zc_flow match_of(const RuleText& text) {
  zc_flow flow{};
  put_end(text.to, flow, true);
  if (!text.from.empty()) put_end(text.from, flow, false);
  return flow;
}

zc_rule abi_rule(const RuleText& text) {
  zc_rule rule{};
  rule.match = match_of(text);
  rule.options.how.payload_type = text.payload_type;
  rule.options.how.checksum = static_cast<uint8_t>(text.checksum);
  rule.options.how.payload_header_bytes = text.payload_header_bytes;
  rule.options.clock_hz = text.clock_hz;
  rule.options.how.flags = static_cast<uint8_t>(
      (text.ssrc ? ZC_RULE_FIXED_SSRC : 0) | (text.seq ? ZC_RULE_FIXED_SEQ : 0) |
      (text.ts ? ZC_RULE_FIXED_TS : 0) | (text.continues ? ZC_RULE_CONTINUE : 0));
  rule.options.first_ssrc = text.ssrc.value_or(0);
  rule.options.first_seq = text.seq.value_or(0);
  rule.options.first_ts = text.ts.value_or(0);
  if (!text.clock_stands)
    rule.options.ticks_q64 =
        static_cast<uint64_t>((static_cast<unsigned __int128>(text.clock_hz) << 64) / 1000000000);
  return rule;
}

// SO_NETNS_COOKIE of the namespace that the test runs in.
uint64_t netns_cookie_here() {
  uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length), 0) << strerror(errno);
  close(fd);
  return cookie;
}

// Tests run hundreds of packets: libbpf shall speak only of what goes wrong.
int print_warnings(libbpf_print_level level, const char* format, va_list arguments) {
  return level == LIBBPF_WARN ? std::vfprintf(stderr, format, arguments) : 0;
}

}  // namespace

void put_end(const std::string& text, zc_flow& flow, bool destination) {
  const bool bracket = text[0] == '[';
  const size_t address_end = bracket ? text.find(']') : text.find(':');
  const std::string address =
      bracket ? text.substr(1, address_end - 1) : text.substr(0, address_end);
  const size_t colon = bracket ? text.find(':', address_end) : address_end;
  const Bytes bytes = address_bytes(address);
  const auto port =
      static_cast<uint16_t>(colon == std::string::npos ? 0 : std::stoi(text.substr(colon + 1)));
  flow.family = bytes.size() == 4 ? ZC_IPV4 : ZC_IPV6;
  std::memcpy(destination ? flow.daddr : flow.saddr, bytes.data(), bytes.size());
  (destination ? flow.dport : flow.sport) = htons(port);
}

Egress::Egress(zc_egress* skeleton) : skeleton_(skeleton) {
  void* memory =
      mmap(nullptr, kSlotsBytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd("zc_slots"), 0);
  if (memory != MAP_FAILED) slots_ = static_cast<zc_stream*>(memory);
}

Egress::~Egress() {
  if (slots_) munmap(slots_, kSlotsBytes);
  zc_egress::destroy(skeleton_);
}

std::unique_ptr<Egress> Egress::load(unsigned kern_ctx, unsigned l2_bytes) {
  libbpf_set_print(print_warnings);
  zc_egress* skeleton = zc_egress::open();
  if (!skeleton) return nullptr;
  skeleton->rodata->zc_config.kern_ctx = kern_ctx;
  skeleton->rodata->zc_config.l2_bytes = l2_bytes;
  if (const int failure = zc_egress::load(skeleton); failure != 0) {
    zc_egress::destroy(skeleton);
    errno = -failure;
    return nullptr;
  }
  auto egress = std::unique_ptr<Egress>(new Egress(skeleton));
  return egress->slots_ ? std::move(egress) : nullptr;
}

int Egress::program_fd() const {
  return bpf_program__fd(skeleton_->progs.zc_egress);
}

int Egress::map_fd(const char* name) const {
  return bpf_object__find_map_fd_by_name(skeleton_->obj, name);
}

void Egress::reset() {
  empty_hash(map_fd("zc_match"), sizeof(zc_flow));
  empty_hash(map_fd("zc_streams"), sizeof(zc_flow));
  empty_hash(map_fd("zc_fragments"), sizeof(zc_fragment));
  empty_hash(map_fd("zc_continued"), sizeof(unsigned));
  empty_hash(map_fd("zc_paces"), sizeof(unsigned));
  std::memset(slots_, 0, kSlotsBytes);
  empty_supers(map_fd("zc_supers"));
  set_stage(0);
  const auto filter = std::make_unique<zc_filter>();
  write_array(map_fd("zc_filter"), 0, *filter);
  for (unsigned id = 0; id < kRulesLookedAt; id++) {
    write_array(map_fd("zc_counts"), id, zc_counts{});
    write_array(map_fd("zc_rules"), id, zc_rule{});
  }
}

void Egress::set_stage(unsigned ifindex, bool elsewhere) {
  zc_meta meta{};
  meta.stage = ifindex;
  meta.netns_cookie = netns_cookie_here() + (elsewhere ? 1 : 0);
  write_array(map_fd("zc_meta"), 0, meta);
}

void Egress::set_pace(unsigned ifindex, zc_pace_kind kind, bool elsewhere) {
  zc_meta meta{};
  meta.stage = meta.pace = ifindex;
  meta.pace_kind = kind;
  meta.netns_cookie = netns_cookie_here() + (elsewhere ? 1 : 0);
  write_array(map_fd("zc_meta"), 0, meta);
}

void Egress::put_super(const zc_super& note) {
  write_array(map_fd("zc_supers"), (note.mark & ~ZC_PIECE_MARK_MASK) % ZC_SUPERS, note);
}

void Egress::add_rule(unsigned id, const RuleText& text) {
  const zc_rule rule = abi_rule(text);
  write_array(map_fd("zc_rules"), id, rule);
  auto filter = std::make_unique<zc_filter>();
  const unsigned zero = 0;
  ASSERT_EQ(bpf_map_lookup_elem(map_fd("zc_filter"), &zero, filter.get()), 0);
  const unsigned bit = zc_filter_bit(rule.match.daddr, rule.match.dport);
  filter->words[bit / 64] |= uint64_t{1} << (bit % 64);
  write_array(map_fd("zc_filter"), 0, *filter);
  ASSERT_EQ(bpf_map_update_elem(map_fd("zc_match"), &rule.match, &id, BPF_NOEXIST), 0);
  if (text.continues) {
    zc_continued value{};
    value.slot = ZC_NO_SLOT;
    put_continued(id, value);
  }
}

bool Egress::read_rule(unsigned id, zc_rule& rule) const {
  return bpf_map_lookup_elem(map_fd("zc_rules"), &id, &rule) == 0;
}

void Egress::write_rule(unsigned id, const zc_rule& rule) {
  write_array(map_fd("zc_rules"), id, rule);
}

zc_continued Egress::continued(unsigned id) const {
  zc_continued value{};
  EXPECT_EQ(bpf_map_lookup_elem(map_fd("zc_continued"), &id, &value), 0) << strerror(errno);
  return value;
}

void Egress::put_continued(unsigned id, const zc_continued& value) {
  ASSERT_EQ(bpf_map_update_elem(map_fd("zc_continued"), &id, &value, BPF_ANY), 0)
      << strerror(errno);
}

Verdict Egress::run(const Bytes& packet, const __sk_buff* context) {
  Verdict verdict;
  verdict.out.resize(packet.size() + 256);
  __sk_buff in{}, after{};
  if (context) in = *context;
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<uint32_t>(packet.size());
  options.data_out = verdict.out.data();
  options.data_size_out = static_cast<uint32_t>(verdict.out.size());
  options.repeat = 1;
  if (context) {
    options.ctx_in = &in;
    options.ctx_size_in = sizeof(in);
  }
  options.ctx_out = &after;
  options.ctx_size_out = sizeof(after);
  const int failure = bpf_prog_test_run_opts(program_fd(), &options);
  verdict.refused = failure == -EINVAL && packet.size() < kLongestRefused;
  EXPECT_TRUE(failure == 0 || verdict.refused) << packet.size() << " bytes: " << strerror(-failure);
  verdict.code = static_cast<int>(options.retval);
  verdict.mark = after.mark;
  verdict.priority = after.priority;
  verdict.out.resize(failure == 0 ? options.data_size_out : 0);
  return verdict;
}

int Egress::run_with_complete_sum(const Bytes& packet) {
  constexpr uint32_t kChecksumComplete = 1U << 2;  // BPF_F_TEST_SKB_CHECKSUM_COMPLETE
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<uint32_t>(packet.size());
  options.repeat = 1;
  options.flags = kChecksumComplete;
  return bpf_prog_test_run_opts(program_fd(), &options);
}

std::map<unsigned, zc_stream> Egress::streams() {
  std::map<unsigned, zc_stream> found;
  zc_flow key{}, next{};
  const int fd = map_fd("zc_streams");
  for (const zc_flow* last = nullptr; bpf_map_get_next_key(fd, last, &next) == 0; last = &key) {
    key = next;
    unsigned index = 0;
    if (bpf_map_lookup_elem(fd, &key, &index) == 0 && index < kSlots) found[index] = slots_[index];
  }
  return found;
}

std::map<std::string, uint64_t> Egress::counters(unsigned rule_id) {
  zc_counts counts{};
  EXPECT_EQ(bpf_map_lookup_elem(map_fd("zc_counts"), &rule_id, &counts), 0);
  for (const auto& [index, stream] : streams()) {
    if (stream.rule == rule_id)
      counts.packets[ZC_VERDICT_stamped] += stream.next_seq - stream.first_seq;
  }
  std::map<std::string, uint64_t> by_name;
#define ZC_TEST_COUNTER(name, text) by_name[#name] = counts.packets[ZC_VERDICT_##name];
  ZC_COUNTERS(ZC_TEST_COUNTER)
#undef ZC_TEST_COUNTER
  return by_name;
}

uint64_t Egress::counted() {
  uint64_t sum = 0;
  for (unsigned id = 0; id < kRulesLookedAt; id++) {
    zc_counts counts{};
    EXPECT_EQ(bpf_map_lookup_elem(map_fd("zc_counts"), &id, &counts), 0);
    for (unsigned verdict = 0; verdict < ZC_VERDICT_COUNT; verdict++) {
      if (verdict != ZC_VERDICT_unaligned) sum += counts.packets[verdict];  // counted besides
    }
  }
  for (const auto& [index, stream] : streams())
    sum += stream.next_seq - stream.first_seq;
  return sum;
}

unsigned Egress::slots_in_use() const {
  return static_cast<unsigned>(std::count_if(
      slots_, slots_ + kSlots, [](const zc_stream& slot) { return slot.state != ZC_SLOT_FREE; }));
}

void Egress::fill_stream_table() {
  const auto there = static_cast<unsigned>(streams().size());
  std::vector<zc_flow> keys(ZC_DEFAULT_STREAMS - there);
  // They lead to no slot, so that they count nowhere.
  const std::vector<unsigned> slots(keys.size(), ZC_NO_SLOT);
  for (unsigned i = 0; i < keys.size(); i++) {
    keys[i].family = ZC_IPV4;
    keys[i].saddr[0] = htonl(0xc6120000 + i);  // 198.18.0.0/15, RFC 2544: for benchmarks
  }
  auto count = static_cast<uint32_t>(keys.size());
  ASSERT_EQ(bpf_map_update_batch(map_fd("zc_streams"), keys.data(), slots.data(), &count, nullptr),
            0)
      << count << ": " << strerror(errno);
}

void Egress::age_fragments(uint64_t by_ns) {
  const int fd = map_fd("zc_fragments");
  std::vector<zc_fragment> keys;
  for (zc_fragment next{};
       bpf_map_get_next_key(fd, keys.empty() ? nullptr : &keys.back(), &next) == 0;)
    keys.push_back(next);
  ASSERT_FALSE(keys.empty());
  for (const zc_fragment& key : keys) {
    zc_fragment_owner owner{};
    ASSERT_EQ(bpf_map_lookup_elem(fd, &key, &owner), 0);
    owner.until_ns -= by_ns;
    ASSERT_EQ(bpf_map_update_elem(fd, &key, &owner, BPF_EXIST), 0);
  }
}

}  // namespace zc::test
