// Writes a made capture: many conversations at once, their frames mixed, each whole.
//
//   make-big [--frames N] [--conversations N] [--first N] [--open] [--udp] [--pcapng] FILE
//
//   --frames N         frames of the whole mix (2000000)
//   --conversations N  conversations among which they are divided evenly (2000)
//   --first N          write only the first N frames of that mix
//   --open             nobody closes: every conversation is alive at the end
//   --udp              datagrams, a request and its answer in turn, instead of TCP
//   --pcapng           the same frames as a pcapng file, times in microseconds
//
// A TCP conversation is a handshake, requests with one to three segments of answer, and
// an orderly end. Sequence numbers, acknowledgements, windows and checksums are right:
// tshark finds nothing to remark. Payloads are readable text of mixed lengths, such that
// a frame has 256 bytes on average. The same arguments give the same file, byte by byte.
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ethernet_length = 14,
    ip_length = 20,
    tcp_length = 20,
    syn_options_length = 8,
    udp_length = 8,
    largest_payload = 1448,
    text_length = 1 << 16,
    handshake_frames = 3,
    closing_frames = 3,
};

enum { FIN = 0x01, SYN = 0x02, PSH = 0x08, ACK = 0x10 };

// ---- Randomness that is the same everywhere (xorshift64*) --------------------

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint32_t random_below(uint32_t bound) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    uint64_t high = (random_state * 0x2545F4914F6CDD1Du) >> 32;
    return (uint32_t)((high * bound) >> 32);
}

static uint32_t random_between(uint32_t least, uint32_t most) {
    return least + random_below(most - least + 1);
}

// ---- Text --------------------------------------------------------------------

static char text[text_length];

// Lines of words; a payload is a slice of it that ends with a line feed.
static void write_text(void) {
    static const char *const words[] = {
        "a", "socket", "is", "the", "door", "between", "process", "and", "network", "port",
        "numbers", "tell", "which", "one", "gets", "this", "segment", "listener", "connected",
        "datagram", "address", "source", "destination", "kernel", "looks", "for", "four",
        "values", "first", "then", "two", "here", "we", "go", "wow", "response", "goodbye",
    };
    size_t count = sizeof words / sizeof words[0], used = 0, column = 0;
    while (used < text_length) {
        const char *word = words[random_below((uint32_t)count)];
        for (size_t i = 0; word[i] != 0 && used < text_length; i++, column++) {
            text[used++] = word[i];
        }
        if (used < text_length) {
            text[used++] = column > 60 ? '\n' : ' ';
            column = column > 60 ? 0 : column + 1;
        }
    }
}

static void put_text(uint8_t *to, uint32_t length) {
    memcpy(to, text + random_below(text_length - largest_payload), length);
    to[length - 1] = '\n';
}

// Lengths average, with the frames that carry none, to frames of 256 bytes.
static uint32_t request_length(void) { return random_between(24, 160); }

static uint32_t answer_length(void) {
    return random_below(8) == 0 ? random_between(800, largest_payload) : random_between(60, 323);
}

// ---- Conversations -----------------------------------------------------------

enum stage { syn, syn_ack, handshake_ack, request, answer, acknowledge, fin, fin_ack, last_ack };

struct end {
    uint8_t mac[6];
    uint32_t address;
    uint16_t port;
    uint32_t sequence;  // the next byte that it sends
    uint16_t identification;
};

struct conversation {
    struct end client, server;
    uint32_t frames_left;
    uint8_t stage;
    uint8_t answers_left;
};

static void set_end(struct end *end, uint32_t address, uint16_t port) {
    uint8_t mac[6] = {0x02, 0x00, (uint8_t)(address >> 24), (uint8_t)(address >> 16),
                      (uint8_t)(address >> 8), (uint8_t)address};
    memcpy(end->mac, mac, sizeof mac);
    end->address = address;
    end->port = port;
    end->sequence = (uint32_t)random_below(UINT32_MAX);
    end->identification = (uint16_t)random_below(UINT16_MAX);
}

static void set_conversation(struct conversation *it, uint32_t index, bool udp) {
    static const uint16_t server_ports[] = {7, 79, 80, 1234, 5193, 5194, 5195, 8080};
    // 1,000 client ports an address: each pair of client and port is used once.
    set_end(&it->client, 0x0A010001u + index / 1000, (uint16_t)(49152 + index % 1000));
    set_end(&it->server, 0x0A000001u + random_below(16), server_ports[random_below(8)]);
    it->stage = udp ? request : syn;
    it->answers_left = 0;
}

// ---- Frames ------------------------------------------------------------------

static uint8_t *put16(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t value) { return put16(put16(to, value >> 16), value); }

static uint32_t sum(const uint8_t *bytes, uint32_t length, uint32_t so_far) {
    for (; length > 1; bytes += 2, length -= 2) {
        so_far += (uint32_t)bytes[0] << 8 | bytes[1];
    }
    return length == 1 ? so_far + ((uint32_t)bytes[0] << 8) : so_far;
}

