/* The C library's clocks, waits and chance, replaced. Inactive (as in the zygote) everything is the real thing. */
#include "clock.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define EXPORT __attribute__((visibility("default")))

static int is_wall(clockid_t c) { return c == CLOCK_REALTIME || c == CLOCK_REALTIME_COARSE || c == CLOCK_TAI; }
static int is_monotonic(clockid_t c) {
    return c == CLOCK_MONOTONIC || c == CLOCK_MONOTONIC_RAW || c == CLOCK_MONOTONIC_COARSE || c == CLOCK_BOOTTIME;
}
static int is_cpu(clockid_t c) { return c == CLOCK_PROCESS_CPUTIME_ID || c == CLOCK_THREAD_CPUTIME_ID; }
static int shown(clockid_t c) { return active() && (is_wall(c) || is_monotonic(c)); }
static int64_t base_of(clockid_t c) { return is_wall(c) ? page->epoch_ns : MONOTONIC_BASE; }
static int64_t ns_of(const struct timespec *t) { return t->tv_sec * NS_PER_S + t->tv_nsec; }
static int64_t after(int64_t ns) { return ns > NEVER - now_ns() ? NEVER - 1 : now_ns() + ns; }
static void set(struct timespec *t, int64_t ns) { t->tv_sec = ns / NS_PER_S; t->tv_nsec = ns % NS_PER_S; }

/* CPython reads a clock whenever a thread waits for the interpreter lock, and at every attempt to take a lock. How often
 * either happens is chance, so these readings must not count. They are known by the places they come from, which the
 * zygote teaches us: where the clock was read just before a condition is awaited for 5 ms (the interpreter lock's own
 * way to wait), or just before a semaphore is tried. The latter only once a function named as a lock's was seen to do
 * so: then every attempt reads the clock itself, wherever the compiler has put a copy of that function. */
#define SITES 16
static void *_Atomic free_sites[SITES];
static _Thread_local void *last_site;
static int is_free(void *site) {
    for (int i = 0; i < SITES && free_sites[i]; i++) if (free_sites[i] == site) return 1;
    return 0;
}
static void learn(void) {
    for (int i = 0; i < SITES && last_site && !is_free(last_site); i++) {
        void *empty = 0;
        if (atomic_compare_exchange_strong(&free_sites[i], &empty, last_site)) break;
    }
    last_site = 0;
}
static void learn_lock(void) {
    static _Atomic int locks_read;
    Dl_info found;
    if (last_site && !is_free(last_site)) {
        if (!locks_read) locks_read = dladdr(last_site, &found) && found.dli_sname && strstr(found.dli_sname, "PyThread_acquire_lock");
        if (locks_read) learn();
    }
    last_site = 0;
}

/* ---- clocks. CPU time cannot be real, or it would differ from play to play: it counts clock readings. ---- */
EXPORT int clock_gettime(clockid_t c, struct timespec *t) {
    void *site = __builtin_return_address(0);
    if (shown(c)) { set(t, base_of(c) + (is_free(site) ? now_ns() : read_ns())); return 0; }
    last_site = site;
    if (active() && is_cpu(c)) { read_ns(); set(t, page->all_reads * READ_NS); return 0; }
    return (int)syscall(SYS_clock_gettime, c, t);
}
EXPORT int gettimeofday(struct timeval *restrict t, void *restrict zone) {
    (void)zone;
    int64_t v = active() ? page->epoch_ns + read_ns() : real_ns(CLOCK_REALTIME);
    t->tv_sec = v / NS_PER_S; t->tv_usec = v % NS_PER_S / 1000;
    return 0;
}
EXPORT time_t time(time_t *out) {
    time_t s = (active() ? page->epoch_ns + read_ns() : real_ns(CLOCK_REALTIME)) / NS_PER_S;
    if (out) *out = s;
    return s;
}
EXPORT int timespec_get(struct timespec *t, int base) { return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, t) ? base : 0; }
EXPORT clock_t clock(void) { if (active()) return (clock_t)(page->all_reads * READ_NS / 1000); REAL(clock); return real(); }

