/* The helper: decides who goes next when there is more than one thread, and notices when the only one is stuck. */
#include "clock.h"
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_MIN_NS 30000LL
#define LOOK_MAX_NS 2000000LL
#define STUCK_LOOK_NS 20000000LL      /* one thread only: is it stuck? */
#define LINGER 5                      /* so many such looks at an idle environment, then sleep until kicked */
#define AFTER_RESPONSE_NS 20000000LL  /* threads that still compute after the response are frozen, as on AWS */
#define RESTLESS_NS NS_PER_S          /* one thread computes for so long while others wait: go on without it */

static int64_t restless_since;

static void let_go(slot_t *s) {
    s->state = GO;
    futex_wake(&s->state);
    if (s->soft) syscall(SYS_tgkill, s->pid, s->tid, WAKE_SIGNAL);
}
static void let_all_go(void) { for (slot_t *s; (s = choose());) let_go(s); }

/* A signal may come before its thread really waits: again, until the thread has noticed. */
static void remind(void) {
    for (int i = 0; i < page->used; i++) {
        slot_t *s = &page->slot[i];
        if (s->state == GO && s->soft && syscall(SYS_tgkill, s->pid, s->tid, WAKE_SIGNAL) < 0 && errno == ESRCH) slot_free(s);
    }
}
static int somebody_waits(void) {
    for (int i = 0; i < page->used; i++) if (page->slot[i].state == WAITING && !page->slot[i].soft) return 1;
    return 0;
}
static int patience_is_over(void) {
    int64_t now = real_ns(CLOCK_MONOTONIC), finished = finished_since();
    if (finished != NEVER && now - finished > AFTER_RESPONSE_NS) return 1;
    if (!restless_since) restless_since = now;
    return now - restless_since > RESTLESS_NS && somebody_waits();
}
/* Holding `speaking`. Returns whether somebody was let go. */
static int decide(void) {
    if (quiet()) {
        slot_t *s = choose();
        if (!s) { speak(0); s = choose(); }
        if (s) let_go(s);   /* else the answer has woken somebody by itself: look again */
    } else if (patience_is_over()) {
        page->racing = 1;
        if (!choose()) speak(0);
        let_all_go();
    } else return 0;
    restless_since = 0;
    return 1;
}
static int watch_the_only_thread(int32_t seen, int *stuck, int *idle) {
    if (pthread_mutex_trylock(&speaking)) {       /* it has handed over itself */
        if (++*idle < LINGER) futex_wait(&page->kick, seen, STUCK_LOOK_NS);
        else { helper_sleeps = 1; futex_wait(&page->kick, seen, -1); helper_sleeps = 0; *idle = 0; }
        return *stuck = 0;
    }
    *idle = 0;
    *stuck = alone() && quiet() ? *stuck + 1 : 0;
    if (*stuck > 2) { if (!choose()) speak(0); let_all_go(); *stuck = 0; }
    pthread_mutex_unlock(&speaking);
    futex_wait(&page->kick, seen, STUCK_LOOK_NS);
    return 0;
}
static void *help(void *unused) {
    (void)unused;
    int stuck = 0, idle = 0;
    int64_t pause = LOOK_MIN_NS;
    helper_tid = (int32_t)syscall(SYS_gettid);
    for (;;) {
        int32_t seen = page->kick;
        if (alone()) { watch_the_only_thread(seen, &stuck, &idle); continue; }
        pthread_mutex_lock(&speaking);
        remind();
        int decided = decide();
        pthread_mutex_unlock(&speaking);
        pause = decided ? LOOK_MIN_NS : pause < LOOK_MAX_NS ? pause * 2 : LOOK_MAX_NS;
        if (futex_wait(&page->kick, seen, pause) == 0 || errno == EAGAIN) pause = LOOK_MIN_NS;
    }
    return 0;
}

typedef int (*create_t)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
static create_t real_create(void) {
    static create_t real;
    if (!real) real = (create_t)dlsym(RTLD_NEXT, "pthread_create");
    return real;
}
int helper_start(void) {
    pthread_t thread;
    pthread_attr_t small;
    sigset_t all, old;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = real_create()(&thread, &small, help, 0);
    pthread_sigmask(SIG_SETMASK, &old, 0);
    return failed;
}

/* A thread that does nothing but read the clock hands over: time may pass elsewhere, and the timeout may strike. */
void spin(void) {
    lock_speaking();
    if (now_ns() - page->granted_ns > SPIN_NS) {
        if (!alone()) page->racing = 1;
        speak(1);
        if (!alone()) let_all_go();
    }
    pthread_mutex_unlock(&speaking);
}

/* New threads begin one at a time, when those before them are blocked; they are numbered by birth. */
typedef struct { void *(*routine)(void *); void *argument; slot_t *gate; uint32_t birth; } beginning_t;
static pthread_key_t at_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic uint32_t births = 1;

static void ended(void *unused) { (void)unused; threads--; kick(); }
static void make_key(void) { pthread_key_create(&at_end, ended); }
static void *begin(void *data) {
    beginning_t b = *(beginning_t *)data;
    free(data);
    my_birth = b.birth;
    pthread_setspecific(at_end, (void *)1);
    slot_t *gate = slot_take(now_ns(), 0);
    wait_hard(gate);
    return b.routine(b.argument);
}
int start_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument) {
    if (!active() || control < 0) return real_create()(thread, attributes, routine, argument);
    pthread_once(&once, make_key);
    beginning_t *b = malloc(sizeof *b);
    if (!b) return EAGAIN;
    *b = (beginning_t){routine, argument, 0, births++};
    threads++;
    int failed = real_create()(thread, attributes, begin, b);
    if (failed) { threads--; free(b); }
    kick();
    return failed;
}
