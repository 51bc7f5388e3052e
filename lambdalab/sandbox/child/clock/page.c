/* The shared page: time, slots of those who wait, and the futexes under them. */
#include "clock.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

page_t *page;
int control = -1;
pthread_mutex_t speaking = PTHREAD_MUTEX_INITIALIZER;
_Atomic int32_t threads = 1, real_waits, wanting, helper_tid, helper_sleeps;
_Thread_local uint32_t my_birth, my_sequence;

_Static_assert(sizeof(page_t) <= 252 << 10, "the page must fit into the 256 KB that keeper.py gives it");

int page_open(int create) {
    int fd = open(PAGE_PATH, O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_TRUNC : 0), 0600);
    if (fd < 0) return -1;
    if (create && ftruncate(fd, sizeof(page_t))) { close(fd); return -1; }
    page_t *p = mmap(0, sizeof(page_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED) return -1;
    page = p;
    return 0;
}

int64_t real_ns(clockid_t id) {
    struct timespec t;
    syscall(SYS_clock_gettime, id, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* A reading of any clock. Who does nothing but read it hands over from time to time, so that time can pass elsewhere. */
int64_t read_ns(void) {
    page->reads++;
    page->all_reads++;
    int64_t v = atomic_fetch_add(&page->now_ns, READ_NS) + READ_NS;
    if (v - page->granted_ns > SPIN_NS && control >= 0) spin();
    return v;
}

long futex_wait(_Atomic int32_t *word, int32_t value, int64_t ns) {
    struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
    return syscall(SYS_futex, word, FUTEX_WAIT, value, ns < 0 ? NULL : &t, NULL, 0);
}
void futex_wake(_Atomic int32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0); }

slot_t *slot_take(int64_t deadline_ns, int soft) {
    int tid = (int)syscall(SYS_gettid);
    for (int i = 0; i < SLOTS; i++) {
        slot_t *s = &page->slot[i];
        int empty = 0;
        if (!atomic_compare_exchange_strong(&s->tid, &empty, tid)) continue;
        s->pid = getpid(); s->soft = soft; s->birth = my_birth; s->ready = 0; s->deadline_ns = deadline_ns;
        s->state = WAITING;
        for (int used = page->used; used <= i && !atomic_compare_exchange_weak(&page->used, &used, i + 1);) {}
        return s;
    }
    _exit(70);   /* more threads than an environment may have: cannot be */
}
void slot_free(slot_t *s) { s->deadline_ns = NEVER; s->ready = 0; s->state = FREE; s->tid = 0; }

int ready(slot_t *s) { return s->ready || s->deadline_ns <= now_ns(); }

int64_t earliest(void) {
    int64_t least = NEVER;
    for (int i = 0; i < page->used; i++) {
        slot_t *s = &page->slot[i];
        if (s->state == WAITING && s->deadline_ns < least) least = s->deadline_ns;
    }
    return least;
}

/* Who goes next: the earliest deadline that has come (a reply or an event came just now), the elder thread first. */
slot_t *choose(void) {
    slot_t *best = 0;
    int64_t best_at = NEVER, now = now_ns();
    for (int i = 0; i < page->used; i++) {
        slot_t *s = &page->slot[i];
        if (s->state != WAITING || !ready(s)) continue;
        int64_t at = s->deadline_ns < now ? s->deadline_ns : now;
        if (best && (at > best_at || (at == best_at && s->birth >= best->birth))) continue;
        best = s; best_at = at;
    }
    return best;
}

/* Something was decided about a descriptor: who watches descriptors in that process looks again. */
void wake_watchers(int pid) {
    for (int i = 0; i < page->used; i++) {
        slot_t *s = &page->slot[i];
        if (s->state == WAITING && s->soft == WATCHES && s->pid == pid) s->ready = 1;
    }
}

void kick(void) {
    page->kick++;
    futex_wake(&page->kick);
}

/* Who is blocked only because the helper is looking around is not blocked. */
void lock_speaking(void) {
    wanting++;
    pthread_mutex_lock(&speaking);
    wanting--;
}
