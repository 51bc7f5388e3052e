/* Host names: each look-up is asked with the turn. Addresses and the environment's own names need none. */
#include "clock.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define EXPORT __attribute__((visibility("default")))

static int is_numeric(const char *name) {
    struct in_addr address;
    return !*name || strchr(name, ':') || inet_aton(name, &address);
}
static int is_own(const char *name) {
    char own[65] = "";
    return !strcasecmp(name, "localhost") || (!gethostname(own, sizeof own - 1) && !strcasecmp(name, own));
}
static int is_name(const char *name) {
    size_t length = strlen(name);
    for (const char *p = name; *p; p++) if (!isalnum((unsigned char)*p) && !strchr("-._", *p)) return 0;
    return length < NAME_BYTES;
}
/* The address of a name, as digits; or an error of getaddrinfo. */
static int resolve(const char *name, char digits[INET_ADDRSTRLEN]) {
    if (is_own(name)) { strcpy(digits, "127.0.0.1"); return 0; }
    if (!is_name(name)) return EAI_NONAME;
    net_t *n = net_entry(LOOKUP, -1, 0);
    if (!n) return EAI_AGAIN;
    strcpy(n->name, name);
    net_ask(n, NEVER);
    int error = n->error;
    struct in_addr address = {htonl(n->address)};
    net_release(n);
    return error || !inet_ntop(AF_INET, &address, digits, INET_ADDRSTRLEN) ? EAI_NONAME : 0;
}
EXPORT int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                       struct addrinfo **restrict found) {
    REAL(getaddrinfo);
    char digits[INET_ADDRSTRLEN];
    struct addrinfo wanted = {0};
    if (hints) wanted = *hints;
    if (!active() || !node || (wanted.ai_flags & AI_NUMERICHOST) || is_numeric(node)) return real(node, service, hints, found);
    int error = resolve(node, digits);
    if (error) return error;
    wanted.ai_flags &= ~AI_ADDRCONFIG;   /* the only interface is the loopback: it would hide every answer */
    error = real(digits, service, &wanted, found);
    if (!error && (wanted.ai_flags & AI_CANONNAME)) { free((*found)->ai_canonname); (*found)->ai_canonname = strdup(node); }
    return error;
}
EXPORT int gethostbyname_r(const char *restrict name, struct hostent *restrict host, char *restrict buffer, size_t size,
                           struct hostent **restrict found, int *restrict error) {
    REAL(gethostbyname_r);
    char digits[INET_ADDRSTRLEN];
    size_t own = strlen(name) + 1;
    if (!active() || is_numeric(name)) return real(name, host, buffer, size, found, error);
    if (size < own) return ERANGE;
    *found = 0;
    if (resolve(name, digits)) { *error = HOST_NOT_FOUND; return 0; }
    int result = real(digits, host, buffer, size - own, found, error);
    if (!result && *found) host->h_name = strcpy(buffer + size - own, name);
    return result;
}
EXPORT struct hostent *gethostbyname(const char *name) {
    static _Thread_local struct hostent host;
    static _Thread_local char buffer[1024];
    struct hostent *found = 0;
    int number = gethostbyname_r(name, &host, buffer, sizeof buffer, &found, &h_errno);
    return number ? 0 : found;
}
