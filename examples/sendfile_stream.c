/* Streams a file over UDP, one sendfile(2) call per datagram. It knows nothing of RTP. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>

enum { DATAGRAM_BYTES = 7 * 188 }; /* seven MPEG-TS packets */

static int connect_udp(const char* host, const char* port) {
  const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
  struct addrinfo* to;
  const int failed = getaddrinfo(host, port, &hints, &to);
  if (failed) errx(1, "%s port %s: %s", host, port, gai_strerror(failed));
  const int sock = socket(to->ai_family, SOCK_DGRAM, 0);
  if (sock < 0 || connect(sock, to->ai_addr, to->ai_addrlen)) err(1, "%s port %s", host, port);
  return sock;
}

/* Deadlines count from the start, so that no delay adds up. */
static void sleep_until(struct timespec start, long long sent, long long bytes_per_second) {
  const long long ns = start.tv_nsec + sent % bytes_per_second * 1000000000 / bytes_per_second;
  const struct timespec due = {start.tv_sec + sent / bytes_per_second + ns / 1000000000,
                               ns % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

int main(int argc, char** argv) {
  if (argc < 4) errx(2, "usage: sendfile_stream FILE HOST PORT [BYTES_PER_SECOND]");
  const int file = open(argv[1], O_RDONLY), sock = connect_udp(argv[2], argv[3]);
  const long long bytes_per_second = argc > 4 ? atoll(argv[4]) : 0; /* 0: as fast as it goes */
  struct stat info;
  struct timespec start;
  if (file < 0 || fstat(file, &info)) err(1, "%s", argv[1]);
  clock_gettime(CLOCK_MONOTONIC, &start);

  long datagrams = 0;
  for (off_t sent = 0; sent < info.st_size; datagrams++) {
    if (bytes_per_second > 0) sleep_until(start, sent, bytes_per_second);
    /* Never ask for more than there is: before Linux 6.5 a last, short datagram would wait. */
    const off_t left = info.st_size - sent;
    const size_t wanted = left < DATAGRAM_BYTES ? left : DATAGRAM_BYTES;
    while (sendfile(sock, file, &sent, wanted) < 0) /* refused: nobody listens yet, go on */
      if (errno != ECONNREFUSED) err(1, "sendfile");
  }
  printf("%ld datagrams, %lld bytes\n", datagrams, (long long)info.st_size);
}
