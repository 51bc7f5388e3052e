/* How much memory all processes of the environment but the keeper use, in KB. */
#include "keeper.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *read_of(const char *pid, const char *name, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, text, size - 1);
    close(fd);
    if (n <= 0) return 0;
    text[n] = 0;
    return text;
}
static uint32_t line_kb(const char *text, const char *name) {
    const char *line = strstr(text, name);
    return line ? (uint32_t)strtoul(line + strlen(name), 0, 10) : 0;
}
/* Resident memory, and the page tables: who reads a page here and there in a vast mapping fills those alone. */
static uint32_t resident_kb(const char *pid) {
    char text[4096];
    return read_of(pid, "status", text, sizeof text) ? line_kb(text, "\nVmRSS:") + line_kb(text, "\nVmPTE:") : 0;
}
/* The same, of which shared pages count in parts. */
static uint32_t part_kb(const char *pid) {
    char text[4096], tables[4096];
    if (!read_of(pid, "smaps_rollup", text, sizeof text)) return resident_kb(pid);
    return line_kb(text, "\nPss:") + (read_of(pid, "status", tables, sizeof tables) ? line_kb(tables, "\nVmPTE:") : 0);
}

/* Resident memory is quickly read, and counts what forked children share again for each; only when that is above the
 * limit, the kernel is asked for each one's part. The zygote's pages, which cost nothing, may then be missing. */
uint32_t memory_kb(uint32_t limit_kb) {
    uint32_t sum = 0, most = 0, parts = 0;
    int processes = 0;
    DIR *folder = opendir("/proc");
    if (!folder) return 0;
    for (int exact = 0; exact < 2; exact++) {
        rewinddir(folder);
        for (struct dirent *p; (p = readdir(folder));) {
            if (atoi(p->d_name) <= 1) continue;   /* no process, or the keeper */
            if (exact) { parts += part_kb(p->d_name); continue; }
            uint32_t kb = resident_kb(p->d_name);
            sum += kb; processes++;
            if (kb > most) most = kb;
        }
        if (sum <= limit_kb || processes == 1) break;
    }
    closedir(folder);
    if (sum <= limit_kb || processes == 1) return sum;
    return parts > most ? parts : most;
}
