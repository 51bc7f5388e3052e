/* Turns out, answers in: frames on the control socket. Everything here runs while holding `speaking`, unless noted. */
#include "clock.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAME_MAX (16u << 20)
#define DATAGRAMS_MAX 256          /* in one turn; more are lost, as on a busy network */
#define DATAGRAM_BYTES (1u << 20)  /* of all of them */
#define MAGIC_TURN 0x4e525554u   /* "TURN" */
#define MAGIC_GO 0x20204f47u     /* "GO  " */

typedef struct __attribute__((packed)) {
    uint32_t magic, length;
    int64_t wake_ns, now_ns;
    uint64_t cpu_ns;
    uint32_t reads, memory_kb, racing;
    int32_t finished;
    uint32_t finished_length, calls, connects, streams, closed;
} turn_t;
typedef struct __attribute__((packed)) { uint32_t id, thread, sequence, length; } call_head_t;
typedef struct __attribute__((packed)) {
    uint32_t id, thread, sequence, address, name_length, data_length;
    uint16_t port;
    uint8_t kind, unused;
} connect_head_t;
typedef struct __attribute__((packed)) { uint32_t id; uint64_t sent; } stream_head_t;
typedef struct __attribute__((packed)) { int32_t error; uint32_t address; } decision_t;
typedef struct __attribute__((packed)) { uint64_t due; int32_t closed, unused; } arrival_t;
typedef struct __attribute__((packed)) { uint32_t magic, length; int64_t now_ns; uint32_t event_length, replies; } go_t;
typedef struct __attribute__((packed)) { uint32_t id, length; } reply_head_t;
typedef struct { uint32_t id, thread, sequence, length, reply_length; int sent; char *body, *reply; slot_t *slot; } call_t;

typedef struct { connect_head_t head; char *data; } datagram_t;

static datagram_t datagrams[DATAGRAMS_MAX];
static uint32_t datagrams_used, datagram_bytes;
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
        ssize_t n = syscall(SYS_sendto, control, p, length, MSG_NOSIGNAL, NULL, 0);
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
static void count_calls(turn_t *t) {
    for (int i = 0; i < calls_used; i++) if (calls[i].id && !calls[i].sent) { t->calls++; t->length += (uint32_t)sizeof(call_head_t) + calls[i].length; }
}
static void put_calls(void) {
    for (int i = 0; i < calls_used; i++) {
        call_t *c = &calls[i];
        if (!c->id || c->sent) continue;
        call_head_t head = {c->id, c->thread, c->sequence, c->length};
        put(&head, sizeof head);
        put(c->body, c->length);
        c->sent = 1;
    }
}
/* What other processes ask for may come between counting and sending: it leaves with the next turn. */
static void count_connects(turn_t *t) {
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        if (n->state != NET_ASKED) continue;
        n->id = next_call++;
        t->connects++; t->length += (uint32_t)(sizeof(connect_head_t) + strnlen(n->name, NAME_BYTES));
    }
    t->connects += datagrams_used;
    t->length += datagrams_used * (uint32_t)sizeof(connect_head_t) + datagram_bytes;
}
static void put_connects(void) {
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        if (n->state != NET_ASKED || !n->id) continue;
        connect_head_t head = {n->id, n->thread, n->sequence, n->address, (uint32_t)strnlen(n->name, NAME_BYTES), 0,
                               (uint16_t)n->port, (uint8_t)n->kind, 0};
        put(&head, sizeof head);
        put(n->name, head.name_length);
        n->state = NET_SENT;
    }
    for (uint32_t i = 0; i < datagrams_used; i++) {
        put(&datagrams[i].head, sizeof datagrams[i].head);
        put(datagrams[i].data, datagrams[i].head.data_length);
        free(datagrams[i].data);
    }
    datagrams_used = datagram_bytes = 0;
}
/* How much was written to connections so far, where that is news. `told` stays as it was until it is sent. */
static uint64_t news[NET_MAX];
static void count_streams(turn_t *t) {
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        news[i] = n->kind == CONNECT && n->state == NET_OPEN && n->sent != n->told ? (uint64_t)n->sent : 0;
        if (news[i]) { t->streams++; t->length += (uint32_t)sizeof(stream_head_t); }
    }
}
static void put_streams(void) {
    for (int i = 0; i < page->nets; i++) {
        if (!news[i]) continue;
        stream_head_t head = {page->net[i].id, news[i]};
        put(&head, sizeof head);
        page->net[i].told = news[i];
        news[i] = 0;
    }
}
/* Connections that were let through and whose sockets nobody holds any more. */
static uint32_t closed[NET_MAX];
static uint32_t closed_used;
void note_closed(net_t *n) {
    if (closed_used < NET_MAX) closed[closed_used++] = n->id;
    net_release(n);
}
static void count_closed(turn_t *t) {
    for (int i = 0; i < page->nets; i++) if (net_is_over(&page->net[i])) note_closed(&page->net[i]);
    t->closed = closed_used;
    t->length += closed_used * (uint32_t)sizeof *closed;
}
static void put_closed(void) {
    put(closed, closed_used * sizeof *closed);
    closed_used = 0;
}
static void put_turn(int spinning) {
    turn_t t = turn_now(finished_kind, finished_kind >= 0 ? finished_length : 0);
    int64_t wake = spinning && finished_kind < 0 ? now_ns() : earliest();
    t.wake_ns = wake == NEVER ? -1 : wake;
    count_calls(&t);
    count_connects(&t);
    count_closed(&t);
    count_streams(&t);
    put(&t, sizeof t);
    put(finished_body, t.finished_length);
    put_calls();
    put_connects();
    put_streams();
    put_closed();
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
    decision_t decision;
    if (head.length == sizeof decision) {
        memcpy(&decision, body, sizeof decision);
        net_decide(head.id, decision.error, decision.address);
    }
    arrival_t arrival;
    if (head.length == sizeof arrival) {
        memcpy(&arrival, body, sizeof arrival);
        net_receive(head.id, arrival.due, arrival.closed);
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

/* Holding nothing: a datagram leaves with the next turn, and nobody says whether it arrived. */
void post_datagram(uint32_t address, uint32_t port, const void *data, uint32_t length) {
    char *copy = malloc(length + 1u);
    if (!copy) return;
    memcpy(copy, data, length);
    lock_speaking();
    if (datagrams_used < DATAGRAMS_MAX && datagram_bytes + length <= DATAGRAM_BYTES) {
        connect_head_t head = {next_call++, my_birth, ++my_sequence, address, 0, length, (uint16_t)port, DATAGRAM, 0};
        datagrams[datagrams_used++] = (datagram_t){head, copy};
        datagram_bytes += length;
        copy = 0;
    }
    pthread_mutex_unlock(&speaking);
    free(copy);
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
