// SPDX-License-Identifier: GPL-2.0-only
/* Streams a file over UDP with sendfile(2), at the media's bit rate. It knows nothing of RTP. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: sendfile_stream [OPTIONS] FILE HOST PORT [BYTES_PER_SECOND]\n"
    "  -c BYTES  of a sendfile call: 1316, one datagram of seven MPEG-TS packets, if not given\n"
    "  -s BYTES  of a datagram: the kernel cuts a call into such (UDP_SEGMENT)\n"
    "  -w        connect, then wait for Enter";

static long long number(const char* text, long long least) {
  char* end;
  const long long value = strtoll(text, &end, 10);
  if (end == text || *end || value < least) errx(2, "'%s': a number is needed\n%s", text, usage);
  return value;
}

static int connect_udp(const char* host, const char* port, int segment_bytes) {
  const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
  struct addrinfo* to;
  const int failed = getaddrinfo(host, port, &hints, &to);
  if (failed) errx(1, "%s port %s: %s", host, port, gai_strerror(failed));
  const int sock = socket(to->ai_family, SOCK_DGRAM, 0);
  if (sock < 0 || connect(sock, to->ai_addr, to->ai_addrlen)) err(1, "%s port %s", host, port);
  if (segment_bytes &&
      setsockopt(sock, IPPROTO_UDP, UDP_SEGMENT, &segment_bytes, sizeof(segment_bytes)))
    err(1, "UDP_SEGMENT %d", segment_bytes);
  return sock;
}

/* Deadlines count from the start, so that no delay adds up. */
static void sleep_until(struct timespec start, long long sent, long long bytes_per_second) {
  const long long ns = start.tv_nsec + sent % bytes_per_second * 1000000000 / bytes_per_second;
  const struct timespec due = {start.tv_sec + sent / bytes_per_second + ns / 1000000000,
                               ns % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* Returns the number of calls. bytes_per_second 0: as fast as it goes. */
static long stream(int sock, int file, off_t size, long long call_bytes,
                   long long bytes_per_second) {
  struct timespec start;
  long calls = 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (off_t sent = 0; sent < size; calls++) {
    if (bytes_per_second > 0) sleep_until(start, sent, bytes_per_second);
    /* Never ask for more than there is: before Linux 6.5 a last, short datagram would wait. */
    const off_t left = size - sent;
    const size_t wanted = left < call_bytes ? left : call_bytes;
    const ssize_t done = sendfile(sock, file, &sent, wanted);
    if (done == 0) errx(1, "the file has become shorter: it ends at byte %lld", (long long)sent);
    if (done < 0 && errno != ECONNREFUSED) err(1, "sendfile"); /* nobody listens yet: go on */
  }
  return calls;
}

int main(int argc, char** argv) {
  long long call_bytes = 7 * 188, segment_bytes = 0;
  int wait = 0;
  for (int option; (option = getopt(argc, argv, "c:s:w")) != -1;) {
    if (option == '?') errx(2, "%s", usage);
    if (option == 'c') call_bytes = number(optarg, 1);
    if (option == 's') segment_bytes = number(optarg, 1);
    if (option == 'w') wait = 1;
  }
  argv += optind, argc -= optind;
  if (argc < 3 || argc > 4) errx(2, "%s", usage);

  const long long bytes_per_second = argc > 3 ? number(argv[3], 0) : 0;
  const int file = open(argv[0], O_RDONLY);
  struct stat info;
  if (file < 0 || fstat(file, &info)) err(1, "%s", argv[0]);
  const int sock = connect_udp(argv[1], argv[2], segment_bytes);
  if (wait) getchar();
  const long calls = stream(sock, file, info.st_size, call_bytes, bytes_per_second);
  printf("%ld calls, %lld bytes\n", calls, (long long)info.st_size);
}
