// SPDX-License-Identifier: GPL-2.0-only
/* Loads wherever BPF classifiers do. Attached to nothing: `probe` asks with it for tcx. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tc")
int zc_probe(struct __sk_buff* ctx) {
  (void)ctx;
  return -1;
}
