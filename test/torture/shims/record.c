/*
 * Records what a process does to the files of one folder, in order, for somebody who wants to know what a power cut at
 * any moment would have left: each write with its bytes, each truncation, sync, creation and removal, and each sync of
 * the folder itself. Preloaded (LD_PRELOAD); files mapped into memory are not seen, nor needed here.
 *
 *   RECORD_FOLDER   files whose path begins with it are recorded; the folder's own path is its sync
 *   RECORD_JOURNAL  where the record goes; appended to
 *
 * A record is: op (1 byte), file (2), offset (8), length (4), and for N and W that many bytes; little endian.
 *   N name of a file number   C created   W written   T cut to offset   S synced   U removed   D the folder was synced
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 65536
#define NAMES 256
#define FOLDER 65535

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static const char *folder;
static size_t folder_length;
static uint16_t files[FDS];
static char names[NAMES][512];
static int names_used;

static void start(void) {
  if (journal != -1) return;
  const char *path = getenv("RECORD_JOURNAL");
  folder = getenv("RECORD_FOLDER");
  if (path == NULL || folder == NULL) { journal = -2; return; }
  folder_length = strlen(folder);
  int low = syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  journal = fcntl(low, F_DUPFD_CLOEXEC, 900);
  syscall(SYS_close, low);
}

static void put(char op, uint16_t file, uint64_t offset, uint32_t length, const void *bytes) {
  char head[15];
  head[0] = op;
  memcpy(head + 1, &file, 2);
  memcpy(head + 3, &offset, 8);
  memcpy(head + 11, &length, 4);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
  if (syscall(SYS_writev, journal, parts, bytes == NULL ? 1 : 2) < 0) abort();
}

static int recorded(const char *path) {
  start();
  return journal >= 0 && strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/';
}

static uint16_t number_of(const char *path) {
  const char *name = path + folder_length + 1;
  for (int i = 0; i < names_used; i++) if (strcmp(names[i], name) == 0) return i + 1;
  if (names_used == NAMES) abort();
  strncpy(names[names_used], name, sizeof names[0] - 1);
  names_used++;
  put('N', names_used, 0, strlen(name), name);
  return names_used;
}

static int opened(const char *path, int flags, mode_t mode) {
  int mine = recorded(path);
  int is_new = mine && (flags & O_CREAT) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
  int fd = syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
  if (fd < 0 || fd >= FDS) return fd;
  files[fd] = 0;
  if (journal >= 0 && strcmp(path, folder) == 0) files[fd] = FOLDER;
  if (!mine) return fd;
  pthread_mutex_lock(&lock);
  files[fd] = number_of(path);
  if (is_new) put('C', files[fd], 0, 0, NULL);
  else if (flags & O_TRUNC) put('T', files[fd], 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  return fd;
}

#define OPEN(NAME) int NAME(const char *path, int flags, ...) { \
  va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
  return opened(path, flags, mode); }
OPEN(open)
OPEN(open64)

static uint16_t file_of(int fd) { return fd >= 0 && fd < FDS && journal >= 0 ? files[fd] : 0; }

static ssize_t written_at(int fd, const void *bytes, size_t length, off64_t offset) {
  uint16_t file = file_of(fd);
  if (file == 0) return syscall(SYS_pwrite64, fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t done = syscall(SYS_pwrite64, fd, bytes, length, offset);
  if (done > 0) put('W', file, offset, done, bytes);
  pthread_mutex_unlock(&lock);
  return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return written_at(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return written_at(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
  uint16_t file = file_of(fd);
  if (file == 0) return syscall(SYS_write, fd, bytes, length);
  pthread_mutex_lock(&lock);
  ssize_t done = syscall(SYS_write, fd, bytes, length);
  off64_t end = syscall(SYS_lseek, fd, 0, SEEK_CUR);
  if (done > 0 && end >= done) put('W', file, end - done, done, bytes);
  pthread_mutex_unlock(&lock);
  return done;
}

static int cut(int fd, off64_t length) {
  uint16_t file = file_of(fd);
  if (file == 0) return syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&lock);
  int failed = syscall(SYS_ftruncate, fd, length);
  if (!failed) put('T', file, length, 0, NULL);
  pthread_mutex_unlock(&lock);
  return failed;
}
int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

/* The disk is asked for nothing: what counts is that it was to be. */
static int synced(int fd) {
  uint16_t file = file_of(fd);
  if (file == 0) return syscall(SYS_fsync, fd);
  pthread_mutex_lock(&lock);
  if (file == FOLDER) put('D', 0, 0, 0, NULL);
  else put('S', file, 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  return 0;
}
int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }

int unlink(const char *path) {
  int failed = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (failed || !recorded(path)) return failed;
  pthread_mutex_lock(&lock);
  put('U', number_of(path), 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  return 0;
}

int close(int fd) {
  if (fd >= 0 && fd < FDS) files[fd] = 0;
  return syscall(SYS_close, fd);
}
