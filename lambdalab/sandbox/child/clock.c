/* The clock shim: a library preloaded into every process of an execution environment.
 *
 * Theory of operation. The simulator owns the clock. Inside an environment, clocks show a page that only the simulator
 * moves; each reading adds one microsecond, so that code which measures itself is repeatable. A timed wait registers its
 * deadline in the page and blocks. When every thread of the environment is blocked - in a timed wait, in an AWS call, or
 * waiting for the next invocation - the thread that notices speaks for all: it sends one turn (the calls made, the
 * earliest deadline, how the invocation finished) over the control socket and reads the answer (replies, the new time,
 * perhaps the next event). Then every waiter looks again at its own condition.
 *
 * Threads that wait without a deadline (a lock, a join, a pipe) are found by looking at the state of all threads of the
 * pid namespace in /proc, twice, with an unchanged count of time slices in between: nobody ran, so nobody can wake.
 *
 * Student code can scribble on the page or call these functions: it only deceives itself. The worker checks every frame.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
#define SLOTS 1100               /* threads per environment: the limit is 1,024 */
#define MONOTONIC_BASE (1000 * NS_PER_S)
#define GIL_WAIT_NS 6000000LL    /* CPython hands the interpreter lock round in waits of 5 ms: those stay real */
#define FRAME_MAX (16u << 20)
#define CALLS_MAX 2048
#define MAGIC_TURN 0x4e525554u   /* "TURN" */
#define MAGIC_GO 0x20204f47u     /* "GO  " */

typedef struct {
    _Atomic int64_t now_ns;      /* virtual time since the start of the run */
    int64_t epoch_ns;            /* what time() shows at now_ns == 0 */
    _Atomic int64_t reads;       /* clock readings since the last turn */
    _Atomic uint64_t random;     /* state of the seeded generator */
    _Atomic int32_t on;
    _Atomic int32_t racing;      /* a subprocess ran or a wait had to be guessed: not reproducible */
    struct { _Atomic int64_t deadline_ns; _Atomic int32_t tid; _Atomic int32_t sleeper; } slot[SLOTS];   /* the keeper reads this */
} page_t;

typedef struct { uint32_t id, thread, sequence, length; char *body; int sent; char *reply; uint32_t reply_length; } call_t;

static page_t *page;
static int control = -1;         /* the control socket; only the process that speaks has it */
static pid_t speaker_pid;
static pthread_mutex_t speaking = PTHREAD_MUTEX_INITIALIZER;
static call_t calls[CALLS_MAX];
static _Atomic uint32_t next_call = 1, next_thread = 1;
static _Thread_local uint32_t my_thread, my_sequence;
static char *event_frame;        /* an invocation that has arrived and not been taken */
static uint32_t event_length;
static int finished_kind = -1;   /* what the next turn reports: -1 nothing */
static char *finished_body;
static uint32_t finished_length;
static _Atomic uint32_t turns;

static int64_t real_ns(clockid_t id) {
    struct timespec t;
    syscall(SYS_clock_gettime, id, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}
static int64_t peek_ns(void) { return page->now_ns; }
static int64_t read_ns(void) { page->reads++; return atomic_fetch_add(&page->now_ns, 1000) + 1000; }
static int is_wall(clockid_t c) { return c == CLOCK_REALTIME || c == CLOCK_REALTIME_COARSE || c == CLOCK_TAI; }
static int is_monotonic(clockid_t c) {
    return c == CLOCK_MONOTONIC || c == CLOCK_MONOTONIC_RAW || c == CLOCK_MONOTONIC_COARSE || c == CLOCK_BOOTTIME;
}
static int64_t base_of(clockid_t c) { return is_wall(c) ? page->epoch_ns : MONOTONIC_BASE; }
static void real_sleep(int64_t ns) {
    struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, 0);
}
#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
static int active(void) { return page && page->on; }

/* ---- who is blocked ------------------------------------------------------------------------------------------- */

