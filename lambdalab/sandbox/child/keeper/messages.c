/* Messages with descriptors. Those that came and were not wanted are closed. */
#include "keeper.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t receive(int from, void *data, size_t size, int *fds, int wanted) {
    char space[CMSG_SPACE(4 * sizeof(int))];
    struct iovec part = {data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    ssize_t n;
    do n = recvmsg(from, &message, MSG_CMSG_CLOEXEC); while (n < 0 && errno == EINTR);
    struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : 0;
    int came = head ? (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
    for (int i = 0; i < came; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
        if (i < wanted) fds[i] = fd; else close(fd);
    }
    for (int i = came; i < wanted; i++) fds[i] = -1;
    return n;
}
int send_with(int to, const void *data, size_t size, const int *fds, int count) {
    char space[CMSG_SPACE(3 * sizeof(int))];
    struct iovec part = {(void *)data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = count ? space : 0, .msg_controllen = count ? CMSG_SPACE(count * sizeof(int)) : 0};
    if (count) {
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET; head->cmsg_type = SCM_RIGHTS; head->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    }
    return (int)sendmsg(to, &message, MSG_NOSIGNAL);
}