/* ---- sleeping ---- */
EXPORT int clock_nanosleep(clockid_t c, int flags, const struct timespec *want, struct timespec *left) {
    if (!shown(c)) { REAL(clock_nanosleep); return real(c, flags, want, left); }
    sleep_virtual(flags & TIMER_ABSTIME ? ns_of(want) - base_of(c) : after(ns_of(want)));
    return 0;
}
EXPORT int nanosleep(const struct timespec *want, struct timespec *left) {
    if (!active()) { REAL(nanosleep); return real(want, left); }
    sleep_virtual(after(ns_of(want)));
    return 0;
}
EXPORT int usleep(useconds_t us) { if (!active()) { REAL(usleep); return real(us); } sleep_virtual(after(us * 1000LL)); return 0; }
EXPORT unsigned sleep(unsigned s) { if (!active()) { REAL(sleep); return real(s); } sleep_virtual(after(s * NS_PER_S)); return 0; }

/* ---- descriptors. Waits without a deadline matter only where they can be ordered: in the process that speaks. ---- */
static int takes_part(int ms) {
    if (active()) net_settle();
    return active() && (ms > 0 || (ms < 0 && (control >= 0 || page->nets)));
}
static int64_t after_ms(int ms) { return ms < 0 ? NEVER : after(ms * 1000000LL); }
static sigset_t *open_mask(sigset_t *mask) {   /* the thread's own, with the wake signal let through */
    pthread_sigmask(SIG_SETMASK, 0, mask);
    sigdelset(mask, WAKE_SIGNAL);
    return mask;
}
typedef struct { struct pollfd *fds; nfds_t n; int result; } polling_t;
static int try_poll(int64_t slice, void *what) {
    net_settle();
    polling_t *p = what;
    struct timespec none = {0, 0};
    sigset_t mask;
    p->result = (int)syscall(SYS_ppoll, p->fds, p->n, slice ? 0 : &none, slice ? open_mask(&mask) : 0, 8);
    return p->result > 0 ? 1 : p->result;
}
static int poll_until(struct pollfd *fds, nfds_t n, int64_t deadline) {
    polling_t p = {fds, n, 0};
    wait_soft(deadline, NEVER, 1, WATCHES, try_poll, &p);
    return p.result;
}
int poll_until_ready(int fd, int events, int64_t deadline) {
    struct pollfd p = {fd, (short)events, 0};
    return poll_until(&p, 1, deadline);
}
EXPORT int poll(struct pollfd *fds, nfds_t n, int ms) {
    if (!takes_part(ms)) { REAL(poll); return real(fds, n, ms); }
    return poll_until(fds, n, after_ms(ms));
}
EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t, const sigset_t *mask) {
    if (mask || !takes_part(!t ? -1 : ns_of(t) ? 1 : 0)) { REAL(ppoll); return real(fds, n, t, mask); }
    return poll_until(fds, n, t ? after(ns_of(t)) : NEVER);
}
typedef struct { int n; fd_set *r, *w, *e, R, W, E; int result; } selecting_t;
static int try_select(int64_t slice, void *what) {
    net_settle();
    selecting_t *s = what;
    struct timespec none = {0, 0};
    sigset_t mask;
    struct { const sigset_t *mask; size_t size; } with = {slice ? open_mask(&mask) : 0, 8};
    if (s->r) s->R = *s->r;
    if (s->w) s->W = *s->w;
    if (s->e) s->E = *s->e;
    s->result = (int)syscall(SYS_pselect6, s->n, s->r ? &s->R : 0, s->w ? &s->W : 0, s->e ? &s->E : 0, slice ? 0 : &none, &with);
    return s->result > 0 ? 1 : s->result;
}
EXPORT int select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e, struct timeval *restrict t) {
    int64_t ns = t ? t->tv_sec * NS_PER_S + t->tv_usec * 1000LL : 0;
    if (!takes_part(!t ? -1 : ns > 0)) { REAL(select); return real(n, r, w, e, t); }
    selecting_t s = {.n = n, .r = r, .w = w, .e = e};
    wait_soft(t ? after(ns) : NEVER, NEVER, 1, WATCHES, try_select, &s);
    if (s.result >= 0) { if (r) *r = s.R; if (w) *w = s.W; if (e) *e = s.E; }
    return s.result;
}
typedef struct { int fd, most, result; struct epoll_event *events; } epolling_t;
/* A real wait takes no events: it polls the epoll descriptor. */
static int try_epoll(int64_t slice, void *what) {
    epolling_t *p = what;
    sigset_t mask;
    struct pollfd set = {p->fd, POLLIN, 0};
    net_settle();
    if (slice) return (int)syscall(SYS_ppoll, &set, 1, 0, open_mask(&mask), 8);
    p->result = (int)syscall(SYS_epoll_pwait, p->fd, p->events, p->most, 0, 0, 8);
    return p->result > 0 ? 1 : p->result;
}
EXPORT int epoll_wait(int fd, struct epoll_event *events, int most, int ms) {
    if (!takes_part(ms)) { REAL(epoll_wait); return real(fd, events, most, ms); }
    epolling_t p = {fd, most, 0, events};
    wait_soft(after_ms(ms), NEVER, 1, WATCHES, try_epoll, &p);
    return p.result;
}
EXPORT int epoll_pwait(int fd, struct epoll_event *events, int most, int ms, const sigset_t *mask) {
    if (mask || !takes_part(ms)) { REAL(epoll_pwait); return real(fd, events, most, ms, mask); }
    return epoll_wait(fd, events, most, ms);
}

