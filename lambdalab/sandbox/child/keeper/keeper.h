/* The keeper: pid 1 of one execution environment. It makes the environment's world, drops every right, starts and kills
 * runtimes. It never runs a student's code.
 *
 * Theory of operation. When the zygote is warm it leaves Python for zygote_serve, which forks a keeper into a fresh pid
 * namespace for each blank that the broker orders. Both are C from there on: they touch next to none of the pages that
 * all share, so that an environment costs the memory of its runtime and little more. The keeper makes the namespaces,
 * drops its rights, and forks the first runtime, which touches the pages that runtimes use, and waits. So little is left to
 * do when an environment is asked for (a *blank* becomes one): the zygote, which has the rights, mounts code and /tmp, and
 * hands over the *assignment*, with two descriptors: the life socket, over which the worker gives orders, and the log pipe.
 * A runtime that is told to start limits itself and returns from zygote_serve into Python.
 *
 * When the worker goes away the keeper exits, and the kernel ends every process of its pid namespace.
 *
 * Files: zygote.c the zygote's life; keeper.c the keeper's; world.c namespaces, mounts and rights; memory.c what an
 * environment uses; messages.c messages with descriptors; arenas.c where the zygote's Python objects lie;
 * scout.c which pages a blank touches ahead.
 */
#ifndef LAMBDALAB_KEEPER_H
#define LAMBDALAB_KEEPER_H
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#define ENVIRONMENT_UID 993   /* those of a Lambda environment */
#define ENVIRONMENT_GID 990
#define DIGEST 64
#define ORDER_MAX (1 << 18)
#define CGROUPS_MAX 2
#define HUGE_PAGE ((size_t)2 << 20)   /* of x86-64, and of arm64 with pages of 4 KB */
#define GATEWAY_PORT 4        /* where connects end that the simulator lets through; clock/network.c knows it, too */

/* From the broker: an environment's code and limits. Digests are "" where there is none. */
typedef struct __attribute__((packed)) {
    uint64_t tmp_bytes, inodes, files, processes, data_bytes;
    int32_t nice;
    char task[DIGEST + 1], layers[DIGEST + 1];
} assignment_t;

/* Between broker and zygote, packed by the broker's zygote_process.py. An order to make a BLANK comes with the control
 * groups to join, one to ASSIGN with the life socket and the log pipe. */
enum { BLANK = 'b', ASSIGN = 'a', ENDED = 'x', FAILED = '!' };   /* and READY */
typedef struct __attribute__((packed)) { uint32_t order, id; assignment_t assignment; } order_t;
typedef struct __attribute__((packed)) { uint32_t event, id; int32_t error; } event_t;

/* To the worker, over the life socket. */
enum { READY = 'r' /* with the gateway's listener */, DONE = 'd', EXIT = 'e' };
typedef struct __attribute__((packed)) {
    uint8_t event, order;   /* DONE: of this order */
    uint16_t unused;
    int32_t code, signal;   /* EXIT: the exit status, or -1; the signal, or 0 */
    uint32_t memory_kb;     /* EXIT and KILL: the runtime's peak; MEASURE: what all processes use now */
    uint64_t cpu_us;        /* EXIT and KILL: what the runtime has used */
} report_t;

/* From the worker: a byte; START is followed by what the runtime is told, MEASURE by the limit in KB. */
enum { START = 's', KILL = 'k', FREEZE = 'f', THAW = 't', MEASURE = 'm' };

typedef struct { const void *program; uint32_t length; } filter_t;   /* the compiled system call filter */

typedef struct { uint64_t start, size, advice; } range_t;    /* pages which every runtime uses, and how to touch them */
typedef struct { range_t *first; size_t count; } ranges_t;

/* keeper.c */
extern char keeper_order[ORDER_MAX];   /* what a started runtime finds when it is back in Python */
extern int keeper_order_length, keeper_control_fd, keeper_log_fd;
int keep(int from_zygote, const int *cgroups, int count, filter_t filter, ranges_t used);   /* returns 1 in a runtime that begins */
int watch_deaths(void);

/* scout.c */
int scout(const char *order, uint32_t length, ranges_t *found);   /* returns 1 in the scout, a runtime that begins */

/* messages.c */
ssize_t receive(int from, void *data, size_t size, int *fds, int wanted);
int send_with(int to, const void *data, size_t size, const int *fds, int count);

/* world.c: each ends the process with a sentence on standard error when the kernel refuses */
void demand(int done, const char *what);
void close_all_but(const int *keep, int count);
void shut_devices(void);
void make_namespaces(void);
int open_gateway(void);
void enter_user_namespace(void);
void drop_rights(filter_t filter);
void limit_all(const assignment_t *a);
void limit_runtime(const assignment_t *a);
int mount_code_and_tmp(int namespace, int own_namespace, const assignment_t *a);   /* this one returns 0 instead */

/* memory.c */
uint32_t memory_kb(uint32_t limit_kb);

#endif
