// Clients for `scripts/bench-servers`, in one thread with epoll(7). Prints one number.
//
//   load requests PORT CLIENTS SECONDS   64 bytes to and fro on each of so many connections: echoes a second
//   load connects PORT CLIENTS SECONDS   connect, 64 bytes to and fro, close: connections a second
//   load hold PORT CLIENTS               so many connections at once, "held", and after a line of input each is asked:
//                                        how many answer
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64 };
static int queue, port;
static int received[65536]; // by descriptor

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

// From another address of the loopback network each time, since one has only so many ports and closed connections keep theirs
// for a minute.
static int client(void)
{
    static unsigned count;
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) fail("socket");
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001u + count++ % 200)};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(descriptor, (struct sockaddr *)&own, sizeof own) != 0) fail("bind");
    if (connect(descriptor, (struct sockaddr *)&server, sizeof server) != 0) fail("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event);
    received[descriptor] = 0;
    return descriptor;
}

static void ask(int descriptor)
{
    static const char text[SIZE] = "all the same";
    if (send(descriptor, text, SIZE, MSG_NOSIGNAL) != SIZE) fail("send");
}

// Whether all of the answer is there.
static int answered(int descriptor)
{
    char buffer[SIZE];
    ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count <= 0) fail("recv");
    received[descriptor] += (int)count;
    if (received[descriptor] < SIZE) return 0;
    received[descriptor] = 0;
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 4) return 64;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    queue = epoll_create1(0);
    port = atoi(argv[2]);
    int clients = atoi(argv[3]), holds = strcmp(argv[1], "hold") == 0, connects = strcmp(argv[1], "connects") == 0;
    static int all[65536];
    for (int i = 0; i < clients; i++) {
        all[i] = client();
        if (!holds) ask(all[i]);
    }
    double begun = now(), end = begun + (argc > 4 ? atof(argv[4]) : 30);
    if (holds) {
        puts("held");
        fflush(stdout);
        if (getchar() == EOF) return 1;
        for (int i = 0; i < clients; i++) ask(all[i]);
        begun = now();
        end = begun + 30;
    }
    long done = 0;
    struct epoll_event events[64];
    while (now() < end && !(holds && done == clients)) {
        int count = epoll_wait(queue, events, 64, 100);
        for (int i = 0; i < count; i++) {
            int descriptor = events[i].data.fd;
            if (!answered(descriptor)) continue;
            done++;
            if (holds) continue;
            if (connects) {
                close(descriptor);
                descriptor = client();
            }
            ask(descriptor);
        }
    }
    if (holds) printf("%ld\n", done);
    else printf("%.0f\n", (double)done / (now() - begun));
    return 0;
}