/* ---- condition variables and semaphores: their deadlines are absolute on a clock that we show ---- */
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*real_sem_clockwait)(sem_t *, clockid_t, const struct timespec *);
__attribute__((constructor)) static void find(void) {
    real_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real_timedwait) real_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    real_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    real_sem_clockwait = dlsym(RTLD_NEXT, "sem_clockwait");
}
static int cond_for(pthread_cond_t *c, pthread_mutex_t *m, int64_t ns) {
    struct timespec t;
    set(&t, real_ns(CLOCK_MONOTONIC) + ns);
    return real_clockwait(c, m, CLOCK_MONOTONIC, &t);
}
typedef struct { pthread_cond_t *cond; pthread_mutex_t *mutex; int result; } condition_t;
static int try_cond(int64_t slice, void *what) {
    condition_t *c = what;
    if (!slice) return 0;
    c->result = cond_for(c->cond, c->mutex, slice);
    return c->result != ETIMEDOUT;
}
static int cond_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline) {
    int64_t remaining = deadline - now_ns();
    if (remaining <= 0) return ETIMEDOUT;
    if (remaining <= REAL_WAIT_NS) {
        real_waits++;
        int result = cond_for(cond, mutex, remaining);
        real_waits--;
        return result;
    }
    condition_t c = {cond, mutex, ETIMEDOUT};
    return wait_soft(deadline, 5000000, 0, SOFT, try_cond, &c) ? c.result : ETIMEDOUT;
}
EXPORT int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t k, const struct timespec *t) {
    return active() ? cond_until(c, m, ns_of(t) - base_of(k)) : real_clockwait(c, m, k, t);
}
/* Which clock a condition variable uses cannot be asked; the deadline tells, since the two begin decades apart. */
EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict t) {
    if (!active()) {
        int64_t remaining = ns_of(t) - real_ns(CLOCK_MONOTONIC);
        if (remaining > 0 && remaining <= REAL_WAIT_NS) learn();
        return real_timedwait(c, m, t);
    }
    return cond_until(c, m, ns_of(t) - base_of(t->tv_sec > 500000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC));
}
static int try_sem(int64_t slice, void *what) {
    if (!slice) return sem_trywait(what) == 0;
    sigset_t mask, old;
    struct timespec t;
    set(&t, real_ns(CLOCK_MONOTONIC) + slice);
    pthread_sigmask(SIG_SETMASK, open_mask(&mask), &old);
    int result = real_sem_clockwait(what, CLOCK_MONOTONIC, &t), number = errno;
    pthread_sigmask(SIG_SETMASK, &old, 0);
    errno = number;
    return result == 0 ? 1 : number == ETIMEDOUT ? 0 : -1;
}
static int sem_until(sem_t *s, int64_t deadline) {
    int result = wait_soft(deadline, NS_PER_S, 1, SOFT, try_sem, s);
    if (result > 0) return 0;
    if (!result) errno = ETIMEDOUT;
    return -1;
}
EXPORT int sem_trywait(sem_t *s) {
    REAL(sem_trywait);
    if (!active()) learn_lock();
    return real(s);
}
EXPORT int sem_clockwait(sem_t *restrict s, clockid_t k, const struct timespec *restrict t) {
    if (!active()) learn_lock();
    return active() ? sem_until(s, ns_of(t) - base_of(k)) : real_sem_clockwait(s, k, t);
}
EXPORT int sem_wait(sem_t *s) {
    if (!active()) learn_lock();
    if (!takes_part(-1)) { REAL(sem_wait); return real(s); }
    return sem_until(s, NEVER);
}
EXPORT int sem_timedwait(sem_t *restrict s, const struct timespec *restrict t) { return sem_clockwait(s, CLOCK_REALTIME, t); }
/* Lambda has no /dev/shm: multiprocessing's semaphores fail there with this very error. */
EXPORT sem_t *sem_open(const char *name, int flags, ...) {
    (void)name; (void)flags;
    errno = ENOSYS;
    return SEM_FAILED;
}

