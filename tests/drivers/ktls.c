// SPDX-License-Identifier: GPL-2.0-only
// An app in a guest that turns kTLS on, on TCP connections over lo, and looks at what arrives at
// the other end. Knows nothing of RTP.
//
//   ktls PORT encrypted   no rule is about this port: the far end decrypts what was sent
//   ktls PORT refused     a rule is: each way to send fails with EACCES, and not one byte arrives
//   ktls PORT unkeyed     likewise, on a kernel that takes no keys of a socket in a sockmap
//   (EINVAL) ktls PORT hold        one connection with kTLS, as long as standard input is open
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

// Below a TLS record's 16 KB, so that MSG_MORE leaves one open.
#define MEDIA_BYTES 6580
// Of the rule, in RFC 4571's frames.
#define FRAME_BYTES 1316
#define HEADER_BYTES 14

struct media {
  int fd;
  char* bytes;
};

struct pair {
  int near, far;
};

// What a call returned, and errno where that is -1.
struct sent {
  ssize_t bytes;
  int error;
};

enum expectation { ENCRYPTED, REFUSED, UNKEYED };

struct way {
  const char* name;
  int keys;  // TLS_TX, TLS_RX, or 0: the upper layer alone
  struct sent (*send)(int fd, struct media media);
};

static void die(const char* what) {
  perror(what);
  exit(1);
}

static struct media make_media(void) {
  static const char line[] = "must not leave in the clear. ";
  struct media media = {.fd = memfd_create("media", 0)};
  if (media.fd < 0 || ftruncate(media.fd, MEDIA_BYTES) != 0) die("memfd");
  media.bytes = mmap(NULL, MEDIA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, media.fd, 0);
  if (media.bytes == MAP_FAILED) die("mmap");
  for (int i = 0; i < MEDIA_BYTES; ++i)
    media.bytes[i] = line[i % (sizeof(line) - 1)];
  return media;
}

static struct pair connect_pair(int port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct timeval patience = {.tv_sec = 20};
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (bind(listener, (struct sockaddr*)&here, sizeof(here)) != 0) die("bind");
  if (listen(listener, 1) != 0) die("listen");
  struct pair pair = {.near = socket(AF_INET, SOCK_STREAM, 0)};
  if (connect(pair.near, (struct sockaddr*)&here, sizeof(here)) != 0) die("connect");
  pair.far = accept(listener, NULL, NULL);
  setsockopt(pair.far, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  close(listener);
  return pair;
}

// 0, or why the kernel does not take the keys. They are the same at both ends, in both directions.
static int turn_on(int fd, int keys) {
  struct tls12_crypto_info_aes_gcm_128 key = {
      .info = {.version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128},
      .iv = "12345678",
      .key = "0123456789abcdef",
      .salt = "salt",
      .rec_seq = {0},
  };
  if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) != 0) die("TCP_ULP");
  return keys && setsockopt(fd, SOL_TLS, keys, &key, sizeof(key)) != 0 ? errno : 0;
}

static struct sent send_once(int fd, struct media media) {
  ssize_t bytes = send(fd, media.bytes, MEDIA_BYTES, MSG_NOSIGNAL);
  return (struct sent){bytes, errno};
}

static struct sent send_file(int fd, struct media media) {
  off_t at = 0;
  ssize_t bytes = sendfile(fd, media.fd, &at, MEDIA_BYTES);
  return (struct sent){bytes, errno};
}

// The kernel keeps what comes with MSG_MORE, and says yes to it.
static struct sent send_more(int fd, struct media media) {
  ssize_t first = send(fd, media.bytes, 1000, MSG_MORE | MSG_NOSIGNAL);
  ssize_t bytes = send(fd, media.bytes + 1000, MEDIA_BYTES - 1000, MSG_NOSIGNAL);
  return (struct sent){bytes < 0 ? bytes : first + bytes, errno};
}

// A refused call is not the last one of every app.
static struct sent send_again(int fd, struct media media) {
  struct sent first = send_once(fd, media);
  return first.bytes < 0 ? send_once(fd, media) : first;
}

static const struct way ways[] = {
    {"send", TLS_TX, send_once},           {"sendfile", TLS_TX, send_file},
    {"MSG_MORE", TLS_TX, send_more},       {"twice", TLS_TX, send_again},
    {"receiving only", TLS_RX, send_once}, {"no keys", 0, send_once},
};

static size_t receive(int fd, char* bytes, size_t most) {
  size_t got = 0;
  for (ssize_t part; got < most && (part = recv(fd, bytes + got, most - got, 0)) > 0;)
    got += (size_t)part;
  return got;
}

