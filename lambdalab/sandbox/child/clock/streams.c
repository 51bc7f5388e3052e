/* Bytes to and from the outside: datagrams, and connections that the simulator has let through.
 *
 * Such a connection ends at the gateway of the worker, by a real socket inside. When its bytes come is decided by the
 * simulator: each answer to a turn says how many have come so far (`due`). So a read gives exactly those, however fast
 * the worker writes them: it waits, in real time, for what is due, and in virtual time for more. A write always takes
 * everything, since the worker reads all the time; how much was written leaves with the turn, so that the worker knows
 * that it has seen it all before it answers.
 */
#include "clock.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define DATAGRAM_MAX 65507
#define HELLO 0x3154454eu   /* "NET1": the first word of a connection, then its number */
#define PATIENCE_NS NS_PER_S

static ssize_t failed(int number) { errno = number; return -1; }

/* Waits in real time; the worker is expected to move. */
static int real_poll(int fd, int events, int64_t ns) {
    struct pollfd p = {fd, (short)events, 0};
    struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
    long result;
    do result = syscall(SYS_ppoll, &p, 1, &t, NULL, 8); while (result < 0 && errno == EINTR);
    return (int)result;
}
int stream_open(net_t *n, int fd) {
    uint32_t hello[2] = {HELLO, n->id};
    long sent = syscall(SYS_sendto, fd, hello, sizeof hello, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
    return sent == sizeof hello ? 0 : ECONNREFUSED;
}
/* What is due can be seen: poll, select and epoll find the socket readable. */
void stream_settle(net_t *n) {
    if (n->due <= n->received && !n->closed) return;
    real_waits++;
    real_poll(n->fd, POLLIN, PATIENCE_NS);
    real_waits--;
}
static net_t *stream_of(int fd) {
    net_t *n = net_of(fd);
    return n && n->kind == CONNECT && n->state == NET_OPEN ? n : 0;
}
static int blocks(int fd, int flags) { return !(flags & MSG_DONTWAIT) && !(fcntl(fd, F_GETFL) & O_NONBLOCK); }
static int64_t limit_of(int fd) {
    struct timeval limit = {0, 0};
    socklen_t length = sizeof limit;
    syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &length);
    int64_t ns = limit.tv_sec * NS_PER_S + limit.tv_usec * 1000LL;
    return ns ? now_ns() + ns : NEVER;
}

/* ---- reading ---- */
static ssize_t take(net_t *n, int fd, char *data, size_t length, int flags) {
    size_t got = 0, most = n->due - n->received < length ? n->due - n->received : length;
    real_waits++;
    while (got < most) {
        ssize_t part = syscall(SYS_recvfrom, fd, data + got, most - got, flags | MSG_DONTWAIT, NULL, NULL);
        if (part > 0) { got += (size_t)part; if (flags & MSG_PEEK) break; continue; }
        if (part == 0 || errno != EAGAIN || real_poll(fd, POLLIN, PATIENCE_NS) != 1) break;
    }
    real_waits--;
    if (!(flags & MSG_PEEK)) n->received += got;
    return got ? (ssize_t)got : syscall(SYS_recvfrom, fd, data, length, flags | MSG_DONTWAIT, NULL, NULL);
}
static ssize_t stream_read(net_t *n, int fd, void *data, size_t length, int flags) {
    int64_t deadline = limit_of(fd);
    if (!length) return 0;
    while (n->due <= n->received) {
        if (n->closed) { stream_settle(n); return syscall(SYS_recvfrom, fd, data, length, flags, NULL, NULL); }
        if (!blocks(fd, flags) || deadline <= now_ns()) return failed(EAGAIN);
        if (poll_until_ready(fd, POLLIN, deadline) < 0) return -1;
    }
    return take(n, fd, data, length, flags);
}
EXPORT ssize_t recvfrom(int fd, void *restrict data, size_t length, int flags, struct sockaddr *restrict from,
                         socklen_t *restrict from_length) {
    net_t *n = stream_of(fd);
    if (n) return stream_read(n, fd, data, length, flags);
    return syscall(SYS_recvfrom, fd, data, length, flags, from, from_length);
}
EXPORT ssize_t recv(int fd, void *data, size_t length, int flags) { return recvfrom(fd, data, length, flags, 0, 0); }
EXPORT ssize_t read(int fd, void *data, size_t length) {
    net_t *n = stream_of(fd);
    return n ? stream_read(n, fd, data, length, 0) : syscall(SYS_read, fd, data, length);
}
EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
    net_t *n = stream_of(fd);
    if (!n || !message || !message->msg_iovlen) return syscall(SYS_recvmsg, fd, message, flags);
    message->msg_flags = 0; message->msg_controllen = 0;
    return stream_read(n, fd, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len, flags);
}
EXPORT ssize_t readv(int fd, const struct iovec *parts, int count) {
    net_t *n = stream_of(fd);
    if (!n || count < 1) return syscall(SYS_readv, fd, parts, count);
    return stream_read(n, fd, parts[0].iov_base, parts[0].iov_len, 0);
}

