/* The ways to wait. Hard: only the simulator can end it. Soft: a descriptor, a semaphore or a condition may as well. */
#include "clock.h"
#include <signal.h>
#include <string.h>

static _Thread_local volatile sig_atomic_t interrupted;
static void note(int number) { (void)number; interrupted = 1; }

/* Blocked at all times but inside our own real waits, so that it can interrupt nothing else. */
void watch_signal(void) {
    struct sigaction action;
    sigset_t set;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    sigaction(WAKE_SIGNAL, &action, 0);
    sigemptyset(&set);
    sigaddset(&set, WAKE_SIGNAL);
    pthread_sigmask(SIG_BLOCK, &set, 0);
}

static void park(slot_t *slot) { while (slot->state == WAITING) futex_wait(&slot->state, WAITING, -1); }

/* Waits until the slot is ready, and frees it. */
void wait_hard(slot_t *slot) {
    if (alone()) {
        lock_speaking();
        while (!ready(slot)) speak(0);
        pthread_mutex_unlock(&speaking);
    } else {
        kick();
        park(slot);
    }
    slot_free(slot);
}

/* What one thread does may wake another (a lock, a pipe): that one waits until the first is blocked, or chance would
 * decide between them. Only threads of the process that speaks can wait so. */
static void wait_for_turn(slot_t *slot) {
    int number = errno;
    slot->soft = HARD; slot->ready = 1;
    kick();
    park(slot);
    errno = number;
}
/* Until it happened, failed, or the thread was let go. */
static int wait_once(slot_t *slot, int64_t slice_ns, attempt_t attempt, void *what) {
    int result = 0;
    while (!result && slot->state == WAITING) {
        if (alone()) {
            lock_speaking();
            if (!ready(slot)) speak(0);
            pthread_mutex_unlock(&speaking);
            result = attempt(0, what);
            if (ready(slot)) break;
            continue;
        }
        kick();
        interrupted = 0;
        result = attempt(slice_ns, what);
        if (result < 0 && errno == EINTR && interrupted) result = 0;
    }
    return result;
}
int wait_soft(int64_t deadline_ns, int64_t slice_ns, int in_turn, int soft, attempt_t attempt, void *what) {
    int before = errno, result = attempt(0, what);
    if (result || deadline_ns <= now_ns()) return result;
    slot_t *slot = slot_take(deadline_ns, soft);
    for (;;) {
        result = wait_once(slot, slice_ns, attempt, what);
        if (result > 0 && in_turn && control >= 0 && !alone()) wait_for_turn(slot);
        if (!result || (result > 0 && soft == WATCHES)) result = attempt(0, what);   /* descriptors: all that can be seen by now */
        if (result || deadline_ns <= now_ns()) break;
        slot->ready = 0; slot->soft = soft;   /* it was for somebody else's sake */
        slot->state = WAITING;
    }
    int number = errno;
    slot_free(slot);
    errno = result < 0 ? number : before;   /* CPython waits again when it finds EINTR, whatever the result */
    return result;
}

void sleep_virtual(int64_t deadline_ns) {
    if (deadline_ns <= now_ns()) return;
    wait_hard(slot_take(deadline_ns, 0));
}
