// The least that a program reading a capture through libpcap does: counts frames and bytes.
//
//   bare FILE
#include <pcap/pcap.h>
#include <stdio.h>

struct totals {
    unsigned long long frames, bytes;
};

static void count(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes) {
    (void)bytes;
    struct totals *totals = (struct totals *)user;
    totals->frames += 1;
    totals->bytes += header->caplen;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: bare FILE\n");
        return 64;
    }
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *capture = pcap_open_offline(argv[1], error);
    if (capture == NULL) {
        fprintf(stderr, "bare: %s\n", error);
        return 1;
    }
    struct totals totals = {0, 0};
    if (pcap_loop(capture, -1, count, (u_char *)&totals) < 0) {
        fprintf(stderr, "bare: %s\n", pcap_geterr(capture));
        return 1;
    }
    printf("%llu frames, %llu bytes\n", totals.frames, totals.bytes);
    pcap_close(capture);
    return 0;
}
