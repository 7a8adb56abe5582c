// SPDX-License-Identifier: GPL-2.0-only
// As the kernel lays maps out on 64 bits: kernel/bpf/arraymap.c, hashtab.c (struct htab_elem,
// struct bucket) since Linux 4.6. Its own figure, in bpftool's `bytes_memlock`, comes to the same
// from 6.4 on.
#include "map_bytes.h"

#include <bpf/libbpf.h>

#include <bit>

namespace zc::kern {
namespace {

constexpr uint64_t kElement = 48, kBucket = 16;

uint64_t whole_words(uint32_t bytes) {
  constexpr uint64_t kWord = 8;
  return (bytes + kWord - 1) / kWord * kWord;
}

uint64_t hash_bytes(const bpf_map* map) {
  const uint64_t entries = bpf_map__max_entries(map);
  const uint64_t buckets = std::bit_ceil(entries) * kBucket;
  if (bpf_map__map_flags(map) & BPF_F_NO_PREALLOC) return buckets;
  return buckets + entries * (kElement + whole_words(bpf_map__key_size(map)) +
                              whole_words(bpf_map__value_size(map)));
}

uint64_t bytes_of(const bpf_map* map) {
  const uint64_t values = bpf_map__max_entries(map) * whole_words(bpf_map__value_size(map));
  switch (bpf_map__type(map)) {
    case BPF_MAP_TYPE_HASH:
    case BPF_MAP_TYPE_LRU_HASH:
      return hash_bytes(map);
    case BPF_MAP_TYPE_PERCPU_ARRAY:
      return values * static_cast<uint64_t>(libbpf_num_possible_cpus());
    default:
      return values;
  }
}

}  // namespace

uint64_t map_bytes(const bpf_object* object) {
  uint64_t bytes = 0;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (!bpf_map__is_internal(map)) bytes += bytes_of(map);
  }
  return bytes;
}

}  // namespace zc::kern
