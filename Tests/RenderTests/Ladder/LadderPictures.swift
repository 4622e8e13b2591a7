/// What charts look like; read and judged line by line.
enum LadderPictures {
    static let echo = #"""
        echo: one line, there and back
        A name for the door
                                   127.0.0.1 ────────────────────────────────
                                   client echo[4718]        server echod[4711]
                                   C1 :9157                 L1 :1234        C2 :1234
                                                                            ↔ :9157
                                                            │ socket(AF_INET, …) = 3
                                                            │ bind(3, 127.0.0.1:1234) = 0
                                                            │ A name for the door; nobody can
                                                            │ come in yet.
                                                            │ listen(3, 6) = 0
                                                            │ accept(3) …
              The client has no port yet: the kernel picks one when it connects.
                                   │ socket(AF_INET, …) = 3 │
           1       connect(3, …) … │──── SYN ─────────────▶ ●✓                                    listener
           2                       ●✓◀───────── SYN ACK ────│                                     four-tuple
           3                       │──── ACK ───────────────┼─────────────▶ ●✓ new, made by L1    four-tuple
                    connect(3) = 0 │                        │               │
                                   │                        │ accept(3) = 4 │
           4       send(3, …) = 14 │──── PSH ACK 14 B ──────┼─────────────▶ ●✓ recv(4, …) = 14    four-tuple
           5                       ●✓◀───────────── ACK ────┼───────────────│                     four-tuple
           6    recv(3, 1024) = 17 ● ◀──── PSH ACK 17 B ────┼───────────────│ send(4, …) = 17     four-tuple
                                   │ prints "1: Here we go..."              │
           7          close(3) = 0 │──── FIN ACK ───────────┼─────────────▶ ● recv(4, 1024) = 0   four-tuple
              0: end of file. No special byte says so.
           8                       ● ◀───────── FIN ACK ────┼───────────────│ close(4) = 0        four-tuple
           9                       │──── ACK ───────────────┼─────────────▶ × closed              four-tuple
                         TIME_WAIT ┊                        │
              ss -tan
              LISTEN 0 6 127.0.0.1:1234 0.0.0.0:*
              TIME-WAIT 0 0 127.0.0.1:9157 127.0.0.1:1234
        """#

    static let echoNarrow = #"""
        echo: one line, there and back
        A name for the door
              127.0.0.1 ----------------------------------------------
              client echo[4718]           server echod[4711] ---------
              C1 :9157                    L1 :1234                   C2 :1234
                                                                     <-> :9157
                                          | socket(AF_INET, SOCK_STREAM, 0) = 3
                                          | bind(3, 127.0.0.1:1234) = 0
                                          | A name for the door; nobody can come in yet.
                                          | listen(3, 6) = 0
                                          | accept(3) ...
              The client has no port yet: the kernel picks one when it connects.
              | socket(AF_INET, ...) = 3  |
              | connect(3, ...) ...       |
           1  |---- SYN ----------------> o!
           2  o!<------------ SYN ACK ----|
           3  |---- ACK ------------------+------------------------> o! new, made by L1
              | connect(3) = 0            |                          |
              |                           | accept(3) = 4            |
              | send(3, ...) = 14         |                          |
           4  |---- PSH ACK 14 B ---------+------------------------> o!
              |                           |                          | recv(4, ...) = 14
           5  o!<-------------------------+----------------- ACK ----|
           6  o <-------------------------+-------- PSH ACK 17 B ----| send(4, ...) = 17
              | recv(3, 1024) = 17        |                          |
              | prints "1: Here we go..." |                          |
              | close(3) = 0              |                          |
           7  |---- FIN ACK --------------+------------------------> o recv(4, 1024) = 0
              0: end of file. No special byte says so.
           8  o <-------------------------+------------- FIN ACK ----| close(4) = 0
           9  |---- ACK ------------------+------------------------> x closed
              : TIME_WAIT                 |
              ss -tan
              LISTEN 0 6 127.0.0.1:1234 0.0.0.0:*
              TIME-WAIT 0 0 127.0.0.1:9157 127.0.0.1:1234
        """#

    static let threeHosts = #"""
              A 10.0.0.1                     C 10.0.0.3 ─────────────────────
              client 1 web[710]              server webd[700]               webd[700], [701]
              C1 :9157                       L1 *:80                        C2 :80
                                                                            ↔ A:9157
                                             │ accept(3) …
              │ connect(3, 10.0.0.3:80) …    │
           1  │──── SYN ───────────────────▶ ●                                                    listener
           2  ● ◀─────────────── SYN ACK ────│                                                    four-tuple
           3  │──── ACK ─────────────────────┼────────────────────────────▶ ● new, made by L1     four-tuple
              │                              │ accept(3) = 4                │
              │                              │ fork() = 701                 │
              │                              │ Both have C2 now.            │
                                                                     2 more sockets are open, not drawn here
              A 10.0.0.1         B 10.0.0.2                  C 10.0.0.3 ───────────────────
              client 1 web[710]  client 2 web[720]           server webd[700]  webd[702]
              D1 :5775           C3 :9157                    L1 *:80           C4 :80     kernel
                                                                               ↔ B:9157
           4     connect(3, …) … │─ SYN ───────────────────▶ ●                            ·       listener
           5                     ● ◀─────────────── SYN ACK ─│                            ·       four-tuple
           6                     │─ ACK ─────────────────────┼───────────────▶ ● new      ·       four-tuple
           7     send(3, …) = 16 │─ PSH ACK 16 B ────────────┼───────────────▶ ●          ·       four-tuple
              │ sendto(4, …) = 6 │                           │                 │          ·
           8  │──────────────────┼─ UDP 6 B ─────────────────┼─────────────────┼────────▶ ✗       nobody
           9  ● ◀────────────────┼─── ICMP port unreachable ─┼─────────────────┼──────────·       icmp-error
                                                                     6 more sockets are open, not drawn here
              A 10.0.0.1                                  C 10.0.0.3
              kernel                                      kernel
          10  ·──── ICMP echo request ──────────────────▶ ●
          11  ARP who has 10.0.0.3, tell 10.0.0.1         ·
              server prints "one request"                 ·
        """#

    static let threeHostsWide = #"""
                                                  A 10.0.0.1          B 10.0.0.2                  C 10.0.0.3 ─────────────────────────────────────
                                                  client 1 web[710]   client 2 web[720]           server webd[700]  webd[700], [701]  webd[702]
                                                  C1 :9157  D1 :5775  C3 :9157                    L1 *:80           C2 :80            C4 :80     kernel
                                                                                                                    ↔ A:9157          ↔ B:9157
                                                                                                  │ accept(3) …                                  ·
           1            connect(3, 10.0.0.3:80) … │───────────────────── SYN ───────────────────▶ ●                                              ·            listener
           2                                      ● ◀─────────────────────────────────── SYN ACK ─│                                              ·            four-tuple
           3                                      │───────────────────── ACK ─────────────────────┼───────────────▶ ● new, made by L1            ·            four-tuple
                                                  │                                               │ accept(3) = 4   │                            ·
                                                  │                                               │ fork() = 701    │                            ·
                                                  │                             Both have C2 now. │                 │                            ·
           4                                      │   connect(3, …) … │─ SYN ───────────────────▶ ●                 │                            ·            listener
           5                                      │                   ● ◀─────────────── SYN ACK ─│                 │                            ·            four-tuple
           6                                      │                   │─ ACK ─────────────────────┼─────────────────┼───────────────▶ ● new      ·            four-tuple
           7                                      │   send(3, …) = 16 │─ PSH ACK 16 B ────────────┼─────────────────┼───────────────▶ ●          ·            four-tuple
                                                  │         │ sendto(4, 6 B, 10.0.0.3:6428) = 6   │                 │                 │          ·
           8                                      │         │─────────┼─ UDP 6 B ─────────────────┼─────────────────┼─────────────────┼────────▶ ✗ nobody     nobody
           9                                      │         ● ◀───────┼─── ICMP port unreachable ─┼─────────────────┼─────────────────┼──────────·            icmp-error
                                                                                                                                 6 more sockets are open, not drawn here
                                                  A 10.0.0.1                                  C 10.0.0.3
                                                  kernel                                      kernel
          10                                      ·──── ICMP echo request ──────────────────▶ ●
          11                                      ARP who has 10.0.0.3, tell 10.0.0.1         ·
              server prints "one request"         ·                                           ·
        """#
}
