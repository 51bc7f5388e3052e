/* How many processors there are: as many as Lambda shows for the function's memory, numbered from 0, whatever this machine
 * has. Where code wants to be is remembered and told again, and changes nothing. */
#include "clock.h"
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define EXPORT __attribute__((visibility("default")))

static _Atomic uint64_t wanted;   /* by this process and what it forks; 0: any */

static uint64_t all(void) { return (1ULL << page->processors) - 1; }
static uint64_t mask(void) { return wanted ? wanted : all(); }
static int shown(void) { return active() && page->processors > 0 && page->processors < 64; }
static int is_there(pid_t pid) { return pid >= 0 && (!pid || !kill(pid, 0) || errno == EPERM); }

EXPORT int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
    if (!shown()) { REAL(sched_getaffinity); return real(pid, size, set); }
    if (size < sizeof(uint64_t) || size % sizeof(long)) { errno = EINVAL; return -1; }
    if (!is_there(pid)) { errno = ESRCH; return -1; }
    uint64_t now = mask();
    memset(set, 0, size);
    memcpy(set, &now, sizeof now);
    return 0;
}
EXPORT int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set) {
    if (!shown()) { REAL(sched_setaffinity); return real(pid, size, set); }
    uint64_t asked = 0;
    memcpy(&asked, set, size < sizeof asked ? size : sizeof asked);
    if (!(asked & all())) { errno = EINVAL; return -1; }
    if (!is_there(pid)) { errno = ESRCH; return -1; }
    if (pid == 1) { errno = EPERM; return -1; }   /* the keeper */
    if (!pid || pid == getpid()) wanted = asked & all();
    return 0;
}
EXPORT int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set) {
    if (!shown()) { REAL(pthread_getaffinity_np); return real(thread, size, set); }
    return sched_getaffinity(0, size, set) ? errno : 0;
}
EXPORT int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set) {
    if (!shown()) { REAL(pthread_setaffinity_np); return real(thread, size, set); }
    return sched_setaffinity(0, size, set) ? errno : 0;
}
EXPORT int sched_getcpu(void) {
    if (!shown()) { REAL(sched_getcpu); return real(); }
    return __builtin_ctzll(mask());
}
EXPORT long sysconf(int name) {
    if (shown() && (name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF)) return page->processors;
    REAL(sysconf);
    return real(name);
}
EXPORT int get_nprocs(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }
EXPORT int get_nprocs_conf(void) { return (int)sysconf(_SC_NPROCESSORS_CONF); }

/* The runtime's own way to a processor of this machine: time depends on it, nothing else. */
EXPORT void clock_stay_on(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (processor >= 0 && processor < CPU_SETSIZE) CPU_SET(processor, &set);
    syscall(SYS_sched_setaffinity, 0, sizeof set, &set);   /* a hint: not every processor of the worker's is one of ours */
}
