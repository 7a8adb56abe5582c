// SPDX-License-Identifier: GPL-2.0-only
// Where the pins live, and the lock that lets one zcctl at a time change them.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace zc::kern {

// What to do where no bpffs is mounted.
enum class Mount : uint8_t { kIfMissing, kNever };

// The bpffs that was looked at, whatever its name leads to a moment later.
struct Bpffs {
  Fd folder;
  std::string path;  // empty: the host has none. Of somebody else's root it goes through `folder`
};

// The bpffs at /sys/fs/bpf, or that of the process that led to us where this mount namespace hides
// it (`ip netns exec` mounts a fresh /sys). Nothing is mounted where it would not be the host's:
// kUnsupported. With kNever the answer may be empty, which says that the host has none;
// kNotPermitted where that cannot be told. kFailed where others can write to it, or it is to be
// changed and mounted read-only.
Result<Bpffs> open_bpffs(Mount mount);

// The error that a bpffs without write access ends in: the kernel opens no pin there.
Error read_only(const std::string& root);

enum class Lock : uint8_t { kShared, kExclusive };

// Waits for another zcctl; says so on stderr when that takes more than a moment. Released with
// the descriptor, or by the kernel when the process dies. Nothing is created in the file system.
Result<Fd> lock_bpffs(const std::string& root, Lock lock);
// The exclusive one, without waiting: no descriptor where another zcctl has it.
Result<Fd> try_lock_bpffs(const std::string& root);

}  // namespace zc::kern
