// What Swift's Glibc module does not show, as plain prototypes: no glibc header and no
// _GNU_SOURCE here, since both break beside Foundation. Each returns what the glibc function
// of that name returns; on failure -1 with errno set.
#ifndef PORTWATCH_CPLATFORM_H
#define PORTWATCH_CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

/// One entry of a long-option table: `struct option` of getopt_long(3) without the pointer to a flag.
struct pw_option {
    const char *name;
    int has_argument; // 0 none, 1 required, 2 optional
    int value;        // what pw_getopt_long returns for it
};

/// getopt_long(3). Keeps glibc's own state: one command line at a time; begin with pw_getopt_reset.
int pw_getopt_long(int argc, char *const argv[], const char *short_options,
                   const struct pw_option *long_options, int long_count);
void pw_getopt_reset(void);
int pw_optind(void);
int pw_optopt(void);
const char *pw_optarg(void);

/// signalfd(2) over the given signals, which are blocked for the calling thread first.
int pw_signalfd(const int *signals, int count);
/// Lets the calling thread have the given signals again.
void pw_unblock_signals(const int *signals, int count);
/// Lets this process have one signal as if it had not been blocked; returns where that does not end it.
void pw_raise_unblocked(int signal);
/// Reads one signal's number from a descriptor of pw_signalfd; 0 when none waits.
int pw_signalfd_read(int descriptor);
/// Lets the first SIGINT, SIGTERM or SIGHUP end what blocks (EINTR) and be remembered; the second ends the process.
void pw_catch_interrupt(void);
/// 1 once such a signal came.
int pw_was_interrupted(void);
/// Where descriptor 0, 1 or 2 is closed, puts /dev/null there, opened the wrong way round: no later file or socket
/// takes the number, and to read or write it still fails with EBADF.
void pw_guard_standard_descriptors(void);
/// Sets SIGPIPE to be ignored, so that a write to a closed pipe fails with EPIPE.
void pw_ignore_sigpipe(void);

/// accept4(2) with SOCK_CLOEXEC, and SOCK_NONBLOCK where asked for.
int pw_accept(int descriptor, void *address, uint32_t *length, int nonblocking);

/// getsockopt(SO_COOKIE): the kernel's number for a socket; 0 where the descriptor is none.
uint64_t pw_socket_cookie(int descriptor);
/// strerrorname_np(3): `ECONNREFUSED`; NULL for an unknown number.
const char *pw_error_name(int code);

/// 1 where a code of getaddrinfo(3) says that the host has no address: EAI_NONAME, and GNU's EAI_NODATA, EAI_ADDRFAMILY.
int pw_is_unknown_host(int code);

/// epoll_create1(2), epoll_ctl(2), epoll_wait(2). The tag comes back with the event.
int pw_epoll_create(void);
int pw_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t tag);
int pw_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t tag);
int pw_epoll_remove(int epoll, int descriptor);
int pw_epoll_wait(int epoll, uint32_t *events, uint64_t *tags, int capacity, int timeout_ms);

/// A number in memory that this process shares with the children that it forks from here on (mmap(2), MAP_SHARED); NULL on
/// failure. It lives as long as the process.
uint64_t *pw_shared_counter(void);
/// Adds one at once for all who share it; the sum.
uint64_t pw_shared_counter_add(uint64_t *counter);
/* Adds a number, which may be negative; the sum. */
int64_t pw_shared_counter_change(uint64_t *counter, int64_t by);

/// prctl(PR_SET_PDEATHSIG, SIGTERM).
void pw_end_with_parent(int parent, int signal);
/// setrlimit(RLIMIT_NOFILE): the soft limit becomes the hard one.
void pw_raise_descriptor_limit(void);

/// unshare(CLONE_NEWNET), and CLONE_NEWUSER where asked for: only while the process has one thread.
int pw_unshare_network(int with_users);
/// prctl(PR_SET_DUMPABLE, 1): a process whose file has capabilities may then write its own /proc/self/uid_map.
int pw_set_dumpable(void);
/// setns(2) into a network namespace.
int pw_enter_network(int descriptor);
/// Drops CAP_NET_BIND_SERVICE from this process for good (capset(2)).
int pw_drop_bind_service(void);
/// Closes every descriptor from `first` to `last` (close_range(2)).
int pw_close_range(unsigned first, unsigned last);
/// Two ends of a channel of messages: socketpair(AF_UNIX, SOCK_SEQPACKET), close-on-exec.
int pw_message_pair(int ends[2]);
/// Lets the interface send what it is given: checksums filled in, no segment larger than the link (SIOCETHTOOL).
int pw_interface_without_offload(const char *name);
/// A packet socket that gets and sends whole frames of one interface, all protocols, and not what it sends itself.
int pw_packet_socket(const char *name);

/// Brings an interface up: SIOCGIFFLAGS, IFF_UP, SIOCSIFFLAGS.
int pw_interface_up(const char *name);

/// prctl(PR_SET_CHILD_SUBREAPER, 1): descendants whose parent has ended become children of this process.
int pw_become_subreaper(void);
/// Forks a child that waits and then becomes the command, found as by execvp(3), with no signal blocked and SIGPIPE as
/// usual; its number. `channel` is a socket: a byte written to it lets the child go on; then there is the end of the
/// stream once the command runs, or the errno, an int, for which it does not. A child whose channel is closed before
/// ends. SIGCHLD is set to what it usually is.
int pw_start_held(char *const argv[], int *channel);
/// Takes in one child that has ended, waitpid(-1, WNOHANG): its number and its exit status, 128 + N after signal N;
/// 0 while all live, -1 (ECHILD) when there is none.
int pw_reap(int *status);

/// prctl(PR_SET_NAME): the name that ps, ss and /proc/PID/comm show, cut at 15 bytes.
int pw_set_process_name(const char *name);

/// The width in columns of the terminal behind a descriptor (TIOCGWINSZ), 0 where there is none.
int pw_terminal_columns(int descriptor);
/// The same, and the height in rows; 0 on success.
int pw_terminal_size(int descriptor, int *rows, int *columns);
/// Stops this process as SIGTSTP usually does, also where that signal is blocked; returns when it is continued.
void pw_stop_until_continued(void);
/// 1 where the environment's character set is UTF-8 (setlocale(LC_CTYPE, ""), nl_langinfo(CODESET)).
int pw_locale_is_utf8(void);

/// setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1): the kernel drops outgoing copies by itself.
int pw_packet_ignore_outgoing(int descriptor);

#endif