/* ---- chance comes from the seed, so that uuid4 and secrets are the same in every play of a run (splitmix64) ---- */
EXPORT ssize_t getrandom(void *buffer, size_t length, unsigned flags) {
    if (!active()) return syscall(SYS_getrandom, buffer, length, flags);
    unsigned char *p = buffer;
    for (size_t i = 0; i < length;) {
        uint64_t z = atomic_fetch_add(&page->random, 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        z ^= z >> 31;
        for (int b = 0; b < 8 && i < length; b++, i++) p[i] = (unsigned char)(z >> (8 * b));
    }
    return (ssize_t)length;
}
EXPORT int getentropy(void *buffer, size_t length) { return getrandom(buffer, length, 0) < 0 ? -1 : 0; }

/* ---- threads and processes ---- */
EXPORT int pthread_create(pthread_t *restrict t, const pthread_attr_t *restrict a, void *(*routine)(void *), void *restrict argument) {
    return start_thread(t, a, routine, argument);
}
static void other_process(void) { if (active()) { page->processes = 1; page->racing = 1; kick(); } }
/* A program that is started with an environment of its own still takes part. Runs in a vforked child: no malloc. */
EXPORT int execve(const char *path, char *const argv[], char *const envp[]) {
    REAL(execve);
    if (!active()) return real(path, argv, envp);
    other_process();
    size_t n = 0;
    int has = 0;
    for (; envp && envp[n]; n++) has |= !strncmp(envp[n], "LD_PRELOAD=", 11);
    if (has) return real(path, argv, envp);
    char *with[n + 2];
    if (n) memcpy(with, envp, n * sizeof *envp);
    with[n] = "LD_PRELOAD=" SHIM_PATH;
    with[n + 1] = 0;
    return real(path, argv, with);
}
EXPORT int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }
EXPORT pid_t fork(void) { REAL(fork); other_process(); return real(); }
EXPORT int system(const char *command) { REAL(system); other_process(); return real(command); }
EXPORT int posix_spawn(pid_t *restrict p, const char *restrict path, const void *restrict actions, const void *restrict attributes,
                       char *const argv[restrict], char *const envp[restrict]) {
    static int (*real)(pid_t *, const char *, const void *, const void *, char *const[], char *const[]);
    if (!real) real = dlsym(RTLD_NEXT, "posix_spawn");
    other_process();
    return real(p, path, actions, attributes, argv, envp);
}