static bool is_refused(struct sent sent, size_t heard) {
  return sent.bytes == -1 && sent.error == EACCES && heard == 0;
}

static bool is_whole(struct sent sent, const char* bytes, size_t heard, struct media media) {
  return sent.bytes == MEDIA_BYTES && heard == MEDIA_BYTES &&
         memcmp(bytes, media.bytes, MEDIA_BYTES) == 0;
}

// Of a socket that a rule has.
static bool are_keys_as_expected(int error, int keys, enum expectation expected) {
  return error == (keys && expected == UNKEYED ? EINVAL : 0);
}

static bool report(const char* way, int keys_error, struct sent sent, const char* bytes,
                   size_t heard, bool right) {
  printf("kTLS, %s: ", way);
  if (keys_error) printf("keys %s, ", strerror(keys_error));
  printf("sent %zd (%s), heard %zu bytes%s:", sent.bytes,
         sent.bytes < 0 ? strerror(sent.error) : "no error", heard,
         !right && memmem(bytes, heard, "in the clear", 12) ? " IN THE CLEAR" : "");
  for (size_t i = 0; i < heard && i < 24; ++i)
    printf(" %02x", (unsigned char)bytes[i]);
  printf("%s\n", right ? " (right)" : " (WRONG)");
  return right;
}

static bool try_way(const struct way* way, int port, struct media media,
                    enum expectation expected) {
  static char bytes[4 * MEDIA_BYTES];
  struct pair pair = connect_pair(port);
  int error = turn_on(pair.near, way->keys);
  if (expected == ENCRYPTED && way->keys == TLS_TX) turn_on(pair.far, TLS_RX);
  struct sent sent = way->send(pair.near, media);
  close(pair.near);
  size_t heard = receive(pair.far, bytes, sizeof(bytes));
  close(pair.far);
  bool right =
      are_keys_as_expected(error, way->keys, expected) &&
      (expected == ENCRYPTED ? is_whole(sent, bytes, heard, media) : is_refused(sent, heard));
  return report(way->name, error, sent, bytes, heard, right);
}

// What MSG_MORE kept is sent when the socket is closed.
static bool try_close(int port, struct media media, enum expectation expected) {
  static char bytes[4 * MEDIA_BYTES];
  struct pair pair = connect_pair(port);
  int error = turn_on(pair.near, TLS_TX);
  struct sent sent = {send(pair.near, media.bytes, 1000, MSG_MORE | MSG_NOSIGNAL), errno};
  close(pair.near);
  size_t heard = receive(pair.far, bytes, sizeof(bytes));
  close(pair.far);
  bool right = are_keys_as_expected(error, TLS_TX, expected) && heard == 0;
  return report("MSG_MORE and close", error, sent, bytes, heard, right);
}

// What was sent before is framed and arrives; nothing behind it does.
static bool try_late(int port, struct media media, enum expectation expected) {
  static char bytes[4 * MEDIA_BYTES];
  struct pair pair = connect_pair(port);
  if (send(pair.near, media.bytes, FRAME_BYTES, 0) != FRAME_BYTES) die("send");
  int error = turn_on(pair.near, TLS_TX);
  struct sent sent = send_once(pair.near, media);
  close(pair.near);
  size_t heard = receive(pair.far, bytes, sizeof(bytes));
  close(pair.far);
  bool right = are_keys_as_expected(error, TLS_TX, expected) &&
               heard == HEADER_BYTES + FRAME_BYTES && is_refused(sent, 0);
  return report("turned on late", error, sent, bytes, heard, right);
}

static int hold(int port) {
  struct pair pair = connect_pair(port);
  char byte;
  turn_on(pair.near, TLS_TX);
  return read(STDIN_FILENO, &byte, 1) < 0;
}

static int try_all(int port, enum expectation expected) {
  struct media media = make_media();
  bool right = true;
  for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); ++i)
    right &= try_way(&ways[i], port, media, expected);
  if (expected != ENCRYPTED) {
    right &= try_close(port, media, expected);
    right &= try_late(port, media, expected);
  }
  return !right;
}

int main(int argc, char** argv) {
  static const char* const words[] = {"encrypted", "refused", "unkeyed"};
  int port = argc == 3 ? atoi(argv[1]) : 0;
  for (int i = 0; port && i < 3; ++i)
    if (strcmp(argv[2], words[i]) == 0) return try_all(port, (enum expectation)i);
  if (port && strcmp(argv[2], "hold") == 0) return hold(port);
  fprintf(stderr, "ktls PORT encrypted|refused|unkeyed|hold\n");
  return 2;
}