static int slot_take(int64_t deadline_ns, int sleeper) {
    int tid = (int)syscall(SYS_gettid);
    for (int i = 0; i < SLOTS; i++) {
        int empty = 0;
        if (atomic_compare_exchange_strong(&page->slot[i].tid, &empty, tid)) { page->slot[i].sleeper = sleeper; page->slot[i].deadline_ns = deadline_ns; return i; }
    }
    return -1;
}
static void slot_free(int i) { if (i >= 0) { page->slot[i].deadline_ns = INT64_MAX; page->slot[i].sleeper = 0; page->slot[i].tid = 0; } }
/* A thread that only sleeps is blocked whatever the kernel says: nothing but the clock can wake it. */
static int only_sleeps(int tid) {
    int64_t now = peek_ns();
    for (int i = 0; i < SLOTS; i++) if (page->slot[i].tid == tid) return page->slot[i].sleeper && page->slot[i].deadline_ns > now;
    return 0;
}
static int64_t earliest(void) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < SLOTS; i++) if (page->slot[i].tid && page->slot[i].deadline_ns < least) least = page->slot[i].deadline_ns;
    return least;
}
/* Sums the time slices of all other threads of the pid namespace; -1 when one of them runs or is about to. */
static int64_t slices_if_all_blocked(int *others) {
    int self = (int)syscall(SYS_gettid);
    int64_t sum = 0;
    char path[96], text[512];
    DIR *processes = opendir("/proc");
    *others = 0;
    if (!processes) return 0;
    for (struct dirent *p; sum >= 0 && (p = readdir(processes));) {
        if (p->d_name[0] < '1' || p->d_name[0] > '9' || !strcmp(p->d_name, "1")) continue;   /* 1 is the keeper */
        snprintf(path, sizeof path, "/proc/%.20s/task", p->d_name);
        DIR *threads = opendir(path);
        if (!threads) continue;
        for (struct dirent *t; sum >= 0 && (t = readdir(threads));) {
            if (t->d_name[0] == '.' || atoi(t->d_name) == self) continue;
            ++*others;
            if (atoi(p->d_name) != speaker_pid) page->racing = 1;
            if (only_sleeps(atoi(t->d_name))) continue;
            snprintf(path, sizeof path, "/proc/%.20s/task/%.20s/stat", p->d_name, t->d_name);
            int fd = open(path, O_RDONLY | O_CLOEXEC);
            if (fd < 0) continue;
            ssize_t n = read(fd, text, sizeof text - 1);
            close(fd);
            if (n <= 0) continue;
            text[n] = 0;
            char *state = strrchr(text, ')');
            if (state && (state[2] == 'R' || state[2] == 'D')) { sum = -1; break; }
            snprintf(path, sizeof path, "/proc/%.20s/task/%.20s/schedstat", p->d_name, t->d_name);
            fd = open(path, O_RDONLY | O_CLOEXEC);
            if (fd < 0) continue;
            n = read(fd, text, sizeof text - 1);
            close(fd);
            if (n <= 0) continue;
            text[n] = 0;
            char *last = strrchr(text, ' ');
            if (last) sum += atoll(last);
        }
        closedir(threads);
    }
    closedir(processes);
    return sum;
}
static int all_blocked(void) {
    int others, again;
    int64_t before = slices_if_all_blocked(&others);
    if (before < 0) return 0;
    if (!others) return 1;
    return slices_if_all_blocked(&again) == before && again == others;
}

/* ---- the turn ------------------------------------------------------------------------------------------------- */

static void gone(void) { _exit(0); }   /* the worker has gone: nobody is left to play for */
static void send_all(const void *data, size_t length) {
    const char *p = data;
    while (length) { ssize_t n = send(control, p, length, MSG_NOSIGNAL); if (n <= 0) { if (n < 0 && errno == EINTR) continue; gone(); } p += n; length -= n; }
}
static void recv_all(void *data, size_t length) {
    char *p = data;
    while (length) { ssize_t n = recv(control, p, length, 0); if (n <= 0) { if (n < 0 && errno == EINTR) continue; gone(); } p += n; length -= n; }
}
typedef struct __attribute__((packed)) {
    uint32_t magic, length;
    int64_t wake_ns, now_ns;
    uint64_t cpu_ns;
    uint32_t reads, memory_kb, racing;
    int32_t finished;
    uint32_t finished_length, calls;
} turn_t;
typedef struct __attribute__((packed)) { uint32_t id, thread, sequence, length; } call_head_t;
typedef struct __attribute__((packed)) { uint32_t magic, length; int64_t now_ns; uint32_t event_length, replies; } go_t;
typedef struct __attribute__((packed)) { uint32_t id, length; } reply_head_t;

