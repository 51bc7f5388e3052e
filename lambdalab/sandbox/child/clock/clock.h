/* The clock shim: a library preloaded into every process of an execution environment.
 *
 * Theory of operation. The simulator owns the clock. Inside an environment clocks show a page that only the simulator
 * moves; each reading adds one microsecond, so that code which measures itself is repeatable. A timed wait registers its
 * deadline in a slot of the page and blocks. When every thread of the environment is blocked - in a timed wait, in an
 * AWS call, in a connect, in a lock, or waiting for the next invocation - one *turn* is sent over the control socket (the
 * calls made, what was asked of the network, the earliest deadline, how the invocation finished), and the answer is read
 * from it (replies, the new time, perhaps the next event). Then those whose time has come go on, one after the other,
 * each until everybody is blocked again: that makes threads repeatable.
 *
 * Who does that: while there is one thread only, this thread, at once. Otherwise the *helper*, a thread of ours, which
 * also notices when a thread waits without a deadline (a lock, a join, a pipe): it looks at the state of all threads in
 * /proc, twice, with unchanged counts of context switches in between. Nobody ran, so nobody can wake anybody.
 *
 * Processes that the runtime starts find the page by its path and take part with their waits; they never speak.
 * Student code can scribble on the page or call these functions: it deceives only itself. The worker checks each frame.
 *
 * Files: page.c slots and time, quiet.c who is blocked, turns.c frames, helper.c who goes next, waits.c the ways to wait,
 * libc.c, network.c, names.c, streams.c and processors.c what replaces the C library's functions, api.c what the Python
 * side calls.
 */
#ifndef LAMBDALAB_CLOCK_H
#define LAMBDALAB_CLOCK_H
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#define PAGE_PATH "/run/clock/page"
#define SHIM_PATH "/var/runtime/libclock.so"
#define NS_PER_S 1000000000LL
#define NEVER INT64_MAX
#define READ_NS 1000LL                    /* what a clock reading costs */
#define SPIN_NS (100 * 1000000LL)         /* so much read time without a turn: hand over, somebody spins on the clock */
#define MONOTONIC_BASE (1000 * NS_PER_S)  /* what CLOCK_MONOTONIC shows at virtual time 0 */
#define REAL_WAIT_NS 6000000LL            /* CPython passes the interpreter lock on in waits of 5 ms: those stay real */
#define SLOTS 2200                        /* threads and processes of an environment: at most 1,024 */
#define CALLS_MAX 2048
#define GATEWAY_PORT 4                    /* the keeper listens there for the worker */
#define NET_MAX 480                       /* look-ups and sockets under way in an environment: the page has 252 KB */
#define NAME_BYTES 254                    /* a host name and its end */
#define WAKE_SIGNAL 61                    /* interrupts a real wait; blocked everywhere else */

enum { FREE, WAITING, GO };
enum { HARD, SOFT, WATCHES };             /* nothing else can end the wait; something real can; descriptors can */
typedef struct {
    _Atomic int32_t state;      /* a futex */
    _Atomic int32_t tid;
    int32_t pid, soft;          /* not HARD: the thread waits for something real as well, and may go on by itself */
    _Atomic int64_t deadline_ns;
    _Atomic int32_t ready;      /* what it waits for (a reply, an event) is here */
    uint32_t birth;
} slot_t;

enum { LOOKUP = 1, CONNECT, DATAGRAM, PEER };
enum { NET_FREE, NET_TAKEN, NET_ASKED, NET_SENT, NET_DECIDED, NET_OPEN, NET_FAILED };
typedef struct {                /* something asked of the network */
    _Atomic int32_t state;
    _Atomic int32_t slot;       /* of the thread that waits for nothing else, plus one; 0: who watches descriptors does */
    uint32_t id;                /* given when it leaves with a turn */
    int32_t kind, pid, fd, error, mapped;
    uint32_t thread, sequence, address, port;
    uint64_t inode;             /* of the socket */
    _Atomic uint64_t sent, told;       /* bytes written, and how many of these the worker was told of */
    _Atomic uint64_t due, received;    /* bytes that have come in virtual time, and how many of these were read */
    int32_t closed, unused;     /* the other side has closed, or reset, behind the last byte */
    char name[NAME_BYTES];
} net_t;

