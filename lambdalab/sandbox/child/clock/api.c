/* What the Python side calls (with ctypes, so without the interpreter lock), and how other processes join. */
#include "clock.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define STACK_BYTES (1u << 20)

static void in_fork(void) {   /* a forked child takes part with its waits, and never speaks */
    if (!active()) return;
    if (control >= 0) close(control);
    control = -1;
    pthread_mutex_init(&speaking, 0);
    threads = 1; real_waits = wanting = 0; helper_tid = 0;
}

/* A thread's stack is data to the kernel, all of it: the 1,024 that Lambda allows must fit below the limit of data. */
static void small_stacks(void) {
    pthread_attr_t usual;
    if (pthread_getattr_default_np(&usual)) return;
    pthread_attr_setstacksize(&usual, STACK_BYTES);
    pthread_setattr_default_np(&usual);
    pthread_attr_destroy(&usual);
}

EXPORT int clock_open(int64_t now, int64_t epoch, uint64_t seed, int processors, int socket_fd) {
    if (page_open(1)) return -1;
    page->epoch_ns = epoch; page->now_ns = page->granted_ns = now; page->random = seed;
    page->processors = processors;
    control = socket_fd;
    watch_signal();
    small_stacks();
    pthread_atfork(0, 0, in_fork);
    setenv("LD_PRELOAD", SHIM_PATH, 1);
    page->on = 1;
    return helper_start();
}
/* Makes an AWS call and waits for its answer; returns the reply's length, -1: too many, -2: not in this process. */
EXPORT int64_t clock_call(const char *body, uint32_t length, char **reply) {
    return control < 0 ? -2 : make_call(body, length, reply);
}
/* Reports how INIT or an invocation ended and waits for the next event; returns the event's length. */
EXPORT int64_t clock_next(int kind, const char *body, uint32_t length, char **event) {
    uint32_t got;
    if (control < 0) _exit(0);   /* a forked copy of the handler came to its end */
    wait_hard(say_finished(kind, body, length));
    *event = take_event(&got);
    return got;
}
EXPORT void clock_last(int kind, const char *body, uint32_t length) { if (control >= 0) last_words(kind, body, length); }
EXPORT void clock_free(char *pointer) { free(pointer); }

/* A program started by the runtime finds the page by its path. */
__attribute__((constructor)) static void join(void) {
    if (page || access(PAGE_PATH, F_OK) || page_open(0)) return;
    page->processes = 1; page->racing = 1;
    watch_signal();
    small_stacks();
    pthread_atfork(0, 0, in_fork);
}