static uint16_t checksum(uint32_t sum) {
    while (sum > 0xFFFF) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

// Writes the Ethernet and IPv4 headers; returns where the transport header begins.
static uint8_t *put_headers(uint8_t *frame, struct end *from, const struct end *to,
                            uint8_t protocol, uint32_t transport_length) {
    memcpy(frame, to->mac, 6);
    memcpy(frame + 6, from->mac, 6);
    put16(frame + 12, 0x0800);

    uint8_t *ip = frame + ethernet_length;
    ip[0] = 0x45;
    ip[1] = 0;
    put16(ip + 2, ip_length + transport_length);
    put16(ip + 4, from->identification++);
    put16(ip + 6, 0x4000);  // don't fragment
    ip[8] = 64;
    ip[9] = protocol;
    put16(ip + 10, 0);
    put32(ip + 12, from->address);
    put32(ip + 16, to->address);
    put16(ip + 10, checksum(sum(ip, ip_length, 0)));
    return ip + ip_length;
}

// The checksum over the transport header, its payload and the pseudo header.
static uint16_t transport_checksum(const uint8_t *transport, uint32_t length, uint8_t protocol) {
    uint32_t addresses = sum(transport - 8, 8, 0);
    return checksum(sum(transport, length, addresses + protocol + length));
}

// Each returns the frame's length.
static uint32_t put_segment(uint8_t *frame, struct end *from, const struct end *to, uint8_t flags,
                            uint32_t payload_length) {
    uint32_t header_length = tcp_length + (flags & SYN ? syn_options_length : 0);
    uint32_t length = header_length + payload_length;
    uint8_t *tcp = put_headers(frame, from, to, 6, length);
    put16(tcp, from->port);
    put16(tcp + 2, to->port);
    put32(tcp + 4, from->sequence);
    put32(tcp + 8, flags & ACK ? to->sequence : 0);
    tcp[12] = (uint8_t)(header_length / 4 << 4);
    tcp[13] = flags;
    put16(tcp + 14, 64240);
    put32(tcp + 16, 0);  // checksum, urgent pointer
    if (flags & SYN) {
        static const uint8_t options[syn_options_length] = {2, 4, 0x05, 0xB4,  // segments of 1460
                                                            1, 1, 4, 2};       // SACK permitted
        memcpy(tcp + tcp_length, options, sizeof options);
    }
    if (payload_length > 0) {
        put_text(tcp + header_length, payload_length);
    }
    put16(tcp + 16, transport_checksum(tcp, length, 6));
    from->sequence += payload_length + (flags & (SYN | FIN) ? 1 : 0);
    return (uint32_t)(tcp - frame) + length;
}

static uint32_t put_datagram(uint8_t *frame, struct end *from, const struct end *to,
                             uint32_t payload_length) {
    uint32_t length = udp_length + payload_length;
    uint8_t *udp = put_headers(frame, from, to, 17, length);
    put16(udp, from->port);
    put16(udp + 2, to->port);
    put16(udp + 4, length);
    put16(udp + 6, 0);
    put_text(udp + udp_length, payload_length);
    uint16_t check = transport_checksum(udp, length, 17);
    put16(udp + 6, check == 0 ? 0xFFFF : check);
    return (uint32_t)(udp - frame) + length;
}

// ---- A conversation's next frame ---------------------------------------------

static uint32_t next_segment(struct conversation *it, uint8_t *frame, bool open) {
    struct end *client = &it->client, *server = &it->server;
    if (!open && it->frames_left == closing_frames) {
        it->stage = fin;
    }
    switch ((enum stage)it->stage) {
    case syn:
        it->stage = syn_ack;
        return put_segment(frame, client, server, SYN, 0);
    case syn_ack:
        it->stage = handshake_ack;
        return put_segment(frame, server, client, SYN | ACK, 0);
    case handshake_ack:
        it->stage = request;
        return put_segment(frame, client, server, ACK, 0);
    case request:
        it->stage = answer;
        it->answers_left = (uint8_t)random_between(1, 3);
        return put_segment(frame, client, server, PSH | ACK, request_length());
    case answer:
        it->answers_left -= 1;
        if (it->answers_left == 0) {
            // Every other time the next request carries the acknowledgement.
            it->stage = random_below(2) == 0 ? acknowledge : request;
        }
        return put_segment(frame, server, client, PSH | ACK, answer_length());
    case acknowledge:
        it->stage = request;
        return put_segment(frame, client, server, ACK, 0);
    case fin:
        it->stage = fin_ack;
        return put_segment(frame, client, server, FIN | ACK, 0);
    case fin_ack:
        it->stage = last_ack;
        return put_segment(frame, server, client, FIN | ACK, 0);
    case last_ack:
        return put_segment(frame, client, server, ACK, 0);
    }
    abort();
}

static uint32_t next_datagram(struct conversation *it, uint8_t *frame) {
    if (it->stage == request) {
        it->stage = answer;
        return put_datagram(frame, &it->client, &it->server, request_length());
    }
    it->stage = request;
    return put_datagram(frame, &it->server, &it->client, answer_length());
}

// ---- The file ----------------------------------------------------------------

static void write_or_die(FILE *file, const void *bytes, size_t length) {
    if (fwrite(bytes, 1, length, file) != length) {
        perror("make-big");
        exit(1);
    }
}

static void write_header(FILE *file, bool pcapng) {
    if (pcapng) {
        const uint32_t section[7] = {0x0A0D0D0A, 28, 0x1A2B3C4D, 1, UINT32_MAX, UINT32_MAX, 28};
        const uint32_t interface[5] = {1, 20, 1, 262144, 20};
        write_or_die(file, section, sizeof section);
        write_or_die(file, interface, sizeof interface);
    } else {
        const uint32_t header[6] = {0xA1B2C3D4, 2 | 4 << 16, 0, 0, 262144, 1};
        write_or_die(file, header, sizeof header);
    }
}

static void write_frame(FILE *file, bool pcapng, uint64_t microseconds, const uint8_t *frame, uint32_t length) {
    if (pcapng) {
        static const uint8_t padding[3] = {0};
        const uint32_t padded = (length + 3) & ~3u, whole = 32 + padded;
        const uint32_t block[7] = {6, whole, 0, (uint32_t)(microseconds >> 32), (uint32_t)microseconds,
                                   length, length};
        write_or_die(file, block, sizeof block);
        write_or_die(file, frame, length);
        write_or_die(file, padding, padded - length);
        write_or_die(file, &whole, sizeof whole);
    } else {
        const uint32_t record[4] = {(uint32_t)(microseconds / 1000000),
                                    (uint32_t)(microseconds % 1000000), length, length};
        write_or_die(file, record, sizeof record);
        write_or_die(file, frame, length);
    }
}

static void write_mix(FILE *file, uint32_t conversations, uint64_t frames, uint64_t first, bool open,
                      bool udp, bool pcapng) {
    struct conversation *all = calloc(conversations, sizeof *all);
    if (all == NULL) {
        perror("make-big");
        exit(1);
    }
    for (uint32_t i = 0; i < conversations; i++) {
        set_conversation(&all[i], i, udp);
        all[i].frames_left = (uint32_t)(frames / conversations + (i < frames % conversations));
    }

    write_header(file, pcapng);

    // Those with frames left stand at the front; the next frame is any one's of them.
    uint32_t active = conversations;
    uint64_t microseconds = 1700000000000000u;
    for (uint64_t written = 0; active > 0 && written < first; written++) {
        uint32_t chosen = random_below(active);
        struct conversation *it = &all[chosen];
        uint8_t frame[1600];
        uint32_t length = udp ? next_datagram(it, frame) : next_segment(it, frame, open);
        it->frames_left -= 1;
        if (it->frames_left == 0) {
            active -= 1;
            all[chosen] = all[active];
        }
        microseconds += random_between(1, 40);
        write_frame(file, pcapng, microseconds, frame, length);
    }
    free(all);
}

static uint64_t number(const char *option, const char *argument, uint64_t most) {
    char *end;
    unsigned long long value = strtoull(argument, &end, 10);
    if (argument[0] < '0' || argument[0] > '9' || *end != 0 || value > most) {
        fprintf(stderr, "make-big: --%s: not a number up to %llu: %s\n", option,
                (unsigned long long)most, argument);
        exit(64);
    }
    return value;
}

int main(int argc, char **argv) {
    enum { frames_option, conversations_option, first_option, open_option, udp_option, pcapng_option };
    static const struct option options[] = {
        {"frames", required_argument, NULL, frames_option},
        {"conversations", required_argument, NULL, conversations_option},
        {"first", required_argument, NULL, first_option},
        {"open", no_argument, NULL, open_option},
        {"udp", no_argument, NULL, udp_option},
        {"pcapng", no_argument, NULL, pcapng_option},
        {0},
    };
    uint64_t frames = 2000000, first = UINT64_MAX;
    uint32_t conversations = 2000;
    bool open = false, udp = false, pcapng = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case frames_option: frames = number("frames", optarg, UINT32_MAX); break;
        case conversations_option:
            // As many client addresses as 10.1.0.0/16 has, 1,000 ports each.
            conversations = (uint32_t)number("conversations", optarg, 65000000);
            break;
        case first_option: first = number("first", optarg, UINT64_MAX); break;
        case open_option: open = true; break;
        case udp_option: udp = true; break;
        case pcapng_option: pcapng = true; break;
        default: return 64;
        }
    }
    if (optind != argc - 1) {
        fprintf(stderr, "usage: make-big [--frames N] [--conversations N] [--first N] [--open] [--udp] [--pcapng] FILE\n");
        return 64;
    }
    uint32_t least = udp ? 1 : open ? handshake_frames : handshake_frames + closing_frames;
    if (conversations == 0 || frames / conversations < least) {
        fprintf(stderr, "make-big: a conversation has at least %u frames\n", least);
        return 64;
    }

    FILE *file = fopen(argv[optind], "wb");
    if (file == NULL) {
        perror(argv[optind]);
        return 1;
    }
    static char buffer[1 << 20];
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    write_text();
    write_mix(file, conversations, frames, first, open, udp, pcapng);
    if (fclose(file) != 0) {
        perror(argv[optind]);
        return 1;
    }
    return 0;
}
