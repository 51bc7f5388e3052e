/* The network: what a process asks of the world outside its environment is part of the turn.
 *
 * A look-up or a TCP connect takes an entry of the page (any process of the environment may), leaves with the next turn,
 * and is decided by the simulator. What is inside (127.0.0.0/8, ::1, Unix sockets) stays real; so does IPv6, to which
 * there is no route. Datagrams leave with the turn too, from the runtime's own process; nobody answers them.
 *
 * A connect that does not block must look like one until it is decided, to poll, select and epoll alike. So its socket
 * really connects, into the dark: to a listener of ours inside whose queue is full, so that Linux drops every attempt.
 * When the decision is here, whoever waits for descriptors in that process takes the socket out of the dark and lets it
 * fail, or connects it to the gateway (streams.c). Entries know their socket by its inode, so copies of a descriptor and
 * forked children are no special case.
 */
#include "clock.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define DESCRIPTORS 1024
#define HIGH_FD 900   /* our own descriptor stays out of the way of those who count theirs */

static int failed(int number) { errno = number; return -1; }

/* ---- entries ---- */
static uint64_t inode_of(int fd) {
    struct stat s;
    return fstat(fd, &s) || !S_ISSOCK(s.st_mode) ? 0 : s.st_ino;
}
void net_release(net_t *n) { n->inode = 0; n->slot = 0; n->state = NET_FREE; }
/* A copy of the descriptor may have outlived it. */
static int has_moved(net_t *n) {
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        if (inode_of(fd) != n->inode) continue;
        n->fd = fd;
        return 1;
    }
    return 0;
}
static int is_open(net_t *n) { return n->inode && (inode_of(n->fd) == n->inode || has_moved(n)); }
static int is_gone(net_t *n) {
    if (n->pid != getpid()) return kill(n->pid, 0) && errno == ESRCH;
    return !n->slot && !is_open(n);
}
/* Holding `speaking`, in the process that speaks. */
int net_is_over(net_t *n) {
    int through = n->state == NET_OPEN || (n->state == NET_DECIDED && !n->error);
    return n->kind == CONNECT && through && is_gone(n);
}
/* What was asked may be leaving with a turn just now; not while this lock is held, in the process that speaks.
 * The worker hears of connections that are over; other processes leave them to the one that speaks. */
static void collect(void) {
    lock_speaking();
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        if (n->state <= (control >= 0 && n->pid == getpid() ? NET_TAKEN : NET_ASKED) || !is_gone(n)) continue;
        if (!net_is_over(n)) net_release(n);
        else if (control >= 0) note_closed(n);
    }
    pthread_mutex_unlock(&speaking);
}
static net_t *take_free(void) {
    for (int i = 0; i < NET_MAX; i++) {
        int32_t empty = NET_FREE;
        if (!atomic_compare_exchange_strong(&page->net[i].state, &empty, NET_TAKEN)) continue;
        for (int32_t used = page->nets; used <= i && !atomic_compare_exchange_weak(&page->nets, &used, i + 1);) {}
        return &page->net[i];
    }
    return 0;
}
net_t *net_entry(int kind, int fd, const target_t *to) {
    net_t *n = take_free();
    if (!n) { collect(); n = take_free(); }
    if (!n) return 0;
    n->id = n->error = n->slot = 0;
    n->kind = kind; n->thread = my_birth; n->sequence = ++my_sequence; n->pid = getpid(); n->fd = fd;
    n->inode = fd < 0 ? 0 : inode_of(fd);
    n->address = to ? to->address : 0; n->port = to ? to->port : 0; n->mapped = to ? to->mapped : 0;
    n->sent = n->told = n->due = n->received = 0; n->closed = 0;
    n->name[0] = 0;
    return n;
}
net_t *net_of(int fd) {
    if (!active() || !page->nets) return 0;
    uint64_t inode = inode_of(fd);
    for (int i = 0; inode && i < page->nets; i++) {
        net_t *n = &page->net[i];
        if (n->state > NET_TAKEN && n->inode == inode) return n;
    }
    return 0;
}
/* Waits for the decision; 0 when the deadline was first. */
int net_ask(net_t *n, int64_t deadline_ns) {
    slot_t *slot = slot_take(deadline_ns, HARD);
    n->slot = (int32_t)(slot - page->slot) + 1;
    n->state = NET_ASKED;
    wait_hard(slot);
    return n->state == NET_DECIDED;
}
/* Holding `speaking`: the simulator has decided. Wakes who waits for it: one thread, or all that watch descriptors. */
void net_decide(uint32_t id, int32_t error, uint32_t address) {
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        if (n->id != id || n->state != NET_SENT) continue;
        n->error = error;
        if (n->kind == LOOKUP) n->address = address;
        n->state = NET_DECIDED;
        if (n->slot) page->slot[(n->slot - 1) % SLOTS].ready = 1; else wake_watchers(n->pid);
        return;
    }
}

