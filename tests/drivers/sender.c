// SPDX-License-Identifier: GPL-2.0-only
// An app in a guest: sends one file again and again over UDP sockets, each as one line of standard
// input says. Knows nothing of RTP.
//
//   sender FILE < LINES      LINE: FAMILY SOURCE_PORT ADDRESS PORT how SEGMENT SIZE...
//
// `how` is `file` (sendfile) or `copy` (send); SEGMENT is UDP_SEGMENT or 0; the calls have these
// sizes, one after the other.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

struct file {
  int fd;
  const char* bytes;
};

static int failed;

static void die(const char* what) {
  perror(what);
  exit(1);
}

// One flow fails alone.
static void fail(const char* what, const char* line) {
  perror(what);
  fprintf(stderr, "sender: %.60s\n", line);
  failed = 1;
}

static int connect4(int source_port, const char* address, int port) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(source_port)};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(fd, (struct sockaddr*)&own, sizeof(own)) != 0) die("bind");
  if (connect(fd, (struct sockaddr*)&to, sizeof(to)) != 0) die("connect");
  return fd;
}

static int connect6(int source_port, const char* address, int port) {
  struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons(source_port)};
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  inet_pton(AF_INET6, address, &to.sin6_addr);
  int fd = socket(AF_INET6, SOCK_DGRAM, 0);
  if (bind(fd, (struct sockaddr*)&own, sizeof(own)) != 0) die("bind");
  if (connect(fd, (struct sockaddr*)&to, sizeof(to)) != 0) die("connect");
  return fd;
}

static int send_calls(int fd, struct file file, const char* how, const char* sizes) {
  off_t at = 0;
  for (int used = 0, size; sscanf(sizes, "%d%n", &size, &used) == 1; sizes += used) {
    ssize_t sent;
    if (strcmp(how, "file") == 0) {
      sent = sendfile(fd, file.fd, &at, size);
    } else {
      sent = send(fd, file.bytes + at, size, 0);
      at += size;
    }
    if (sent != size) return -1;
  }
  return 0;
}

static void serve(const char* line, struct file file) {
  char address[64], how[8];
  int family, source_port, port, segment, used = 0;
  if (sscanf(line, "%d %d %63s %d %7s %d%n", &family, &source_port, address, &port, how, &segment,
             &used) != 6)
    die(line);
  int fd =
      family == 4 ? connect4(source_port, address, port) : connect6(source_port, address, port);
  if (segment && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)) != 0)
    fail("UDP_SEGMENT", line);
  else if (send_calls(fd, file, how, line + used) != 0)
    fail(how, line);
  close(fd);
}

int main(int argc, char** argv) {
  struct stat status;
  struct file file = {.fd = argc > 1 ? open(argv[1], O_RDONLY) : -1};
  if (file.fd < 0 || fstat(file.fd, &status) != 0) die("sender FILE");
  file.bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (file.bytes == MAP_FAILED) die("mmap");
  char* line = NULL;
  size_t room = 0;
  while (getline(&line, &room, stdin) > 0)
    serve(line, file);
  return failed;
}
