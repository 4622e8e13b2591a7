// Sends small datagrams over lo at an even rate, from many sockets to one, and reads them.
//
//   pulse RATE SECONDS FLOWS      e.g. 50000 a second
//
// A tick is a millisecond; what a tick could not send is sent in the next. Prints how many
// were sent, and in how many milliseconds.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FLOWS_MAX = 1000, PORT = 1234 };

static int bound(int port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("pulse");
        exit(1);
    }
    return descriptor;
}

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    long rate = argc > 3 ? atol(argv[1]) : 0, seconds = argc > 3 ? atol(argv[2]) : 0;
    int flows = argc > 3 ? atoi(argv[3]) : 0;
    if (rate < 1 || rate > 1000000 || seconds < 1 || seconds > 600 || flows < 1 || flows > FLOWS_MAX) {
        fprintf(stderr, "usage: pulse RATE SECONDS FLOWS\n");
        return 64;
    }
    int receiver = bound(PORT), senders[FLOWS_MAX];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    for (int flow = 0; flow < flows; flow++) senders[flow] = bound(0);
    char payload[64] = "pulse", dropped[64];
    double start = milliseconds();
    long sent = 0, wanted = rate * seconds;
    while (sent < wanted) {
        long due = (long)((milliseconds() - start) * rate / 1e3);
        for (; sent < due && sent < wanted; sent++) {
            sendto(senders[sent % flows], payload, sizeof payload, 0, (struct sockaddr *)&to, sizeof to);
            recv(receiver, dropped, sizeof dropped, MSG_DONTWAIT);
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    printf("%ld %.0f\n", sent, milliseconds() - start);
    return 0;
}