/* Holding `speaking`: more bytes have come for a connection, or its end. */
void net_receive(uint32_t id, uint64_t due, int32_t closed) {
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        if (n->id != id || n->kind != CONNECT || n->state == NET_FREE) continue;
        n->due = due; n->closed = closed;
        wake_watchers(n->pid);
        return;
    }
}

/* ---- connects ---- */
int net_is_outside(const struct sockaddr *to, socklen_t length, target_t *t) {
    const struct sockaddr_in *four = (const void *)to;
    const struct sockaddr_in6 *six = (const void *)to;
    if (to && length >= sizeof *four && to->sa_family == AF_INET)
        *t = (target_t){ntohl(four->sin_addr.s_addr), ntohs(four->sin_port), 0};
    else if (to && length >= sizeof *six && to->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        uint32_t last;
        memcpy(&last, &six->sin6_addr.s6_addr[12], 4);
        *t = (target_t){ntohl(last), ntohs(six->sin6_port), 1};
    } else return 0;
    return t->address && t->address >> 24 != 127;
}
static socklen_t address_of(const target_t *t, struct sockaddr_in6 *out) {
    memset(out, 0, sizeof *out);
    if (!t->mapped) {
        struct sockaddr_in *four = (void *)out;
        *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(t->port), .sin_addr = {htonl(t->address)}};
        return sizeof *four;
    }
    uint32_t last = htonl(t->address);
    out->sin6_family = AF_INET6; out->sin6_port = htons(t->port);
    memset(&out->sin6_addr.s6_addr[10], 0xff, 2);
    memcpy(&out->sin6_addr.s6_addr[12], &last, 4);
    return sizeof *out;
}
static int raw_connect(int fd, const struct sockaddr *to, socklen_t length) {
    return (int)syscall(SYS_connect, fd, to, length);
}
static int raw_option(int fd, int option, void *value, socklen_t *length) {
    return (int)syscall(SYS_getsockopt, fd, SOL_SOCKET, option, value, length);
}
static int number_of(int fd, int option) {
    int value = 0;
    socklen_t length = sizeof value;
    return raw_option(fd, option, &value, &length) ? 0 : value;
}
/* A listener whose queue is full: one connection waits in it, and nobody will ever accept it. Returns its port, or 0. */
static uint16_t dig_hole(void) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timespec second = {1, 0};
    socklen_t length = sizeof own;
    int low = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int hole = fcntl(low, F_DUPFD_CLOEXEC, HIGH_FD), made = 0;
    if (hole >= 0 && !bind(hole, (void *)&own, length) && !listen(hole, 0) && !getsockname(hole, (void *)&own, &length)) {
        struct pollfd waiting = {first, POLLOUT, 0};
        raw_connect(first, (void *)&own, length);
        made = syscall(SYS_ppoll, &waiting, 1, &second, NULL, 8) == 1;
    }
    if (low >= 0) close(low);
    if (first >= 0) close(first);
    return made ? ntohs(own.sin_port) : 0;
}
static int in_the_dark(int fd, int mapped) {
    static _Atomic uint16_t port;
    struct sockaddr_in6 to;
    if (!port) port = dig_hole();
    if (!port) return failed(ENOBUFS);
    target_t hole = {INADDR_LOOPBACK, port, mapped};
    socklen_t length = address_of(&hole, &to);
    return raw_connect(fd, (void *)&to, length);
}
static int enter(net_t *n, int fd) {
    struct sockaddr_in6 to;
    struct pollfd connecting = {fd, POLLOUT, 0};
    struct timespec second = {1, 0};
    target_t gateway = {INADDR_LOOPBACK, GATEWAY_PORT, n->mapped};
    socklen_t length = address_of(&gateway, &to);
    if (raw_connect(fd, (void *)&to, length)) {
        if (errno != EINPROGRESS) return errno;
        if (syscall(SYS_ppoll, &connecting, 1, &second, NULL, 8) != 1) return ETIMEDOUT;
    }
    int error = number_of(fd, SO_ERROR);
    return error ? error : stream_open(n, fd);
}
/* Out of the dark. A socket that is not connected shows itself writable and hung up, as one that was refused does. */
static void carry_out(net_t *n) {
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    raw_connect(n->fd, &nowhere, sizeof nowhere);
    if (!n->error) { number_of(n->fd, SO_ERROR); n->error = enter(n, n->fd); }
    n->state = n->error ? NET_FAILED : NET_OPEN;
}
void net_settle(void) {
    for (int i = 0; i < page->nets; i++) {
        net_t *n = &page->net[i];
        int32_t decided = NET_DECIDED;
        if (n->kind != CONNECT || n->pid != getpid()) continue;
        if (n->state == NET_OPEN && is_open(n)) stream_settle(n);
        if (n->slot) continue;
        if (!atomic_compare_exchange_strong(&n->state, &decided, NET_TAKEN)) continue;
        if (is_open(n)) carry_out(n); else net_release(n);
    }
}
static int take_error(net_t *n) {
    int error = n->error;
    number_of(n->fd, SO_ERROR);   /* the kernel has noted one of its own */
    net_release(n);
    return error;
}
static int connect_again(net_t *n) {
    net_settle();
    if (n->state == NET_FAILED) return failed(take_error(n));
    return failed(n->state == NET_OPEN ? EISCONN : EALREADY);
}
static int connect_without_blocking(net_t *n) {
    int result = in_the_dark(n->fd, n->mapped);
    if (result == 0 || errno != EINPROGRESS) { net_release(n); return result ? -1 : failed(EISCONN); }
    n->state = NET_ASKED;
    return failed(EINPROGRESS);
}
static int connect_blocking(net_t *n) {
    struct timeval limit = {0, 0};
    socklen_t length = sizeof limit;
    raw_option(n->fd, SO_SNDTIMEO, &limit, &length);
    int64_t ns = limit.tv_sec * NS_PER_S + limit.tv_usec * 1000LL;
    if (!net_ask(n, ns ? now_ns() + ns : NEVER)) { n->inode = 0; n->slot = 0; return failed(EINPROGRESS); }
    int error = n->error ? n->error : enter(n, n->fd);
    n->slot = 0;
    n->state = NET_OPEN;
    if (!error) return 0;
    net_release(n);
    return failed(error);
}
/* A datagram socket remembers its peer. */
static int connect_datagrams(int fd, const target_t *to) {
    net_t *n = net_of(fd);
    if (n) net_release(n);
    if (!(n = net_entry(PEER, fd, to))) return failed(ENOBUFS);
    n->state = NET_OPEN;
    return 0;
}
EXPORT int connect(int fd, const struct sockaddr *to, socklen_t length) {
    target_t t;
    net_t *n = active() ? net_of(fd) : 0;
    if (!active() || !net_is_outside(to, length, &t)) {
        if (n && n->state != NET_ASKED) net_release(n);   /* it goes elsewhere, or lets go */
        return raw_connect(fd, to, length);
    }
    int type = number_of(fd, SO_TYPE);
    if (type == SOCK_DGRAM) return connect_datagrams(fd, &t);
    if (type != SOCK_STREAM) return raw_connect(fd, to, length);
    if (n) return connect_again(n);
    if (!(n = net_entry(CONNECT, fd, &t))) return failed(EAGAIN);
    return fcntl(fd, F_GETFL) & O_NONBLOCK ? connect_without_blocking(n) : connect_blocking(n);
}
EXPORT int getsockopt(int fd, int level, int option, void *restrict value, socklen_t *restrict length) {
    net_t *n = level == SOL_SOCKET && option == SO_ERROR ? net_of(fd) : 0;
    if (n) net_settle();
    if (!n || n->state != NET_FAILED || !value || !length || *length < sizeof(int))
        return (int)syscall(SYS_getsockopt, fd, level, option, value, length);
    *length = sizeof(int);
    *(int *)value = take_error(n);
    return 0;
}
EXPORT int getpeername(int fd, struct sockaddr *restrict out, socklen_t *restrict length) {
    net_t *n = net_of(fd);
    if (!n || n->state != NET_OPEN) return (int)syscall(SYS_getpeername, fd, out, length);
    struct sockaddr_in6 peer;
    target_t t = {n->address, n->port, n->mapped};
    socklen_t whole = address_of(&t, &peer);
    memcpy(out, &peer, *length < whole ? *length : whole);
    *length = whole;
    return 0;
}
