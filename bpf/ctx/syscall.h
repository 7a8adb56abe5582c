/* SPDX-License-Identifier: GPL-2.0-only */
/* The system call that the application is in, read off the registers with which it went into the
 * kernel. Knows no message. */
#ifndef ZC_CTX_SYSCALL_H
#define ZC_CTX_SYSCALL_H

#include "ctx/cast.h"

#define PF_USER_WORKER 0x00004000 /* include/linux/sched.h */
#define PF_KTHREAD 0x00200000
#define TS_COMPAT 0x2         /* arch/x86/include/asm/thread_info.h: a call of 32 bits */
#define TIF_32BIT (1ul << 22) /* arch/arm64/include/asm/thread_info.h */

/* What an architecture calls the things that are needed here; of the others' nothing is left when
 * the program is loaded. */
struct pt_regs___x86 {
  unsigned long di, si, dx, r10, orig_ax;
} __attribute__((preserve_access_index));
struct thread_info___x86 {
  __u32 status;
} __attribute__((preserve_access_index));
struct task_struct___x86 {
  struct thread_info___x86 thread_info;
} __attribute__((preserve_access_index));

struct pt_regs___arm64 {
  __u64 regs[31], orig_x0;
  __s32 syscallno;
} __attribute__((preserve_access_index));
struct thread_info___arm64 {
  unsigned long flags;
} __attribute__((preserve_access_index));
struct task_struct___arm64 {
  struct thread_info___arm64 thread_info;
} __attribute__((preserve_access_index));

/* Those that write to a socket: of one architecture the numbers are those of its row. */
enum zc_syscall_name {
  ZC_SYSCALL_OTHER = 0,
  ZC_SYSCALL_WRITE,
  ZC_SYSCALL_WRITEV,
  ZC_SYSCALL_SENDTO, /* send(2) as well */
  ZC_SYSCALL_SENDMSG,
  ZC_SYSCALL_SENDFILE,
};

struct zc_syscall {
  __u32 name; /* enum zc_syscall_name */
  __u32 zero;
  __u64 args[4];
};

/* arch/x86/entry/syscalls/syscall_64.tbl */
static __always_inline __u32 zc_syscall_of_x86(__u64 number) {
  switch (number) {
    case 1:
      return ZC_SYSCALL_WRITE;
    case 20:
      return ZC_SYSCALL_WRITEV;
    case 40:
      return ZC_SYSCALL_SENDFILE;
    case 44:
      return ZC_SYSCALL_SENDTO;
    case 46:
      return ZC_SYSCALL_SENDMSG;
    default:
      return ZC_SYSCALL_OTHER;
  }
}

/* include/uapi/asm-generic/unistd.h */
static __always_inline __u32 zc_syscall_of_arm64(__u64 number) {
  switch (number) {
    case 64:
      return ZC_SYSCALL_WRITE;
    case 66:
      return ZC_SYSCALL_WRITEV;
    case 71:
      return ZC_SYSCALL_SENDFILE;
    case 206:
      return ZC_SYSCALL_SENDTO;
    case 211:
      return ZC_SYSCALL_SENDMSG;
    default:
      return ZC_SYSCALL_OTHER;
  }
}

static __always_inline void zc_syscall_x86(struct task_struct* task, struct zc_syscall* call) {
  const struct pt_regs___x86* regs = (void*)bpf_task_pt_regs(task);

  if (((struct task_struct___x86*)task)->thread_info.status & TS_COMPAT) return;
  call->name = zc_syscall_of_x86(regs->orig_ax);
  call->args[0] = regs->di;
  call->args[1] = regs->si;
  call->args[2] = regs->dx;
  call->args[3] = regs->r10;
}

static __always_inline void zc_syscall_arm64(struct task_struct* task, struct zc_syscall* call) {
  const struct pt_regs___arm64* regs = (void*)bpf_task_pt_regs(task);

  if (((struct task_struct___arm64*)task)->thread_info.flags & TIF_32BIT) return;
  call->name = zc_syscall_of_arm64(regs->syscallno);
  call->args[0] = regs->orig_x0;
  call->args[1] = regs->regs[1];
  call->args[2] = regs->regs[2];
  call->args[3] = regs->regs[3];
}

/* `other` where it is none of those, on another architecture, or a worker's of the kernel's
 * (io_uring, NFS). */
static __always_inline void zc_syscall_read(struct zc_syscall* call) {
  struct task_struct* task = bpf_get_current_task_btf();

  __builtin_memset(call, 0, sizeof(*call));
  if (task->flags & (PF_KTHREAD | PF_USER_WORKER)) return;
  if (bpf_core_field_exists(struct pt_regs___x86, orig_ax))
    zc_syscall_x86(task, call);
  else if (bpf_core_field_exists(struct pt_regs___arm64, syscallno))
    zc_syscall_arm64(task, call);
}

/* The file that the application has under this number; NULL: none. To be read only, and not to be
 * believed: another thread may be closing it. */
static __always_inline const struct file* zc_file_of(__u64 fd) {
  const struct fdtable* table = bpf_get_current_task_btf()->files->fdt;
  if (fd >= table->max_fds) return 0;
  /* One pointer, of whatever type: a kernel's struct that is nothing else. */
  const struct hlist_head* slot = zc_cast(struct hlist_head, (__u64)table->fd + fd * 8);
  return slot->first ? zc_cast(struct file, slot->first) : 0;
}

#endif /* ZC_CTX_SYSCALL_H */
