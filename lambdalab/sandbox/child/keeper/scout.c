/* Finds the pages that every environment uses: those of a scout, a runtime with a handler of ours.
 *
 * Each first touch of a page costs an environment a fault, and half of the time until it was ready went into six hundred
 * of them. A blank touches these pages ahead. While the scout runs the zygote holds next to still, so a page that is the
 * scout's alone by then was written by the scout. Nothing is learned from a student's code.
 */
#include "keeper.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PRESENT (1ULL << 63)     /* Linux, admin-guide/mm/pagemap */
#define OF_A_FILE (1ULL << 61)
#define EXCLUSIVE (1ULL << 56)
#define ENTRIES 512
#define RANGES_MAX 4096
#define MAPS_MAX (1 << 18)
#define READY_MS 5000
#define TURN_HEAD 8              /* bytes: it is ready when it hands over for the first time */

/* In the scout: what a runtime finds, as far as it sees it. */
static int be_a_runtime(const char *order, uint32_t length, int control_fd, int log) {
    if (unshare(CLONE_NEWNS) || mount("tmpfs", "/run/clock", "tmpfs", 0, "size=256k") || mount("/lambdalab", "/var/task", 0, MS_BIND, 0)) _exit(1);
    memcpy(keeper_order, order, length);
    keeper_order_length = (int)length; keeper_control_fd = control_fd; keeper_log_fd = log;
    return 1;
}
static int is_ready(int control_fd) {
    char head[TURN_HEAD];
    struct pollfd one = {control_fd, POLLIN, 0};
    return poll(&one, 1, READY_MS) == 1 && recv(control_fd, head, sizeof head, MSG_WAITALL) == sizeof head;
}
static void add(ranges_t *found, uint64_t page, uint64_t size, int advice) {
    range_t *last = found->count ? &found->first[found->count - 1] : 0;
    if (last && last->start + last->size == page && last->advice == (uint64_t)advice) last->size += size;
    else if (found->count < RANGES_MAX) found->first[found->count++] = (range_t){page, size, (uint64_t)advice};
}
static ssize_t entries_of(int pagemap, uint64_t *entries, uint64_t start, uint64_t end, uint64_t page_size) {
    uint64_t left = (end - start) / page_size;
    return pread(pagemap, entries, 8 * (left < ENTRIES ? left : ENTRIES), (off_t)(start / page_size * 8)) / 8;
}
/* Of one mapping: its own pages will be written, a file's read. What the zygote has not is left out: how much of such
 * memory a runtime needs is a matter of its handler. */
static void look(int pagemap, int own, uint64_t start, uint64_t end, int writable, uint64_t page_size, ranges_t *found) {
    uint64_t entries[ENTRIES], zygotes[ENTRIES];
    while (start < end) {
        ssize_t n = entries_of(pagemap, entries, start, end, page_size);
        if (n < 1 || entries_of(own, zygotes, start, end, page_size) != n) return;   /* outside of what user space has */
        for (ssize_t i = 0; i < n; i++, start += page_size) {
            uint64_t is = entries[i] & (PRESENT | OF_A_FILE | EXCLUSIVE);
            if (is == (PRESENT | EXCLUSIVE) && writable && zygotes[i] & PRESENT) add(found, start, page_size, MADV_POPULATE_WRITE);
            else if ((is & ~EXCLUSIVE) == (PRESENT | OF_A_FILE)) add(found, start, page_size, MADV_POPULATE_READ);
        }
    }
}
static void observe(pid_t scout, char *text, ranges_t *found) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", scout);
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), pagemap = open(path, O_RDONLY | O_CLOEXEC);
    int own = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    for (ssize_t n; maps >= 0 && length < MAPS_MAX - 1 && (n = read(maps, text + length, MAPS_MAX - 1 - length)) > 0;) length += (size_t)n;
    text[length] = 0;
    for (char *line = text, *next; pagemap >= 0 && own >= 0 && (next = strchr(line, '\n')); line = next + 1) {
        unsigned long start, end;
        char rights[5];
        if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3)
            look(pagemap, own, start, end, rights[1] == 'w', (uint64_t)sysconf(_SC_PAGESIZE), found);
    }
    close(maps);
    close(pagemap);
    close(own);
}

/* Returns 1 in the scout: it is a runtime that begins. In the zygote `found` may be empty: then pages come when they are
 * touched. */
int scout(const char *order, uint32_t length, ranges_t *found) {
    int ends[2], log = open("/dev/null", O_WRONLY | O_CLOEXEC);
    size_t size = RANGES_MAX * sizeof(range_t);
    char *space = mmap(0, size + MAPS_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *found = (ranges_t){(range_t *)space, 0};
    if (space == MAP_FAILED || length > ORDER_MAX || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return 0;
    pid_t pid = fork();
    if (pid == 0) return be_a_runtime(order, length, ends[1], log);
    close(ends[1]);
    close(log);
    if (pid > 0) {
        if (is_ready(ends[0])) observe(pid, space + size, found);
        kill(pid, SIGKILL);
        waitpid(pid, 0, 0);
    }
    close(ends[0]);
    munmap(space + size, MAPS_MAX);
    return 0;
}
