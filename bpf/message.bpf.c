// SPDX-License-Identifier: GPL-2.0-only
/* RTP on TCP (docs/tcp.md). zc_connect sees each connection of a cgroup begin and end; zc_message
 * sees what the application writes into those that a rule wants, and puts frames around it. */
#include "message/message.h"
#include "connect/connection.h"
#include "connect/flow.h"
#include "maps/meta.h"
#include "maps/target.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline void zc_established(struct bpf_sock_ops* ops) {
  struct zc_flow flow;
  if (!zc_flow_of(ops, &flow)) return;
  __u32 rule_id = zc_connection_rule(&flow);
  if (rule_id == ZC_NO_RULE) return;
  if (zc_connection_has_begun(ops) || !zc_connection_take(ops, &flow, rule_id)) {
    zc_count(rule_id, ZC_VERDICT_no_state);
    return;
  }
  bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
}

static __always_inline void zc_state_changed(struct bpf_sock_ops* ops) {
  switch (ops->args[1]) {
    case BPF_TCP_FIN_WAIT1:
    case BPF_TCP_LAST_ACK:
      zc_connection_end(ops);
      break;
    case BPF_TCP_CLOSE:
      zc_connection_end(ops);
      zc_connection_leave(ops);
      break;
  }
}

SEC("sockops")
int zc_connect(struct bpf_sock_ops* ops) {
  switch (ops->op) {
    case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
    case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
      zc_established(ops);
      break;
    case BPF_SOCK_OPS_STATE_CB:
      zc_state_changed(ops);
      break;
  }
  return 1;
}

SEC("sk_msg")
int zc_message(struct sk_msg_md* msg) {
  struct bpf_sock* sk = msg->sk;
  if (!sk) return SK_PASS; /* never: for the verifier */
  struct zc_connection* connection = bpf_sk_storage_get(&zc_connections, sk, 0, 0);
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
  if (!connection || !tp) return SK_PASS;
  return zc_frame_message(msg, connection, tp);
}
