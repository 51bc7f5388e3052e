/* The life of an environment: blank, assigned, started, killed, started again. */
#include "keeper.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT char keeper_order[ORDER_MAX];
EXPORT int keeper_order_length, keeper_control_fd, keeper_log_fd;

static assignment_t assignment;
static int life = -1, log_fd = -1;
static pid_t current;          /* the runtime, or 0 */
static int waiting = -1;       /* the socket on which the first runtime waits to be told, or -1 */

static void tell(report_t report) { send(life, &report, sizeof report, MSG_NOSIGNAL); }

/* ---- runtimes ---- */

/* In the runtime's process: a confined one, about to go back to Python. */
static int begin(const char *order, ssize_t length, int control_fd) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    if (keeper_order != order) memcpy(keeper_order, order, (size_t)length);
    keeper_order_length = (int)length; keeper_control_fd = control_fd; keeper_log_fd = log_fd;
    int keep[] = {0, 1, 2, control_fd < log_fd ? control_fd : log_fd, control_fd < log_fd ? log_fd : control_fd};
    close_all_but(keep, 5);
    limit_runtime(&assignment);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);   /* the keeper reads how much memory its children share */
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);   /* if memory runs out, then this one */
    if (fd >= 0) { if (write(fd, "900", 3) < 0) {} close(fd); }
    return 1;
}
/* Faults that would otherwise come one by one, in the time until the environment is ready. A kernel before 5.14 refuses. */
static void touch(ranges_t used) {
    for (size_t i = 0; i < used.count; i++) madvise((void *)(uintptr_t)used.first[i].start, used.first[i].size, (int)used.first[i].advice);
}
/* The first runtime is forked while the keeper is blank; it waits for its order and its limits. */
static int wait_to_begin(int told, ranges_t used) {
    int fds[2];
    int keep[] = {0, 1, 2, told};
    close_all_but(keep, 4);
    touch(used);
    if (receive(told, &assignment, sizeof assignment, fds, 2) != sizeof assignment) _exit(0);
    ssize_t length = receive(told, keeper_order, sizeof keeper_order, 0, 0);
    if (length <= 0) _exit(0);
    log_fd = fds[1];
    return begin(keeper_order, length, fds[0]);
}
/* Lets the waiting runtime begin, or forks another one. Returns 1 in a forked runtime. */
static int start(const char *order, ssize_t length, int control_fd) {
    if (waiting < 0) {
        current = fork();
        demand(current >= 0, "another runtime");
        if (current == 0) { close(life); return begin(order, length, control_fd); }
    } else {
        int fds[] = {control_fd, log_fd};
        demand(send_with(waiting, &assignment, sizeof assignment, fds, 2) >= 0 && send_with(waiting, order, (size_t)length, 0, 0) >= 0, "an order to the first runtime");
        close(waiting);
        waiting = -1;
    }
    close(control_fd);
    return 0;
}

/* ---- the keeper ---- */

static void note_usage(report_t *report, const struct rusage *used) {
    report->memory_kb = (uint32_t)used->ru_maxrss;
    report->cpu_us = (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000u + (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
}
static void kill_all(report_t *report) {   /* and wait until none is left */
    struct rusage used;
    for (pid_t pid; kill(-1, SIGKILL), (pid = wait4(-1, 0, 0, &used)) > 0 || errno == EINTR;)
        if (pid > 0 && pid == current) note_usage(report, &used);
    if (waiting >= 0) { close(waiting); waiting = -1; }
    current = 0;
}
/* Collects the dead; tells the worker when one of them was the runtime. */
static void reap(void) {
    struct rusage used;
    int status;
    for (pid_t pid; (pid = wait4(-1, &status, WNOHANG, &used)) > 0;) {
        if (pid != current) continue;
        current = 0;
        report_t report = {.event = EXIT, .code = WIFSIGNALED(status) ? -1 : WEXITSTATUS(status), .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
        note_usage(&report, &used);
        tell(report);
    }
}
/* Obeys one order of the worker. Returns 1 in a forked runtime. */
static int obey(const char *order, ssize_t length, int control_fd) {
    report_t done = {.event = DONE, .order = (uint8_t)order[0]};
    switch (order[0]) {
    case START: return start(order + 1, length - 1, control_fd);
    case KILL: kill_all(&done); break;
    case FREEZE: kill(-1, SIGSTOP); break;
    case THAW: kill(-1, SIGCONT); break;
    case MEASURE: {
        uint32_t limit_kb = 0;
        if (length >= 5) memcpy(&limit_kb, order + 1, 4);
        done.memory_kb = memory_kb(limit_kb);
    }
    }
    if (control_fd >= 0) close(control_fd);
    tell(done);
    return 0;
}
static int serve(int deaths, int gateway) {
    static char order[ORDER_MAX];
    struct pollfd both[] = {{life, POLLIN, 0}, {deaths, POLLIN, 0}};
    report_t ready = {.event = READY};
    demand(send_with(life, &ready, sizeof ready, &gateway, 1) >= 0, "the first report");
    close(gateway);
    for (;;) {
        if (poll(both, 2, -1) < 0) continue;
        if (both[1].revents) {
            struct signalfd_siginfo info;
            if (read(deaths, &info, sizeof info) > 0) reap();
        }
        if (both[0].revents) {
            int fd;
            ssize_t length = receive(life, order, sizeof order, &fd, 1);
            if (length <= 0) _exit(0);   /* the worker has gone */
            if (obey(order, length, fd)) return 1;
        }
    }
}
int watch_deaths(void) {
    sigset_t dead;
    sigemptyset(&dead);
    sigaddset(&dead, SIGCHLD);
    sigprocmask(SIG_BLOCK, &dead, 0);
    return signalfd(-1, &dead, SFD_CLOEXEC | SFD_NONBLOCK);
}
static void prepare_first_runtime(void) {
    int ends[2];
    demand(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "a socket");
    current = fork();
    demand(current >= 0, "the first runtime");
    waiting = current ? ends[0] : ends[1];
    close(current ? ends[1] : ends[0]);
}

/* A blank: everything that is the same for all environments. Then it waits for its assignment, for which the zygote gets
 * its mount namespace. Returns 1 in a runtime. */
int keep(int from_zygote, const int *cgroups, int count, filter_t filter, ranges_t used) {
    int open_fds[4 + CGROUPS_MAX] = {0, 1, 2};
    for (int i = 0; i < count; i++) demand(write(cgroups[i], "0", 1) == 1, "the control group");
    open_fds[3] = from_zygote;
    close_all_but(open_fds, 4);
    setsid();
    make_namespaces();
    int gateway = open_gateway(), mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), deaths = watch_deaths();
    demand(mounts >= 0, "the mount namespace");
    enter_user_namespace();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);   /* /proc/1 of the environment shows nothing to its own code */
    drop_rights(filter);
    prepare_first_runtime();
    if (!current) return wait_to_begin(waiting, used);
    int fds[2];
    if (send_with(from_zygote, "b", 1, &mounts, 1) != 1) _exit(0);
    close(mounts);
    if (receive(from_zygote, &assignment, sizeof assignment, fds, 2) != sizeof assignment || fds[1] < 0) _exit(0);
    close(from_zygote);
    life = fds[0]; log_fd = fds[1];
    limit_all(&assignment);
    return serve(deaths, gateway);
}