/* ---- writing ---- */
static ssize_t stream_write(net_t *n, int fd, const char *data, size_t length, int flags) {
    size_t sent = 0;
    ssize_t part = 0;
    real_waits++;
    while (sent < length) {
        part = syscall(SYS_sendto, fd, data + sent, length - sent, flags | MSG_DONTWAIT, NULL, 0);
        if (part > 0) sent += (size_t)part;
        else if (errno != EAGAIN || real_poll(fd, POLLOUT, 10 * PATIENCE_NS) != 1) break;
    }
    real_waits--;
    n->sent += sent;
    return sent || part >= 0 ? (ssize_t)sent : part;
}
static ssize_t stream_write_parts(net_t *n, int fd, const struct iovec *parts, size_t count, int flags) {
    ssize_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        ssize_t part = stream_write(n, fd, parts[i].iov_base, parts[i].iov_len, flags);
        if (part < 0) return sent ? sent : part;
        sent += part;
        if ((size_t)part < parts[i].iov_len) break;
    }
    return sent;
}

/* Is it a datagram for somebody outside? */
static int leaves(net_t *n, int fd, const struct sockaddr *to, socklen_t length, target_t *t) {
    int type = 0;
    socklen_t size = sizeof type;
    if (!active()) return 0;
    if (to) {
        syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size);
        return type == SOCK_DGRAM && net_is_outside(to, length, t);
    }
    if (!n || n->kind != PEER) return 0;
    *t = (target_t){n->address, n->port, n->mapped};
    return 1;
}
static ssize_t post(const target_t *to, const void *data, size_t length) {
    if (length > DATAGRAM_MAX) return failed(EMSGSIZE);
    if (control >= 0) post_datagram(to->address, to->port, data, (uint32_t)length);
    return (ssize_t)length;
}
EXPORT ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t to_length) {
    target_t t;
    net_t *n = net_of(fd);
    if (leaves(n, fd, to, to_length, &t)) return post(&t, data, length);
    if (n && n->kind == CONNECT && n->state == NET_OPEN) return stream_write(n, fd, data, length, flags);
    return syscall(SYS_sendto, fd, data, length, flags, to, to_length);
}
EXPORT ssize_t send(int fd, const void *data, size_t length, int flags) { return sendto(fd, data, length, flags, 0, 0); }
static ssize_t post_parts(const target_t *to, const struct msghdr *message) {
    size_t length = 0;
    char *data = malloc(DATAGRAM_MAX + 1);
    if (!data) return failed(ENOBUFS);
    for (size_t i = 0; i < message->msg_iovlen && length <= DATAGRAM_MAX; i++) {
        const struct iovec *part = &message->msg_iov[i];
        size_t fits = part->iov_len < DATAGRAM_MAX + 1 - length ? part->iov_len : DATAGRAM_MAX + 1 - length;
        memcpy(data + length, part->iov_base, fits);
        length += fits;
    }
    ssize_t result = post(to, data, length);
    free(data);
    return result;
}
EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    target_t t;
    net_t *n = net_of(fd);
    if (message && leaves(n, fd, message->msg_name, message->msg_namelen, &t)) return post_parts(&t, message);
    if (message && n && n->kind == CONNECT && n->state == NET_OPEN)
        return stream_write_parts(n, fd, message->msg_iov, message->msg_iovlen, flags);
    return syscall(SYS_sendmsg, fd, message, flags);
}
EXPORT ssize_t write(int fd, const void *data, size_t length) {
    net_t *n = page ? net_of(fd) : 0;
    return n ? sendto(fd, data, length, 0, 0, 0) : syscall(SYS_write, fd, data, length);
}
EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
    net_t *n = page ? net_of(fd) : 0;
    return n ? sendmsg(fd, &message, 0) : syscall(SYS_writev, fd, parts, count);
}