static uint32_t peak_kb(void) {        /* VmHWM, what Lambda calls Max Memory Used */
    char text[4096]; uint32_t kb = 0;
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t n = read(fd, text, sizeof text - 1); close(fd);
        if (n > 0) { text[n] = 0; char *p = strstr(text, "VmHWM:"); if (p) kb = (uint32_t)atol(p + 6); }
    }
    return kb;
}
static void speak(void) {              /* holding `speaking` */
    turn_t turn = {.magic = MAGIC_TURN, .now_ns = peek_ns(), .cpu_ns = (uint64_t)real_ns(CLOCK_PROCESS_CPUTIME_ID),
                   .reads = (uint32_t)page->reads, .memory_kb = peak_kb(), .racing = (uint32_t)page->racing,
                   .finished = finished_kind, .finished_length = finished_kind >= 0 ? finished_length : 0};
    int64_t wake = earliest();
    turn.wake_ns = wake == INT64_MAX ? -1 : wake;
    size_t length = sizeof turn + turn.finished_length;
    for (int i = 0; i < CALLS_MAX; i++) if (calls[i].id && !calls[i].sent) { turn.calls++; length += sizeof(call_head_t) + calls[i].length; }
    turn.length = (uint32_t)length;
    page->reads = 0;
    send_all(&turn, sizeof turn);
    if (turn.finished_length) send_all(finished_body, turn.finished_length);
    for (int i = 0; i < CALLS_MAX; i++) if (calls[i].id && !calls[i].sent) {
        call_head_t head = {calls[i].id, calls[i].thread, calls[i].sequence, calls[i].length};
        send_all(&head, sizeof head); send_all(calls[i].body, calls[i].length); calls[i].sent = 1;
    }
    finished_kind = -1; free(finished_body); finished_body = 0;
    go_t go;
    recv_all(&go, sizeof go);
    if (go.magic != MAGIC_GO || go.length > FRAME_MAX || go.event_length > FRAME_MAX) gone();
    if (go.event_length) { event_frame = malloc(go.event_length); event_length = go.event_length; if (!event_frame) gone(); recv_all(event_frame, event_length); }
    for (uint32_t r = 0; r < go.replies; r++) {
        reply_head_t head; recv_all(&head, sizeof head);
        if (head.length > FRAME_MAX) gone();
        char *body = malloc(head.length + 1); if (!body) gone();
        recv_all(body, head.length);
        int found = 0;
        for (int i = 0; i < CALLS_MAX && !found; i++) if (calls[i].id == head.id) { calls[i].reply_length = head.length; calls[i].reply = body; found = 1; }
        if (!found) free(body);
    }
    if (go.now_ns > peek_ns()) page->now_ns = go.now_ns;
    turns++;
}
/* Called by a thread that waits: when nobody can go on, hand over the turn. */
static int maybe_speak(void) {
    if (control < 0 || getpid() != speaker_pid) return 0;
    if (pthread_mutex_trylock(&speaking)) return 0;
    uint32_t before = turns;
    int due = earliest() <= peek_ns();          /* somebody's deadline has come: he goes first */
    int answered = 0;
    for (int i = 0; i < CALLS_MAX && !answered; i++) answered = calls[i].id && calls[i].reply;
    int spoke = 0;
    if (!due && !answered && !event_frame && all_blocked() && before == turns) { speak(); spoke = 1; }
    pthread_mutex_unlock(&speaking);
    return spoke;
}
/* Waits in virtual time until `ready` says so or `deadline_ns` comes. `ready(slice)` may really wait up to slice ns. */
static int wait_virtual(int64_t deadline_ns, int (*ready)(int64_t, void *), void *argument, int sleeper) {
    int r = ready(0, argument);
    if (r) return r;
    int slot = slot_take(deadline_ns, sleeper);
    int64_t slice = 10000;
    for (;;) {
        if (peek_ns() >= deadline_ns) { slot_free(slot); return ready(0, argument); }
        if ((r = ready(0, argument))) { slot_free(slot); return r; }
        if (maybe_speak()) { slice = 10000; continue; }
        r = ready(slice, argument);
        if (r) { slot_free(slot); return r; }
        if (slice < 1000000) slice += slice / 2;
    }
}
static int never(int64_t slice, void *unused) { (void)unused; if (slice) real_sleep(slice); return 0; }
static void sleep_virtual(int64_t ns) { if (ns > 0) wait_virtual(peek_ns() + ns, never, 0, 1); }

/* ---- what the Python side calls (with ctypes, so without the interpreter lock) --------------------------------- */

