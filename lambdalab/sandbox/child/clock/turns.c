/* Turns out, answers in: frames on the control socket. Everything here runs while holding `speaking`, unless noted. */
#include "clock.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX (16u << 20)
#define MAGIC_TURN 0x4e525554u   /* "TURN" */
#define MAGIC_GO 0x20204f47u     /* "GO  " */

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
typedef struct { uint32_t id, thread, sequence, length, reply_length; int sent; char *body, *reply; slot_t *slot; } call_t;

static call_t calls[CALLS_MAX];
static int calls_used;
static uint32_t next_call = 1;
static char *event_frame;
static uint32_t event_length;
static slot_t *event_slot;
static int finished_kind = -1;
static char *finished_body;
static uint32_t finished_length;
static int64_t finished_at;

static void gone(void) { _exit(0); }   /* the worker has gone: nobody is left to play for */

static void put(const void *data, size_t length) {
    for (const char *p = data; length;) {
        ssize_t n = send(control, p, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) gone();
        p += n; length -= (size_t)n;
    }
}
static void get(void *data, size_t length) {
    for (char *p = data; length;) {
        ssize_t n = recv(control, p, length, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) gone();
        p += n; length -= (size_t)n;
    }
}
static char *get_new(uint32_t length) {
    if (length > FRAME_MAX) gone();
    char *data = malloc(length + 1u);
    if (!data) gone();
    get(data, length);
    return data;
}

static turn_t turn_now(int kind, uint32_t length) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    turn_t t = {.magic = MAGIC_TURN, .wake_ns = -1, .now_ns = now_ns(), .cpu_ns = (uint64_t)real_ns(CLOCK_PROCESS_CPUTIME_ID),
                .reads = (uint32_t)page->reads, .memory_kb = (uint32_t)usage.ru_maxrss, .racing = (uint32_t)page->racing,
                .finished = kind, .finished_length = length, .length = (uint32_t)sizeof t + length};
    page->reads = 0;
    return t;
}
static void put_turn(int spinning) {
    turn_t t = turn_now(finished_kind, finished_kind >= 0 ? finished_length : 0);
    int64_t wake = spinning && finished_kind < 0 ? now_ns() : earliest();
    t.wake_ns = wake == NEVER ? -1 : wake;
    for (int i = 0; i < calls_used; i++) if (calls[i].id && !calls[i].sent) { t.calls++; t.length += (uint32_t)sizeof(call_head_t) + calls[i].length; }
    put(&t, sizeof t);
    put(finished_body, t.finished_length);
    for (int i = 0; i < calls_used; i++) {
        call_t *c = &calls[i];
        if (!c->id || c->sent) continue;
        call_head_t head = {c->id, c->thread, c->sequence, c->length};
        put(&head, sizeof head);
        put(c->body, c->length);
        c->sent = 1;
    }
    free(finished_body);
    finished_body = 0; finished_kind = -1;
}
static void get_reply(void) {
    reply_head_t head;
    get(&head, sizeof head);
    char *body = get_new(head.length);
    for (int i = 0; i < calls_used; i++) {
        if (calls[i].id != head.id || calls[i].reply) continue;
        calls[i].reply = body; calls[i].reply_length = head.length; calls[i].slot->ready = 1;
        return;
    }
    free(body);
}
/* Sends one turn and takes the answer. */
int speak(int spinning) {
    put_turn(spinning);
    go_t go;
    get(&go, sizeof go);
    if (go.magic != MAGIC_GO) gone();
    if (go.event_length) {
        free(event_frame);
        event_frame = get_new(go.event_length);
        event_length = go.event_length;
        if (event_slot) event_slot->ready = 1;
    }
    for (uint32_t i = 0; i < go.replies; i++) get_reply();
    if (go.now_ns > now_ns()) page->now_ns = go.now_ns;
    page->granted_ns = now_ns();
    if (helper_sleeps) kick();
    return 0;
}

/* Holding nothing: how INIT or an invocation finished goes out with the next turn. Returns the slot of the next event. */
slot_t *say_finished(int kind, const char *body, uint32_t length) {
    lock_speaking();
    free(finished_body);
    finished_body = malloc(length + 1u);
    if (!finished_body) gone();
    memcpy(finished_body, body, length);
    finished_kind = kind; finished_length = length; finished_at = real_ns(CLOCK_MONOTONIC);
    slot_t *slot = event_slot = slot_take(NEVER, 0);
    pthread_mutex_unlock(&speaking);
    return slot;
}
int64_t finished_since(void) { return finished_kind < 0 ? NEVER : finished_at; }

/* A last turn that nobody answers: the process is about to end. */
void last_words(int kind, const char *body, uint32_t length) {
    turn_t t = turn_now(kind, length);
    put(&t, sizeof t);
    put(body, length);
}

char *take_event(uint32_t *length) {
    char *frame = event_frame;
    *length = event_length;
    event_frame = 0; event_slot = 0;
    return frame;
}

/* Holding nothing: an AWS call leaves with the next turn; the thread goes on when its answer is here. -1: too many. */
int64_t make_call(const char *body, uint32_t length, char **reply) {
    call_t *call = 0;
    char *copy = malloc(length + 1u);
    lock_speaking();
    slot_t *slot = slot_take(NEVER, 0);
    for (int i = 0; copy && i < CALLS_MAX && !call; i++) if (!calls[i].id) { call = &calls[i]; if (i >= calls_used) calls_used = i + 1; }
    if (call) {
        memcpy(copy, body, length);
        *call = (call_t){.id = next_call++, .thread = my_birth, .sequence = ++my_sequence, .length = length, .body = copy, .slot = slot};
    }
    if (!call) slot_free(slot);
    pthread_mutex_unlock(&speaking);
    if (!call) { free(copy); return -1; }
    wait_hard(slot);
    lock_speaking();
    int64_t n = call->reply_length;
    *reply = call->reply;
    free(call->body);
    memset(call, 0, sizeof *call);
    pthread_mutex_unlock(&speaking);
    return n;
}
