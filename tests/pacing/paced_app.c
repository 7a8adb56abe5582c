// SPDX-License-Identifier: GPL-2.0-only
// Both ends of a paced stream, for measuring: who sends as fast as it can, and who writes down when
// the kernel got each packet. Knows nothing of zcctl. Static, for a guest's root is small.
//
//   paced_app send ADDRESS PORT FILE BYTES_A_CALL SECONDS SNDBUF SOCKETS
//     sendfile(2), again and again; more than 1316 bytes a call are cut by UDP_SEGMENT. SECONDS 0:
//     the file once. SNDBUF 0: as it is. Prints "sent BYTES calls N refused N cpu_ms N".
//   paced_app receive FIRST_PORT PORTS BITS_A_SECOND
//     RTP, until nothing comes for 1.5 s. Prints for each port "port N packets N lost N reordered N
//     bytes N span_us N rate_ppm N p50_us N p99_us N within_ppm N pcrs N media_us N pcr_p50_us N
//     pcr_p99_us N": rate_ppm is the average rate against BITS_A_SECOND; p50 and p99 are of how far
//     a gap is from what the rate asks for, within_ppm how many are not further than 500 us; the
//     last ones say how far packets with a PCR came from the time that it tells.
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { kDatagram = 1316, kMostPorts = 128, kTs = 188, kLateUs = 500 };

static int64_t now_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int connected(const char* address, int port, int segment, int buffer) {
  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(port)};
  const int six = inet_pton(AF_INET6, address, &to6.sin6_addr) == 1;
  const int sock = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  if (!six && inet_pton(AF_INET, address, &to4.sin_addr) != 1) errx(2, "%s", address);
  if (connect(sock, six ? (void*)&to6 : (void*)&to4, six ? sizeof(to6) : sizeof(to4)))
    err(1, "connect");
  if (segment && setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
    err(1, "UDP_SEGMENT");
  if (buffer && setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)))
    err(1, "SO_SNDBUFFORCE");
  return sock;
}