int clock_open(const char *path, int64_t now_ns, int64_t epoch_ns, uint64_t seed, int socket_fd) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || ftruncate(fd, sizeof(page_t))) return -1;
    page_t *p = mmap(0, sizeof(page_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED) return -1;
    p->epoch_ns = epoch_ns; p->now_ns = now_ns; p->random = seed;
    for (int i = 0; i < SLOTS; i++) p->slot[i].deadline_ns = INT64_MAX;
    page = p; control = socket_fd; speaker_pid = getpid();
    my_thread = 0;
    page->on = 1;
    return 0;
}
typedef struct { call_t *call; } waiting_call_t;
static int has_reply(int64_t slice, void *a) { if (((waiting_call_t *)a)->call->reply) return 1; if (slice) real_sleep(slice); return 0; }
/* Makes an AWS call and waits for its answer; returns the reply's length, or -1. The reply is freed with clock_free. */
int64_t clock_call(const char *body, uint32_t length, char **reply) {
    if (!my_thread) my_thread = next_thread++;
    call_t *call = 0;
    pthread_mutex_lock(&speaking);
    for (int i = 0; i < CALLS_MAX && !call; i++) if (!calls[i].id) call = &calls[i];
    if (call) {
        char *copy = malloc(length ? length : 1);
        if (!copy) call = 0;
        else { memcpy(copy, body, length); *call = (call_t){.id = next_call++, .thread = my_thread, .sequence = ++my_sequence, .length = length, .body = copy}; }
    }
    pthread_mutex_unlock(&speaking);
    if (!call) return -1;
    waiting_call_t waiting = {call};
    wait_virtual(INT64_MAX, has_reply, &waiting, 0);
    pthread_mutex_lock(&speaking);
    *reply = call->reply;
    int64_t n = call->reply_length;
    free(call->body);
    memset(call, 0, sizeof *call);
    pthread_mutex_unlock(&speaking);
    return n;
}
static int has_event(int64_t slice, void *a) { (void)a; if (event_frame) return 1; if (slice) real_sleep(slice); return 0; }
/* Reports how INIT or an invocation ended and waits for the next event; returns the event's length. */
int64_t clock_next(int kind, const char *body, uint32_t length, char **event) {
    pthread_mutex_lock(&speaking);
    finished_kind = kind; finished_length = length; finished_body = malloc(length ? length : 1);
    if (!finished_body) gone();
    memcpy(finished_body, body, length);
    /* After its response an environment is frozen: threads that still compute do not delay it for ever. */
    for (int i = 0; i < 400 && !all_blocked(); i++) { if (i > 20) { page->racing = 1; real_sleep(500000); } else real_sleep(20000); }
    speak();
    pthread_mutex_unlock(&speaking);
    wait_virtual(INT64_MAX, has_event, 0, 0);
    *event = event_frame; event_frame = 0;
    return event_length;
}
/* Hands over a last turn that nobody answers: the process is about to end. */
void clock_last(int kind, const char *body, uint32_t length) {
    if (control < 0 || getpid() != speaker_pid) return;
    turn_t turn = {.magic = MAGIC_TURN, .wake_ns = -1, .now_ns = peek_ns(), .cpu_ns = (uint64_t)real_ns(CLOCK_PROCESS_CPUTIME_ID),
                   .reads = (uint32_t)page->reads, .memory_kb = peak_kb(), .racing = (uint32_t)page->racing,
                   .finished = kind, .finished_length = length, .length = (uint32_t)(sizeof turn + length)};
    send_all(&turn, sizeof turn); send_all(body, length);
}
void clock_free(char *pointer) { free(pointer); }
int64_t clock_now_us(void) { return page ? peek_ns() / 1000 : -1; }

