/* Python's arenas lie side by side, from an address where a huge page may begin, so that most of the zygote's memory can
 * become huge pages (see huge.py). Left to itself, each arena goes where there is a gap between libraries.
 *
 * What is given out once the zygote is warm, an environment's own arenas, comes from the kernel page by page, as ever.
 */
#include "keeper.h"
#include <stdint.h>
#include <sys/mman.h>

#define EXPORT __attribute__((visibility("default")))

static char *next, *end;

static char *map(size_t size) {
    char *place = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return place == MAP_FAILED ? 0 : place;
}
static void *arena_take(void *context, size_t size) {
    (void)context;
    if ((size_t)(end - next) < size) return map(size);
    next += size;
    return next - size;
}
static void arena_give(void *context, void *arena, size_t size) {
    (void)context;
    munmap(arena, size);
}

/* Python's PyObjectArenaAllocator: to be set with PyObject_SetArenaAllocator. */
EXPORT struct {
    void *context;
    void *(*take)(void *context, size_t size);
    void (*give)(void *context, void *arena, size_t size);
} arena_allocator = {0, arena_take, arena_give};

/* Sets aside so many bytes for arenas. */
EXPORT void arenas_begin(size_t room) {
    char *place = map(room + HUGE_PAGE);
    if (!place) return;
    size_t before = -(uintptr_t)place % HUGE_PAGE;
    if (before) munmap(place, before);
    munmap(place + before + room, HUGE_PAGE - before);
    next = place + before;
    end = next + room;
}
/* Gives back what no arena has taken. */
EXPORT void arenas_end(void) {
    if (next < end) munmap(next, (size_t)(end - next));
    end = next;
}
