// SPDX-License-Identifier: GPL-2.0-only
// A BPF map with typed keys and values, opened from its pin, its sizes compared with ours.
#pragma once

#include <bpf/bpf.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "pins.h"

namespace zc::kern {

// Opens the pin and checks the sizes. kFailed with errno's text, or "has another layout".
Result<Fd> open_map(const std::string& path, uint32_t key_bytes, uint32_t value_bytes);

struct MapLayout {
  const char* name;
  size_t key_bytes, value_bytes;
};
// Whether all of them are pinned there, with these sizes; kFailed as open_map.
Status check_maps(const PinDirectory& pins, std::span<const MapLayout> maps);

// The kernel's number of a pinned map, which no other has until the next boot.
Result<uint32_t> map_id(const std::string& path);

template <typename Key, typename Value>
class HashMap {
 public:
  explicit HashMap(Fd fd) : fd_(std::move(fd)) {}
  static Result<HashMap> open(const std::string& path) {
    return HashMap(ZC_TRY(open_map(path, sizeof(Key), sizeof(Value))));
  }

  Status insert(const Key& key, const Value& value) {
    if (bpf_map_update_elem(fd_.get(), &key, &value, BPF_NOEXIST) == 0) return ok();
    return system_error(errno, "cannot write to a map");
  }
  Status put(const Key& key, const Value& value) {
    if (bpf_map_update_elem(fd_.get(), &key, &value, BPF_ANY) == 0) return ok();
    return system_error(errno, "cannot write to a map");
  }
  // Nothing where the key is not there.
  Result<std::optional<Value>> find(const Key& key) const {
    Value value{};
    if (bpf_map_lookup_elem(fd_.get(), &key, &value) == 0) return std::optional(value);
    if (errno == ENOENT) return std::optional<Value>();
    return system_error(errno, "cannot read a map");
  }
  // Succeeds where the key is not there, too.
  Status erase(const Key& key) {
    if (bpf_map_delete_elem(fd_.get(), &key) == 0 || errno == ENOENT) return ok();
    return system_error(errno, "cannot remove from a map");
  }
  // Likewise, many in few calls.
  Status erase_all(const std::vector<Key>& keys) {
    for (size_t done = 0; done < keys.size();) {
      auto count = static_cast<uint32_t>(keys.size() - done);
      const int failure = bpf_map_delete_batch(fd_.get(), &keys[done], &count, nullptr);
      if (failure != 0 && errno != ENOENT) return system_error(errno, "cannot remove from a map");
      done += count + (failure != 0 ? 1 : 0);  // it ends at the first key that is not there
    }
    return ok();
  }
  // A snapshot: entries that come or go meanwhile may be in it or not.
  Result<std::vector<std::pair<Key, Value>>> entries() const {
    constexpr uint32_t kBatch = 4096;  // far more than any bucket holds, or the call fails
    std::vector<Key> keys(kBatch);
    std::vector<Value> values(kBatch);
    std::vector<std::pair<Key, Value>> all;
    uint32_t position = 0;
    for (bool first = true, more = true; more; first = false) {
      uint32_t count = kBatch;
      const int failure = bpf_map_lookup_batch(fd_.get(), first ? nullptr : &position, &position,
                                               keys.data(), values.data(), &count, nullptr);
      if (failure != 0 && errno != ENOENT) return system_error(errno, "cannot read a map");
      more = failure == 0;
      for (uint32_t i = 0; i < count; i++)
        all.emplace_back(keys[i], values[i]);
    }
    return all;
  }

 private:
  Fd fd_;
};

// An array map, mapped into memory: the program and we see the same words.
template <typename Value>
class ArrayMap {
 public:
  static Result<ArrayMap> open(const std::string& path, uint32_t entries) {
    const Fd fd = ZC_TRY(open_map(path, sizeof(uint32_t), sizeof(Value)));
    void* start =
        mmap(nullptr, sizeof(Value) * entries, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (start == MAP_FAILED) return system_error(errno, "cannot map " + path);
    return ArrayMap(static_cast<Value*>(start), entries);
  }
  ArrayMap(ArrayMap&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), entries_(other.entries_) {}
  ArrayMap(const ArrayMap&) = delete;
  ArrayMap& operator=(const ArrayMap&) = delete;
  ArrayMap& operator=(ArrayMap&&) = delete;
  ~ArrayMap() {
    if (start_) munmap(start_, sizeof(Value) * entries_);
  }

  uint32_t size() const { return entries_; }
  Value& operator[](uint32_t index) { return start_[index]; }

 private:
  ArrayMap(Value* start, uint32_t entries) : start_(start), entries_(entries) {}
  Value* start_;
  uint32_t entries_;
};

}  // namespace zc::kern
