/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of a device: zcctl writes, but for the counts. */
#ifndef ZC_MAPS_RULES_H
#define ZC_MAPS_RULES_H

#include "kernel.h"
#include "zc/abi/counts.h"
#include "zc/abi/filter.h"
#include "zc/abi/rule.h"

/* Destinations that some rule may want. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_filter);
} zc_filter SEC(".maps");

/* What a rule matches → its id. An entry here is what makes a rule exist. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_RULES);
  __type(key, struct zc_flow);
  __type(value, __u32);
} zc_match SEC(".maps");

/* The rules, by id. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_MAX_RULES);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_rule);
} zc_rules SEC(".maps");

/* Their counts, by id. The program adds, zcctl reads and clears. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_MAX_RULES);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_counts);
} zc_counts SEC(".maps");

#endif /* ZC_MAPS_RULES_H */
