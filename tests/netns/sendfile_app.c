// SPDX-License-Identifier: GPL-2.0-only
/* An app that knows nothing of RTP: a file over UDP with large sendfile(2) calls.
 *
 *   sendfile_app FILE HOST PORT SEGMENT CALL_BYTES CALLS PAUSE_US SOURCE_PORT
 *
 * SEGMENT 0: it does not set UDP_SEGMENT. CALLS 0: from the file's start again and again, until its
 * standard input is closed. Prints how many calls were made and how many of them were refused. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static void bind_port(int sock, int family, int port) {
  struct sockaddr_in6 address = {.sin6_family = family, .sin6_port = htons(port)};
  /* Family and port stand at the same place in both families, and "any" is zeros. */
  const socklen_t bytes = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(address);
  if (port && bind(sock, (struct sockaddr*)&address, bytes)) err(1, "bind");
}

static int connect_udp(const char* host, const char* port, int segment, int source_port) {
  const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
  const int buffer = 4 << 20;
  struct addrinfo* to;
  if (getaddrinfo(host, port, &hints, &to)) errx(1, "%s port %s", host, port);
  const int sock = socket(to->ai_family, SOCK_DGRAM, 0);
  if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)))
    err(1, "socket");
  bind_port(sock, to->ai_family, source_port);
  if (connect(sock, to->ai_addr, to->ai_addrlen)) err(1, "connect");
  if (segment && setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
    err(1, "UDP_SEGMENT");
  freeaddrinfo(to);
  return sock;
}

static int told_to_end(void) {
  struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&in, 1, 0) > 0;
}

/* Nobody listens: that is an answer to an earlier call, and this one has sent nothing. */
static int send_bytes(int sock, int file, off_t offset, size_t bytes) {
  for (off_t next = offset; sendfile(sock, file, &next, bytes) < 0; next = offset) {
    if (errno == EMSGSIZE || errno == EINVAL) return 0;
    if (errno != ECONNREFUSED) err(1, "sendfile");
  }
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 9) errx(2, "usage: see the top of sendfile_app.c");
  const int file = open(argv[1], O_RDONLY);
  const int sock = connect_udp(argv[2], argv[3], atoi(argv[4]), atoi(argv[8]));
  const size_t call_bytes = atol(argv[5]);
  const long wanted = atol(argv[6]), pause_us = atol(argv[7]);
  struct stat info;
  if (file < 0 || fstat(file, &info)) err(1, "%s", argv[1]);

  long calls = 0, refused = 0;
  for (off_t offset = 0; wanted ? calls < wanted : !told_to_end(); calls++) {
    const size_t left = info.st_size - offset;
    const size_t bytes = left < call_bytes ? left : call_bytes;
    refused += !send_bytes(sock, file, offset, bytes);
    offset += (off_t)bytes;
    if (offset >= info.st_size) offset = 0;
    if (pause_us) usleep(pause_us);
  }
  printf("%ld %ld\n", calls, refused);
}
