/*
 * Moves the wall clock of a process, and nothing else: CLOCK_REALTIME and what is made of it are ahead by as many
 * milliseconds as the file says. Preloaded (LD_PRELOAD).
 *
 *   CLOCK_OFFSET  a file of one int64, mapped into memory: whoever writes it moves the clock at once
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

static void start(void) {
  static int64_t nothing;
  const char *path = getenv("CLOCK_OFFSET");
  int fd = path == NULL ? -1 : syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof nothing, PROT_READ, MAP_SHARED, fd, 0);
  offset = mapped == MAP_FAILED ? &nothing : mapped;
  if (fd >= 0) syscall(SYS_close, fd);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (offset == NULL) start();
  int failed = syscall(SYS_clock_gettime, clock, time);
  if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
  int64_t nanoseconds = time->tv_sec * 1000000000LL + time->tv_nsec + *offset * 1000000LL;
  time->tv_sec = nanoseconds / 1000000000LL;
  time->tv_nsec = nanoseconds % 1000000000LL;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}