static int run_sender(char** words) {
  const int file = open(words[2], O_RDONLY), count = atoi(words[3]), sockets = atoi(words[6]);
  const double seconds = atof(words[4]);
  const int64_t end = now_ns(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
  struct stat info;
  int sock[kMostPorts] = {0};
  if (file < 0 || fstat(file, &info) || sockets > kMostPorts) err(1, "%s", words[2]);
  for (int i = 0; i < sockets; i++)
    sock[i] =
        connected(words[0], atoi(words[1]) + i, count > kDatagram ? kDatagram : 0, atoi(words[5]));
  int64_t sent = 0, calls = 0, refused = 0;
  off_t at[kMostPorts] = {0};
  // Each socket blocks for itself: a process for each, where there are many.
  int own = 0;
  for (int i = 1; i < sockets && own == 0; i++)
    if (fork() == 0) own = i;
  while (seconds > 0 ? now_ns(CLOCK_MONOTONIC) < end : at[own] < info.st_size) {
    const int64_t left = info.st_size - at[own];
    const ssize_t n = sendfile(sock[own], file, &at[own], left < count ? left : count);
    if (n < 0 && errno != ECONNREFUSED) refused++;
    if (n > 0) sent += n, calls++;
    if (seconds > 0 && at[own] >= info.st_size) at[own] = 0;
  }
  if (own == 0) {
    while (wait(NULL) > 0)
      continue;
    printf("sent %lld calls %lld refused %lld cpu_ms %lld\n", (long long)sent, (long long)calls,
           (long long)refused, (long long)now_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000000);
  }
  return 0;
}

struct port {
  int sock;
  int64_t packets, first_seq, last_seq, reordered, bytes, first_ns, last_ns, late, last_bytes;
  uint32_t *off_us, *pcr_off_us;  // of gaps, of packets with a PCR
  int64_t pcrs, first_pcr, last_pcr, pcr_ns;
};

enum { kMostPackets = 1 << 20 };

static int by_size(const void* a, const void* b) {
  const uint32_t one = *(const uint32_t*)a, other = *(const uint32_t*)b;
  return one < other ? -1 : one > other;
}

static uint32_t part(uint32_t* values, int64_t count, double part) {
  if (count <= 0) return 0;
  qsort(values, count, sizeof(*values), by_size);
  return values[(int64_t)(part * (double)(count - 1))];
}

// ISO 13818-1 2.4.3.4: 27 MHz ticks of the first PCR in the payload; -1: there is none.
static int64_t pcr_of(const uint8_t* ts, int bytes) {
  for (; bytes >= kTs; ts += kTs, bytes -= kTs)
    if (ts[0] == 0x47 && (ts[3] & 0x20) && ts[4] >= 7 && (ts[5] & 0x10))
      return (((int64_t)ts[6] << 25 | ts[7] << 17 | ts[8] << 9 | ts[9] << 1 | ts[10] >> 7) * 300 +
              ((ts[10] & 1) << 8 | ts[11]));
  return -1;
}

static void take_pcr(struct port* port, int64_t pcr, int64_t when) {
  if (port->pcrs == 0) port->first_pcr = pcr, port->pcr_ns = when;
  const int64_t media_ns = (pcr - port->first_pcr) * 1000 / 27,
                off = when - port->pcr_ns - media_ns;
  port->last_pcr = pcr;
  port->pcr_off_us[port->pcrs++] = (off < 0 ? -off : off) / 1000;
}

// Two CPUs may hand packets to one veth, which then come in turn: that is no loss.
static void take_seq(struct port* port, int seq) {
  const int64_t extended = port->last_seq + (int16_t)(seq - (port->last_seq & 0xffff));
  port->reordered += extended < port->last_seq;
  if (extended > port->last_seq) port->last_seq = extended;
  if (extended < port->first_seq) port->first_seq = extended;
}

static void take(struct port* port, const uint8_t* rtp, int length, int64_t when, double rate) {
  int header = 12 + 4 * (rtp[0] & 15);
  if (rtp[0] & 0x10) header += 4 + 4 * (rtp[header + 2] << 8 | rtp[header + 3]);
  const int seq = rtp[2] << 8 | rtp[3], payload = length - header;
  if (port->packets >= kMostPackets) return;
  if (port->packets) {
    take_seq(port, seq);
    port->bytes += payload;
    const double off = (double)(when - port->last_ns) - (double)port->last_bytes * 8e9 / rate;
    const uint32_t us = (uint32_t)((off < 0 ? -off : off) / 1000);
    port->off_us[port->packets - 1] = us;
    port->late += us > kLateUs;
  } else {
    port->first_ns = when;
    port->first_seq = port->last_seq = seq;
  }
  const int64_t pcr = pcr_of(rtp + header, payload);
  if (pcr >= 0) take_pcr(port, pcr, when);
  port->last_ns = when, port->last_bytes = payload, port->packets++;
}

static void tell(const struct port* port, int number, double rate) {
  const int64_t gaps = port->packets - 1, span = port->last_ns - port->first_ns;
  const double average = span > 0 ? (double)port->bytes * 8e9 / (double)span : 0;
  printf("port %d packets %lld lost %lld reordered %lld bytes %lld span_us %lld rate_ppm %lld ",
         number, (long long)port->packets,
         (long long)(port->packets ? port->last_seq - port->first_seq + 1 - port->packets : 0),
         (long long)port->reordered, (long long)port->bytes, (long long)span / 1000,
         (long long)((average / rate - 1) * 1e6));
  printf("p50_us %u p99_us %u within_ppm %lld ", part(port->off_us, gaps, 0.5),
         part(port->off_us, gaps, 0.99),
         gaps > 0 ? (long long)(1000000 - port->late * 1000000 / gaps) : 0LL);
  printf("pcrs %lld media_us %lld pcr_p50_us %u pcr_p99_us %u\n", (long long)port->pcrs,
         (long long)(port->last_pcr - port->first_pcr) / 27,
         part(port->pcr_off_us, port->pcrs, 0.5), part(port->pcr_off_us, port->pcrs, 0.99));
}

static int bound(int port) {
  const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  const int on = 1, off = 0, buffer = 64 << 20, sock = socket(AF_INET6, SOCK_DGRAM, 0);
  setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
  setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
  if (bind(sock, (const void*)&any, sizeof(any))) err(1, "bind");
  return sock;
}

static int receive(struct port* port, double rate) {
  static uint8_t data[65536];
  char control[256];
  struct iovec to = {data, sizeof(data)};
  struct msghdr message = {
      .msg_iov = &to, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
  const ssize_t n = recvmsg(port->sock, &message, MSG_DONTWAIT);
  if (n < 12) return 0;
  for (struct cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS) continue;
    const struct timespec* when = (const void*)CMSG_DATA(c);
    take(port, data, (int)n, when->tv_sec * 1000000000LL + when->tv_nsec, rate);
  }
  return 1;
}

static int run_receiver(char** words) {
  static struct port ports[kMostPorts];
  struct pollfd poll_fds[kMostPorts];
  const int first = atoi(words[0]), count = atoi(words[1]);
  const double rate = atof(words[2]);
  if (count > kMostPorts) errx(2, "too many ports");
  for (int i = 0; i < count; i++) {
    ports[i].sock = poll_fds[i].fd = bound(first + i);
    poll_fds[i].events = POLLIN;
    ports[i].off_us = calloc(kMostPackets, sizeof(uint32_t));
    ports[i].pcr_off_us = calloc(kMostPackets, sizeof(uint32_t));
  }
  printf("ready\n");
  fflush(stdout);
  for (int patience = 60000; poll(poll_fds, count, patience) > 0; patience = 1500)
    for (int i = 0; i < count; i++)
      while ((poll_fds[i].revents & POLLIN) && receive(&ports[i], rate))
        continue;
  for (int i = 0; i < count; i++)
    tell(&ports[i], first + i, rate);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 9 && !strcmp(argv[1], "send")) return run_sender(argv + 2);
  if (argc == 5 && !strcmp(argv[1], "receive")) return run_receiver(argv + 2);
  errx(2, "usage: see the top of paced_app.c");
}
