// The least that an echo server with epoll(7) can be: what `scripts/bench-servers` holds the model `events` against.
//
//   echo-epoll PORT [BACKLOG]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

int main(int argc, char **argv)
{
    static char buffer[16384];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((unsigned short)atoi(argc > 1 ? argv[1] : "1234"));
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), queue = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    if (listen(listener, argc > 2 ? atoi(argv[2]) : 4096) != 0) fail("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[64];
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
    puts("listening");
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(queue, events, 64, -1);
        for (int i = 0; i < count; i++) {
            int client = events[i].data.fd;
            if (client == listener) {
                client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (client < 0) continue;
                event.data.fd = client;
                epoll_ctl(queue, EPOLL_CTL_ADD, client, &event);
                continue;
            }
            ssize_t received = recv(client, buffer, sizeof buffer, 0);
            // A client that does not read loses its connection: the least that a server can do.
            if (received <= 0 ? errno != EAGAIN || received == 0 : send(client, buffer, (size_t)received, MSG_NOSIGNAL) != received)
                close(client);
        }
    }
}
