/* SPDX-License-Identifier: GPL-2.0-only */
/* What the call that brings a message says: how many bytes in all, and MSG_MORE. The kernel does
 * not show it to a program at a socket; where the call can be read, the lengths of frames need no
 * guess. What was read wrong (the application changes what it points to, a file shrinks) makes a
 * frame end elsewhere, and the stream is well formed still. */
#ifndef ZC_MESSAGE_CALL_H
#define ZC_MESSAGE_CALL_H

#include "ctx/syscall.h"
#include "zc/frame.h"

#define MSG_MORE 0x8000
#define MAX_RW_COUNT 0x7ffff000ull /* include/linux/fs.h: more is not taken of one call */
#define S_IFMT 0170000
#define S_IFREG 0100000

struct zc_iovec {
  __u64 base, bytes;
};
/* struct user_msghdr */
struct zc_msghdr {
  __u64 name, name_bytes, iov, iov_count;
};

/* Bytes of a call that are in so many pieces; 0: more than there is room to read. */
__noinline __u64 zc_call_sum(struct zc_connection* connection, __u64 iov, __u64 count) {
  if (!connection) return 0; /* never: for the verifier */
  const struct zc_iovec* pieces = (const struct zc_iovec*)connection->saved;
  __u64 sum = 0;

  if (count > ZC_SAVED_BYTES / sizeof(*pieces)) return 0;
  if (bpf_probe_read_user(connection->saved, count * sizeof(*pieces), (void*)iov)) return 0;
  for (__u32 i = 0; i < ZC_SAVED_BYTES / sizeof(*pieces) && i < count; i++)
    sum += pieces[i].bytes;
  return sum;
}

static __always_inline void zc_said_sendmsg(struct zc_connection* connection, __u64 address,
                                            struct zc_said* said) {
  struct zc_msghdr header;
  if (bpf_probe_read_user(&header, sizeof(header), (void*)address)) return;
  said->where = header.iov;
  said->bytes = zc_call_sum(connection, header.iov, header.iov_count);
}

/* sendfile(2): up to the end of the file at most. The file's position moves behind the call. */
static __always_inline void zc_said_sendfile(const struct zc_syscall* call, struct zc_said* said) {
  const struct file* file = zc_file_of(call->args[1]);
  if (!file || (file->f_inode->i_mode & S_IFMT) != S_IFREG) return;
  __s64 position = file->f_pos, size = file->f_inode->i_size;

  if (call->args[2] && bpf_probe_read_user(&position, sizeof(position), (void*)call->args[2]))
    return;
  if (position < 0 || position >= size) return;
  said->where = position;
  said->bytes = size - position;
  if (call->args[3] < said->bytes) said->bytes = call->args[3];
}

static __always_inline void zc_said_read(struct zc_connection* connection, struct zc_said* said) {
  struct zc_syscall call;
  __u64 flags = 0;

  zc_syscall_read(&call);
  said->where = call.args[1];
  if (call.name == ZC_SYSCALL_WRITE) {
    said->bytes = call.args[2];
  } else if (call.name == ZC_SYSCALL_SENDTO) {
    said->bytes = call.args[2];
    flags = call.args[3];
  } else if (call.name == ZC_SYSCALL_WRITEV) {
    said->bytes = zc_call_sum(connection, call.args[1], call.args[2]);
  } else if (call.name == ZC_SYSCALL_SENDMSG) {
    zc_said_sendmsg(connection, call.args[1], said);
    flags = call.args[2];
  } else if (call.name == ZC_SYSCALL_SENDFILE) {
    zc_said_sendfile(&call, said);
  }
  if (said->bytes > MAX_RW_COUNT) said->bytes = MAX_RW_COUNT;
  said->more = flags & MSG_MORE ? 1 : 0;
}

#endif /* ZC_MESSAGE_CALL_H */