typedef struct {
    _Atomic int32_t on;
    _Atomic int32_t processes;  /* another process was started: from now on look at all of /proc */
    _Atomic int32_t racing;     /* something depended on real time: not reproducible */
    _Atomic int32_t kick;       /* a futex: wakes the helper */
    _Atomic int32_t used;       /* slots below this one may be in use */
    _Atomic int64_t now_ns;     /* virtual time since the start of the run */
    _Atomic int64_t granted_ns; /* what the simulator last said */
    _Atomic int64_t reads, all_reads;
    int64_t epoch_ns;           /* what time() shows at now_ns == 0 */
    int32_t processors;         /* how many there are, as far as code can see */
    _Atomic uint64_t random;    /* state of the seeded generator */
    _Atomic int32_t nets;       /* entries of the network below this one may be in use */
    slot_t slot[SLOTS];
    net_t net[NET_MAX];
} page_t;

typedef struct { uint32_t address; uint16_t port; int mapped; } target_t;   /* in the host's byte order */

extern page_t *page;
extern int control;                        /* the control socket, in the process that speaks; else -1 */
extern pthread_mutex_t speaking;           /* held by whoever decides or speaks */
extern _Atomic int32_t threads, real_waits, wanting, helper_tid, helper_sleeps;
extern _Thread_local uint32_t my_birth, my_sequence;

/* page.c */
int page_open(int create);
int64_t real_ns(clockid_t id);
int64_t read_ns(void);
long futex_wait(_Atomic int32_t *word, int32_t value, int64_t ns);
void futex_wake(_Atomic int32_t *word);
slot_t *slot_take(int64_t deadline_ns, int soft);
void slot_free(slot_t *slot);
int64_t earliest(void);
slot_t *choose(void);
int ready(slot_t *slot);
void kick(void);
void wake_watchers(int pid);
void lock_speaking(void);                 /* for all but the helper, which looks who wants it */
static inline int active(void) { return page && page->on; }
static inline int64_t now_ns(void) { return page->now_ns; }
static inline int alone(void) { return control >= 0 && threads == 1 && !page->processes; }

/* quiet.c */
int quiet(void);

/* turns.c */
int speak(int spinning);
slot_t *say_finished(int kind, const char *body, uint32_t length);
void last_words(int kind, const char *body, uint32_t length);
int64_t make_call(const char *body, uint32_t length, char **reply);
void note_closed(net_t *n);                /* it leaves with the next turn that the connection is over */
void post_datagram(uint32_t address, uint32_t port, const void *data, uint32_t length);
char *take_event(uint32_t *length);
int64_t finished_since(void);

/* network.c */
void net_decide(uint32_t id, int32_t error, uint32_t address);
void net_receive(uint32_t id, uint64_t due, int32_t closed);
void net_settle(void);                     /* carry out what was decided about sockets of this process */

net_t *net_of(int fd);
net_t *net_entry(int kind, int fd, const target_t *to);   /* 0: no room */
int net_ask(net_t *n, int64_t deadline_ns);               /* waits; 0: the deadline was first */
void net_release(net_t *n);
int net_is_over(net_t *n);                                /* a connection that was let through, and is closed */
int net_is_outside(const struct sockaddr *to, socklen_t length, target_t *t);

/* streams.c */
int stream_open(net_t *n, int fd);
void stream_settle(net_t *n);

/* helper.c */
int helper_start(void);
void spin(void);
int start_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument);

/* libc.c */
int poll_until_ready(int fd, int events, int64_t deadline_ns);

/* waits.c */
typedef int (*attempt_t)(int64_t slice_ns, void *what);  /* 1 happened, 0 not yet, -1 failed with errno */
void wait_hard(slot_t *slot);
int wait_soft(int64_t deadline_ns, int64_t slice_ns, int in_turn, int soft, attempt_t attempt, void *what);
void sleep_virtual(int64_t deadline_ns);
void watch_signal(void);

#endif