/* A subprocess finds the page by its name; it has no control socket and never speaks. */
__attribute__((constructor)) static void join(void) {
    const char *path = getenv("LAMBDALAB_CLOCK");
    if (!path || page) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    page_t *p = mmap(0, sizeof(page_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p != MAP_FAILED) { page = p; p->racing = 1; }
}

/* ---- libc, replaced ------------------------------------------------------------------------------------------- */

int clock_gettime(clockid_t c, struct timespec *t) {
    if (!active() || !(is_wall(c) || is_monotonic(c))) { struct timespec *out = t; return (int)syscall(SYS_clock_gettime, c, out) ? -1 : 0; }
    int64_t v = base_of(c) + read_ns();
    t->tv_sec = v / NS_PER_S; t->tv_nsec = v % NS_PER_S;
    return 0;
}
int gettimeofday(struct timeval *t, void *zone) {
    (void)zone;
    if (!t) return 0;
    int64_t v = active() ? page->epoch_ns + read_ns() : real_ns(CLOCK_REALTIME);
    t->tv_sec = v / NS_PER_S; t->tv_usec = v % NS_PER_S / 1000;
    return 0;
}
time_t time(time_t *out) {
    time_t s = (active() ? page->epoch_ns + read_ns() : real_ns(CLOCK_REALTIME)) / NS_PER_S;
    if (out) *out = s;
    return s;
}
int clock_nanosleep(clockid_t c, int flags, const struct timespec *r, struct timespec *m) {
    if (!active() || !(is_wall(c) || is_monotonic(c))) { REAL(clock_nanosleep); return real(c, flags, r, m); }
    int64_t ns = r->tv_sec * NS_PER_S + r->tv_nsec;
    if (flags & TIMER_ABSTIME) ns -= base_of(c) + peek_ns();
    sleep_virtual(ns);
    return 0;
}
int nanosleep(const struct timespec *r, struct timespec *m) {
    if (!active()) { REAL(nanosleep); return real(r, m); }
    sleep_virtual(r->tv_sec * NS_PER_S + r->tv_nsec);
    return 0;
}
int usleep(useconds_t us) { if (!active()) { real_sleep(us * 1000LL); return 0; } sleep_virtual(us * 1000LL); return 0; }
unsigned sleep(unsigned s) { if (!active()) { real_sleep(s * NS_PER_S); return 0; } sleep_virtual(s * NS_PER_S); return 0; }

typedef struct { struct pollfd *fds; nfds_t n; int result, error; } poll_t;
static int try_poll(int64_t slice, void *a) {
    poll_t *p = a; struct timespec t = {slice / NS_PER_S, slice % NS_PER_S};
    p->result = (int)syscall(SYS_ppoll, p->fds, p->n, &t, 0, 8); p->error = errno;
    return p->result != 0;
}
int poll(struct pollfd *fds, nfds_t n, int ms) {
    if (!active() || ms <= 0) { REAL(poll); return real(fds, n, ms); }
    poll_t p = {fds, n, 0, 0};
    wait_virtual(peek_ns() + ms * 1000000LL, try_poll, &p, 0);
    errno = p.error;
    return p.result;
}
int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t, const sigset_t *mask) {
    if (!active() || !t || mask) { REAL(ppoll); return real(fds, n, t, mask); }
    poll_t p = {fds, n, 0, 0};
    wait_virtual(peek_ns() + t->tv_sec * NS_PER_S + t->tv_nsec, try_poll, &p, 0);
    errno = p.error;
    return p.result;
}
typedef struct { int n; fd_set *r, *w, *e, R, W, E; int result, error; } select_t;
static int try_select(int64_t slice, void *a) {
    select_t *s = a; struct timespec t = {slice / NS_PER_S, slice % NS_PER_S};
    if (s->r) s->R = *s->r; if (s->w) s->W = *s->w; if (s->e) s->E = *s->e;
    s->result = (int)syscall(SYS_pselect6, s->n, s->r ? &s->R : 0, s->w ? &s->W : 0, s->e ? &s->E : 0, &t, 0); s->error = errno;
    return s->result != 0;
}
int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t) {
    if (!active() || !t || (!t->tv_sec && !t->tv_usec)) { REAL(select); return real(n, r, w, e, t); }
    select_t s = {.n = n, .r = r, .w = w, .e = e};
    wait_virtual(peek_ns() + t->tv_sec * NS_PER_S + t->tv_usec * 1000LL, try_select, &s, 0);
    if (s.result >= 0) { if (r) *r = s.R; if (w) *w = s.W; if (e) *e = s.E; }
    errno = s.error;
    return s.result;
}
typedef struct { int fd, most, result, error; struct epoll_event *events; } epoll_t;
static int try_epoll(int64_t slice, void *a) {
    epoll_t *p = a; struct timespec t = {slice / NS_PER_S, slice % NS_PER_S};
    p->result = (int)syscall(SYS_epoll_pwait2, p->fd, p->events, p->most, &t, 0, 8); p->error = errno;
    return p->result != 0;
}
int epoll_wait(int fd, struct epoll_event *events, int most, int ms) {
    if (!active() || ms <= 0) { REAL(epoll_wait); return real(fd, events, most, ms); }
    epoll_t p = {fd, most, 0, 0, events};
    wait_virtual(peek_ns() + ms * 1000000LL, try_epoll, &p, 0);
    errno = p.error;
    return p.result;
}
int epoll_pwait(int fd, struct epoll_event *events, int most, int ms, const sigset_t *mask) {
    if (!active() || ms <= 0 || mask) { REAL(epoll_pwait); return real(fd, events, most, ms, mask); }
    return epoll_wait(fd, events, most, ms);
}

