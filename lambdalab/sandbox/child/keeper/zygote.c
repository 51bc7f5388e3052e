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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define FDS_MAX 3

typedef struct {
    uint32_t id;
    pid_t pid;
    int socket;     /* to its keeper, or -1 once it is assigned */
    int mounts;     /* its mount namespace, or -1 while the keeper makes it and once it is assigned */
    int fds[2];     /* the life socket and the log pipe of an assignment that waits for the keeper, or -1 */
    assignment_t assignment;
} child_t;

static child_t *children;
static struct pollfd *watched;   /* the broker, deaths, and the keepers that make their blanks */
static size_t used, room;
static int broker, own_pid_namespace, own_mounts;
static filter_t filter;
static ranges_t used_pages;

static void tell(uint32_t event, uint32_t id, int error) {
    event_t told = {event, id, error};
    if (send(broker, &told, sizeof told, MSG_NOSIGNAL) < 0) _exit(0);   /* the broker has gone, and all ends with us */
}

static void make_room(void) {
    room = room * 2 + 64;
    children = realloc(children, room * sizeof *children);
    watched = realloc(watched, (room + 2) * sizeof *watched);
    demand(children && watched, "memory of the zygote");
}
static void let_go(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}
static void forget(child_t *child) {
    let_go(&child->socket); let_go(&child->mounts); let_go(&child->fds[0]); let_go(&child->fds[1]);
}

/* fork(2) into a fresh pid namespace. Returns 1 in a runtime that begins. */
static int make_blank(uint32_t id, const int *cgroups, int count) {
    int ends[2];
    if (used == room) make_room();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) { tell(FAILED, id, errno); return 0; }
    pid_t pid = unshare(CLONE_NEWPID) ? -1 : fork();   /* the next fork is pid 1 of a fresh pid namespace */
    if (pid == 0) return keep(ends[1], cgroups, count, filter, used_pages);
    int number = errno;
    setns(own_pid_namespace, CLONE_NEWPID);
    close(ends[1]);
    if (pid < 0) { close(ends[0]); tell(FAILED, id, number); return 0; }
    children[used++] = (child_t){id, pid, ends[0], -1, {-1, -1}, {0}};
    return 0;
}
/* Carries out an assignment. The keeper of one that cannot be is killed, and its end is told as every other. */
static void make_environment(child_t *child) {
    if (!mount_code_and_tmp(child->mounts, own_mounts, &child->assignment) ||
        send_with(child->socket, &child->assignment, sizeof child->assignment, child->fds, 2) < 0) {
        dprintf(2, "zygote: an environment: %s\n", strerror(errno));
        kill(child->pid, SIGKILL);
    }
    forget(child);
}
static void assign(const order_t *order, const int *fds) {
    for (size_t i = 0; i < used; i++) {
        child_t *child = &children[i];
        if (child->id != order->id || child->socket < 0 || child->fds[0] >= 0) continue;
        child->assignment = order->assignment;
        for (int which = 0; which < 2; which++) child->fds[which] = fcntl(fds[which], F_DUPFD_CLOEXEC, 0);
        if (child->mounts >= 0) make_environment(child);
        return;
    }
    tell(FAILED, order->id, ESRCH);
}
/* A keeper has made its blank, or has ended. */
static void hear(int socket) {
    child_t *child = children;
    while (child->socket != socket) child++;
    char made;
    if (receive(child->socket, &made, 1, &child->mounts, 1) <= 0 || child->mounts < 0) { forget(child); return; }
    tell(BLANK, child->id, 0);
    if (child->fds[0] >= 0) make_environment(child);
}
static void reap(void) {
    for (pid_t pid; (pid = waitpid(-1, 0, WNOHANG)) > 0;) {
        for (size_t i = 0; i < used; i++) {
            if (children[i].pid != pid) continue;
            forget(&children[i]);
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
    if (length == sizeof order && order.order == ASSIGN && count == 2) assign(&order, fds);
    for (int i = 0; !begun && i < count; i++) close(fds[i]);
    return begun;
}

static int watch(int deaths) {
    int count = 2;
    watched[0] = (struct pollfd){broker, POLLIN, 0};
    watched[1] = (struct pollfd){deaths, POLLIN, 0};
    for (size_t i = 0; i < used; i++)
        if (children[i].socket >= 0 && children[i].mounts < 0) watched[count++] = (struct pollfd){children[i].socket, POLLIN, 0};
    return count;
}

/* Called by Python, which has prepared itself for a fork. Returns in runtimes that begin, and nowhere else. */
EXPORT void zygote_serve(int broker_fd, const void *program, uint32_t length, const char *order, uint32_t order_length) {
    broker = broker_fd;
    filter = (filter_t){program, length};
    own_pid_namespace = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    own_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    demand(own_pid_namespace >= 0 && own_mounts >= 0, "the zygote's namespaces");
    shut_devices();
    make_room();
    if (scout(order, order_length, &used_pages)) return;
    int deaths = watch_deaths();
    tell(READY, 0, 0);
    for (;;) {
        int count = watch(deaths);
        if (poll(watched, count, -1) < 0) continue;
        for (int i = 2; i < count; i++)
            if (watched[i].revents) hear(watched[i].fd);
        if (watched[1].revents) {
            struct signalfd_siginfo info;
            if (read(deaths, &info, sizeof info) > 0) reap();
        }
        if (watched[0].revents && obey()) return;
    }
}
