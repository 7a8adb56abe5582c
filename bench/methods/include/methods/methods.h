// SPDX-License-Identifier: GPL-2.0-only
// The list of methods, in the order of tables and plots: first the papers', in the papers' order,
// then today's. One line each; the file of that name has the rest.
#pragma once

#include <span>

#include "methods/method.h"

// clang-format off
#define ZC_BENCH_METHODS(METHOD)                                       \
  /* paper 002, Table 3: content download */                           \
  METHOD(read_write)                                                   \
  METHOD(mmap_send)                                                    \
  METHOD(mmap_msend)                                                   \
  METHOD(kmsend)                                                       \
  METHOD(kmsend_uring)                                                 \
  METHOD(read_write_tcp)                                               \
  METHOD(mmap_send_tcp)                                                \
  METHOD(sendfile_tcp)                                                 \
  /* paper 002, Table 4: streaming with RTP headers */                 \
  METHOD(read_send_rtp)                                                \
  METHOD(read_writev)                                                  \
  METHOD(mmap_send_rtp)                                                \
  METHOD(mmap_writev)                                                  \
  METHOD(rtp_sendfile)                                                 \
  METHOD(rtp_sendfile_more)                                            \
  METHOD(mmap_rtpmsend)                                                \
  METHOD(mmap_send_msend)                                              \
  METHOD(rtpsendfile)                                                  \
  METHOD(rtpsendfile_sum)                                              \
  METHOD(krtpsendfile)                                                 \
  METHOD(krtpsendfile_sum)                                             \
  METHOD(krtpmsend)                                                    \
  /* today's rivals */                                                 \
  METHOD(sendmmsg_rtp)                                                 \
  METHOD(udp_segment_writev)                                           \
  METHOD(udp_segment_writev_premapped)                                 \
  METHOD(udp_segment_read_writev)                                      \
  METHOD(uring_send)                                                   \
  METHOD(uring_zc)                                                     \
  METHOD(uring_zc_segment)                                             \
  METHOD(tx_ring)                                                      \
  METHOD(af_xdp)                                                       \
  METHOD(vmsplice_splice)                                              \
  /* real programs */                                                  \
  METHOD(ffmpeg_rtp)                                                   \
  METHOD(gstreamer_rtp)                                                \
  /* references: RTP from the file, and none at all */                 \
  METHOD(packetized_sendfile_segment)                                  \
  METHOD(sendfile_bare)                                                \
  METHOD(sendfile_segment_bare)                                        \
  /* zcctl's clocks, one and many packets a call */                    \
  METHOD(clock_wall)                                                \
  METHOD(clock_samples)                                             \
  METHOD(clock_bytes)                                               \
  METHOD(clock_packet)                                              \
  METHOD(clock_pcr)                                                 \
  METHOD(clock_unpaced)                                             \
  METHOD(clock_paced)                                               \
  METHOD(clock_wall_many)                                           \
  METHOD(clock_samples_many)                                        \
  METHOD(clock_bytes_many)                                          \
  METHOD(clock_packet_many)                                         \
  METHOD(clock_pcr_many)                                            \
  METHOD(clock_unpaced_many)                                        \
  METHOD(clock_paced_many)                                          \
  /* RTP over TCP, framed */                                            \
  METHOD(tcp_writev)                                                   \
  METHOD(tcp_writev_64k)                                               \
  METHOD(tcp_writev_46)                                                \
  METHOD(tcp_pass)                                                     \
  METHOD(krtpsendfile_tcp)                                             \
  /* paper 000: page loans */                                          \
  METHOD(loan_send)                                                    \
  METHOD(loan_zerocopy)                                                \
  METHOD(copy_only)
// clang-format on

namespace zc::bench {

#define ZC_BENCH_DECLARE(name) extern const Method name;
ZC_BENCH_METHODS(ZC_BENCH_DECLARE)
#undef ZC_BENCH_DECLARE

// All of them, in order.
std::span<const Method* const> all_methods();
// nullptr where there is none of that name.
const Method* find_method(std::string_view name);

}  // namespace zc::bench