/* Condition variables and semaphores: their deadlines are absolute on a clock that we show. */
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*real_sem_clockwait)(sem_t *, clockid_t, const struct timespec *);
__attribute__((constructor)) static void find(void) {
    real_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    real_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    real_sem_clockwait = dlsym(RTLD_NEXT, "sem_clockwait");
}
static void real_deadline(int64_t slice, struct timespec *t) {
    int64_t v = real_ns(CLOCK_MONOTONIC) + slice;
    t->tv_sec = v / NS_PER_S; t->tv_nsec = v % NS_PER_S;
}
typedef struct { pthread_cond_t *cond; pthread_mutex_t *mutex; int result; } cond_t;
static int try_cond(int64_t slice, void *a) {
    cond_t *c = a; struct timespec t;
    if (!slice) return 0;
    real_deadline(slice, &t);
    c->result = real_clockwait(c->cond, c->mutex, CLOCK_MONOTONIC, &t);
    return c->result != ETIMEDOUT;
}
static int wait_cond(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t remaining) {
    if (remaining <= 0) return ETIMEDOUT;
    if (remaining <= GIL_WAIT_NS) { struct timespec t; real_deadline(remaining, &t); return real_clockwait(cond, mutex, CLOCK_MONOTONIC, &t); }
    cond_t c = {cond, mutex, ETIMEDOUT};
    return wait_virtual(peek_ns() + remaining, try_cond, &c, 0) ? c.result : ETIMEDOUT;
}
int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t k, const struct timespec *t) {
    if (!active()) return real_clockwait(c, m, k, t);
    return wait_cond(c, m, t->tv_sec * NS_PER_S + t->tv_nsec - base_of(k) - peek_ns());
}
/* Which clock a condition variable uses cannot be asked; the deadline tells, since the two begin decades apart. */
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t) {
    if (!active()) return real_timedwait(c, m, t);
    clockid_t k = t->tv_sec > 500000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    return wait_cond(c, m, t->tv_sec * NS_PER_S + t->tv_nsec - base_of(k) - peek_ns());
}
static int try_sem(int64_t slice, void *s) {
    struct timespec t;
    if (!slice) return sem_trywait(s) == 0;
    real_deadline(slice, &t);
    return real_sem_clockwait(s, CLOCK_MONOTONIC, &t) == 0;
}
static int wait_sem(sem_t *s, int64_t remaining) {
    if (wait_virtual(peek_ns() + (remaining > 0 ? remaining : 0), try_sem, s, 0)) return 0;
    errno = ETIMEDOUT;
    return -1;
}
int sem_clockwait(sem_t *s, clockid_t k, const struct timespec *t) {
    if (!active()) return real_sem_clockwait(s, k, t);
    return wait_sem(s, t->tv_sec * NS_PER_S + t->tv_nsec - base_of(k) - peek_ns());
}
int sem_timedwait(sem_t *s, const struct timespec *t) {
    if (!active()) return real_sem_clockwait(s, CLOCK_REALTIME, t);
    return wait_sem(s, t->tv_sec * NS_PER_S + t->tv_nsec - base_of(CLOCK_REALTIME) - peek_ns());
}

/* Lambda has no POSIX semaphores by name: multiprocessing's pools and locks fail there, so they fail here alike. */
sem_t *sem_open(const char *name, int flags, ...) { (void)name; (void)flags; errno = ENOSYS; return SEM_FAILED; }

/* Chance comes from the seed, so that uuid4 and secrets are the same in every play of a run. */
ssize_t getrandom(void *buffer, size_t length, unsigned flags) {
    if (!active()) return syscall(SYS_getrandom, buffer, length, flags);
    unsigned char *p = buffer;
    for (size_t i = 0; i < length;) {          /* splitmix64 */
        uint64_t z = atomic_fetch_add(&page->random, 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL; z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL; z ^= z >> 31;
        for (int b = 0; b < 8 && i < length; b++, i++) p[i] = (unsigned char)(z >> (8 * b));
    }
    return (ssize_t)length;
}
