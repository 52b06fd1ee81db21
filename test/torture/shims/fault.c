/*
 * Makes the disk fail once, or for a while: the n-th of some calls on the database, from now on, has a fault.
 * Preloaded (LD_PRELOAD), and told what to do through a file that is mapped into memory, so that one process can be
 * tried many times.
 *
 *   FAULT_CONTROL  int32 each: which calls (below), how many pass first, how many fail then, how many have failed
 *   FAULT_NAME     files whose path holds this text can fail, unless it ends in .lock, .lock-journal or -shm
 *
 *   1 sync EIO   2 write EIO   3 write ENOSPC   4 half a write, then the rest as asked for   5 half a write, then ENOSPC
 *   6 truncate EIO   7 read EIO   8 any of sync, write and truncate EIO
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS 65536

static volatile int32_t *control;
static const char *wanted;
static unsigned char can_fail[FDS];
static int half_written = -1;

static void start(void) {
  if (control != NULL) return;
  static int32_t nothing[4];
  const char *path = getenv("FAULT_CONTROL");
  wanted = getenv("FAULT_NAME");
  int fd = path == NULL || wanted == NULL ? -1 : syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  control = mapped == MAP_FAILED ? nothing : mapped;
  if (fd >= 0) syscall(SYS_close, fd);
}

static int ends(const char *path, const char *end) {
  size_t a = strlen(path), b = strlen(end);
  return a >= b && strcmp(path + a - b, end) == 0;
}

static int opened(const char *path, int flags, mode_t mode) {
  start();
  int fd = syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
  if (fd >= 0 && fd < FDS) {
    can_fail[fd] = wanted != NULL && strstr(path, wanted) != NULL && !ends(path, ".lock") &&
                   !ends(path, ".lock-journal") && !ends(path, "-shm");
  }
  return fd;
}
#define OPEN(NAME) int NAME(const char *path, int flags, ...) { \
  va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
  return opened(path, flags, mode); }
OPEN(open)
OPEN(open64)

int close(int fd) {
  if (fd >= 0 && fd < FDS) can_fail[fd] = 0;
  return syscall(SYS_close, fd);
}

/* Counts a call of these kinds, and says whether it fails. */
static int fails(int fd, int one, int other) {
  if (fd < 0 || fd >= FDS || !can_fail[fd]) return 0;
  if (control[0] != one && control[0] != other) return 0;
  if (control[1] > 0) { control[1]--; return 0; }
  control[3]++;
  if (--control[2] <= 0) control[0] = 0;
  return 1;
}

static int failed(int code) { errno = code; return -1; }

int fsync(int fd) { return fails(fd, 1, 8) ? failed(EIO) : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return fails(fd, 1, 8) ? failed(EIO) : syscall(SYS_fdatasync, fd); }

static ssize_t write_at(int fd, const void *bytes, size_t length, off64_t offset) {
  if (half_written == fd) { half_written = -1; return failed(ENOSPC); }
  if (fails(fd, 2, 8)) return failed(EIO);
  if (fails(fd, 3, 3)) return failed(ENOSPC);
  if (length > 1 && fails(fd, 4, 4)) length /= 2;
  else if (length > 1 && fails(fd, 5, 5)) { length /= 2; half_written = fd; }
  return syscall(SYS_pwrite64, fd, bytes, length, offset);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return write_at(fd, bytes, length, offset); }

ssize_t pread(int fd, void *bytes, size_t length, off_t offset) {
  return fails(fd, 7, 7) ? failed(EIO) : syscall(SYS_pread64, fd, bytes, length, offset);
}
ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
  return fails(fd, 7, 7) ? failed(EIO) : syscall(SYS_pread64, fd, bytes, length, offset);
}

int ftruncate(int fd, off_t length) { return fails(fd, 6, 8) ? failed(EIO) : syscall(SYS_ftruncate, fd, length); }
int ftruncate64(int fd, off64_t length) { return fails(fd, 6, 8) ? failed(EIO) : syscall(SYS_ftruncate, fd, length); }
