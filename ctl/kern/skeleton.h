// SPDX-License-Identifier: GPL-2.0-only
// Owns a BPF object through the skeleton that bpftool made of it: its maps and programs live until
// they are pinned or this is gone. Between open and load, configuration is set and maps are shared.
#pragma once

#include <bpf/libbpf.h>

#include <memory>

namespace zc::kern {

template <typename Object>
class Skeleton {
 public:
  // Empty where libbpf failed; errno says why.
  static Skeleton open() { return Skeleton(Object::open()); }

  explicit operator bool() const { return object_ != nullptr; }
  Object* operator->() const { return object_.get(); }
  bpf_object* object() const { return object_->obj; }
  // 0, or what libbpf returned: a negative errno.
  int load() { return Object::load(object_.get()); }

 private:
  struct Destroy {
    void operator()(Object* object) const { Object::destroy(object); }
  };
  explicit Skeleton(Object* object) : object_(object) {}
  std::unique_ptr<Object, Destroy> object_;
};

}  // namespace zc::kern
