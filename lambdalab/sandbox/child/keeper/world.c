/* Namespaces, mounts, and the dropping of every right. x86-64 and arm64. */
#include "keeper.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <netinet/in.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKED (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED)

void demand(int done, const char *what) {
    if (done) return;
    dprintf(2, "keeper: %s: %s\n", what, strerror(errno));
    _exit(70);
}

void close_all_but(const int *keep, int count) {   /* keep: ascending */
    unsigned low = 0;
    for (int i = 0; i < count; i++) {
        if ((unsigned)keep[i] > low) syscall(SYS_close_range, low, keep[i] - 1, 0);
        low = keep[i] + 1;
    }
    syscall(SYS_close_range, low, ~0U, 0);
}

static void loopback_up(void) {
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int any = socket(AF_INET, SOCK_DGRAM, 0);
    demand(any >= 0 && !ioctl(any, SIOCSIFFLAGS, &lo), "the loopback interface");
    close(any);
}

/* A listener stays in the network where it was made, whoever accepts: the worker alone will have this one. */
int open_gateway(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(GATEWAY_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    demand(fd >= 0 && !bind(fd, (struct sockaddr *)&here, sizeof here) && !listen(fd, 256), "the gateway");
    return fd;
}

/* The environment's uid is ours on the host: what is written in its namespaces' settings, and of the keeper, is open to it. */
static void protect(const char *path) {
    demand(!mount(path, path, 0, MS_BIND, 0), path);
    demand(!mount(0, path, 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), path);
}

/* Device nodes are the host's own: they can be used, but their times cannot be set. */
void shut_devices(void) {
    static const char *const paths[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct statvfs now;   /* the flags of the host's mount: none of them may be taken away */
        demand(!statvfs(paths[i], &now), paths[i]);
        unsigned long kept = now.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
        demand(!mount(0, paths[i], 0, MS_REMOUNT | MS_BIND | MS_RDONLY | kept, 0), paths[i]);
    }
}

void make_namespaces(void) {
    demand(!unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET), "new namespaces");
    demand(!sethostname("lambda", 6), "the host name");
    loopback_up();
    demand(!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "/proc");
    protect("/proc/sys");
    protect("/proc/1/oom_score_adj");
    demand(!mount("tmpfs", "/run/clock", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=256k,nr_inodes=8,mode=1777"), "/run/clock");
}

static int bind_read_only(const char *digest, const char *target) {
    char source[8 + DIGEST];
    if (!digest[0]) return 1;
    snprintf(source, sizeof source, "/code/%.*s", DIGEST, digest);
    return !mount(source, target, 0, MS_BIND, 0) &&
           !mount(0, target, 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, 0);
}
static int mount_here(const assignment_t *a) {
    char options[96];
    snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,mode=1777", (unsigned long long)a->tmp_bytes, (unsigned long long)a->inodes);
    return !mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options) && bind_read_only(a->task, "/var/task") &&
           bind_read_only(a->layers, "/opt") && !umount2("/code", MNT_DETACH) && !umount2("/lambdalab", MNT_DETACH);
}
/* In the zygote, which has the rights: a blank's keeper has none any more. Returns 0 when the kernel refused a mount. */
int mount_code_and_tmp(int namespace, int own_namespace, const assignment_t *a) {
    if (setns(namespace, CLONE_NEWNS)) return 0;
    int mounted = mount_here(a), error = errno;
    demand(!setns(own_namespace, CLONE_NEWNS), "the way back from an environment's mounts");
    errno = error;
    return mounted;
}

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    demand(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
    close(fd);
}

/* A user namespace of the environment's own: process counts are its own, and no right over the mounts is in reach. */
void enter_user_namespace(void) {
    char map[32];
    demand(!unshare(CLONE_NEWUSER), "a user namespace");
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%d 0 1", ENVIRONMENT_UID);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "%d 0 1", ENVIRONMENT_GID);
    write_file("/proc/self/gid_map", map);
}

static void limit(int kind, uint64_t value) {
    struct rlimit both = {value, value};
    demand(!setrlimit(kind, &both), "a limit");
}
static void drop_capabilities(void) {
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    demand(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities");
    for (unsigned long capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)) { demand(errno == EINVAL && capability > CAP_SYSLOG, "the bounding set"); break; }
    demand(!prctl(PR_SET_SECUREBITS, LOCKED, 0, 0, 0), "securebits");
    demand(!syscall(SYS_capset, &head, none), "capabilities");
}

/* What an assignment says, of keeper and runtimes. */
void limit_all(const assignment_t *a) {
    limit(RLIMIT_NPROC, a->processes);
    limit(RLIMIT_SIGPENDING, a->processes);   /* queued signals and timers are counted over all environments, too */
    limit(RLIMIT_FSIZE, a->tmp_bytes + 4096);   /* so that /tmp is full before its only file is too large */
    limit(RLIMIT_DATA, a->data_bytes);
}
/* The rest, which the keeper does without: it must pass on descriptors whatever other environments hold in flight, for
 * the kernel counts those by user and compares the sum with the sender's limit; and answer however busy its own one is. */
void limit_runtime(const assignment_t *a) {
    limit_all(a);
    limit(RLIMIT_NOFILE, a->files);
    int nice = getpriority(PRIO_PROCESS, 0);   /* a broker may be nicer than its environments should be: they stay so */
    demand(nice >= a->nice || !setpriority(PRIO_PROCESS, 0, a->nice), "niceness");
}

void drop_rights(filter_t filter) {
    struct sock_fprog program = {filter.length / sizeof(struct sock_filter), (struct sock_filter *)filter.program};
    limit(RLIMIT_CORE, 1);   /* core(5): 0 does not keep a program in core_pattern from being started, 1 does */
    limit(RLIMIT_MEMLOCK, 65536);
    limit(RLIMIT_MSGQUEUE, 0);
    drop_capabilities();
    demand(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
    demand(!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "the system call filter");
}
