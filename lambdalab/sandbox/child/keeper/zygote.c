/* The zygote's life, once it is warm: it makes blanks and hands them their assignments, in C alone.
 *
 * Python writes into the pages of whatever it runs. Would it run here between two forks, each environment before would be
 * left with its own copy of these pages, more than half a megabyte. So the zygote leaves Python when it is warm, and only
 * runtimes come back.
 */
#include "keeper.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define FDS_MAX 3

typedef struct { uint32_t id; pid_t pid; int socket; } child_t;   /* socket: -1 once it is assigned */

static child_t *children;
static size_t used, room;
static int broker, own_pid_namespace;
static filter_t filter;

static void tell(uint32_t event, uint32_t id, int error) {
    event_t told = {event, id, error};
    if (send(broker, &told, sizeof told, MSG_NOSIGNAL) < 0) _exit(0);   /* the broker has gone, and all ends with us */
}

/* fork(2) into a fresh pid namespace. Returns 1 in a runtime that begins. */
static int make_blank(uint32_t id, const int *cgroups, int count) {
    int ends[2];
    if (used == room) {
        child_t *more = realloc(children, (room = room * 2 + 64) * sizeof *more);
        demand(more != 0, "memory of the zygote");
        children = more;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) { tell(FAILED, id, errno); return 0; }
    pid_t pid = unshare(CLONE_NEWPID) ? -1 : fork();   /* the next fork is pid 1 of a fresh pid namespace */
    if (pid == 0) return keep(ends[1], cgroups, count, filter);
    int number = errno;
    setns(own_pid_namespace, CLONE_NEWPID);
    close(ends[1]);
    if (pid < 0) { close(ends[0]); tell(FAILED, id, number); return 0; }
    children[used++] = (child_t){id, pid, ends[0]};
    tell(BLANK, id, 0);
    return 0;
}
static void assign(const order_t *order, const int *fds, int count) {
    for (size_t i = 0; i < used; i++) {
        child_t *child = &children[i];
        if (child->id != order->id || child->socket < 0) continue;
        int sent = send_with(child->socket, &order->assignment, sizeof order->assignment, fds, count);
        if (sent < 0) tell(FAILED, order->id, errno);
        close(child->socket);
        child->socket = -1;
        return;
    }
    tell(FAILED, order->id, ESRCH);
}
static void reap(void) {
    for (pid_t pid; (pid = waitpid(-1, 0, WNOHANG)) > 0;) {
        for (size_t i = 0; i < used; i++) {
            if (children[i].pid != pid) continue;
            if (children[i].socket >= 0) close(children[i].socket);
            tell(ENDED, children[i].id, 0);
            children[i] = children[--used];
            break;
        }
    }
}
/* Obeys one order. Returns 1 in a runtime that begins. */
static int obey(void) {
    order_t order;
    int fds[FDS_MAX], count = 0, begun = 0;
    ssize_t length = receive(broker, &order, sizeof order, fds, FDS_MAX);
    if (length <= 0) _exit(0);
    while (count < FDS_MAX && fds[count] >= 0) count++;
    if (length == sizeof order && order.order == BLANK) begun = make_blank(order.id, fds, count < CGROUPS_MAX ? count : CGROUPS_MAX);
    if (length == sizeof order && order.order == ASSIGN) assign(&order, fds, count);
    for (int i = 0; !begun && i < count; i++) close(fds[i]);
    return begun;
}

/* Called by Python, which has prepared itself for a fork. Returns in runtimes that begin, and nowhere else. */
EXPORT void zygote_serve(int broker_fd, const void *program, uint32_t length) {
    broker = broker_fd;
    filter = (filter_t){program, length};
    own_pid_namespace = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    demand(own_pid_namespace >= 0, "the pid namespace");
    shut_devices();
    struct pollfd both[] = {{broker, POLLIN, 0}, {watch_deaths(), POLLIN, 0}};
    tell(READY, 0, 0);
    for (;;) {
        if (poll(both, 2, -1) < 0) continue;
        if (both[1].revents) {
            struct signalfd_siginfo info;
            if (read(both[1].fd, &info, sizeof info) > 0) reap();
        }
        if (both[0].revents && obey()) return;
    }
}
