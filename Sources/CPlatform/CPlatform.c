#define _GNU_SOURCE
#include "CPlatform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <locale.h>
#include <net/if.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum { LONG_OPTIONS_MAX = 128, EVENTS_MAX = 256 };

int pw_getopt_long(int argc, char *const argv[], const char *short_options,
                   const struct pw_option *long_options, int long_count)
{
    static struct option table[LONG_OPTIONS_MAX + 1];
    if (long_count > LONG_OPTIONS_MAX) { errno = E2BIG; return -2; }
    for (int i = 0; i < long_count; i++) {
        table[i] = (struct option){long_options[i].name, long_options[i].has_argument, NULL, long_options[i].value};
    }
    table[long_count] = (struct option){NULL, 0, NULL, 0};
    opterr = 0;
    return getopt_long(argc, argv, short_options, table, NULL);
}

void pw_getopt_reset(void) { optind = 0; }
int pw_optind(void) { return optind; }
int pw_optopt(void) { return optopt; }
const char *pw_optarg(void) { return optarg; }

int pw_signalfd(const int *signals, int count)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void pw_unblock_signals(const int *signals, int count)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void pw_raise_unblocked(int signal)
{
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_UNBLOCK, &set, &old);
    raise(signal);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

int pw_signalfd_read(int descriptor)
{
    struct signalfd_siginfo info;
    ssize_t n = read(descriptor, &info, sizeof info);
    return n == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

static volatile sig_atomic_t interrupted;

static void remember_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

void pw_catch_interrupt(void)
{
    // Without SA_RESTART: a read that waits for a pipe returns.
    struct sigaction action = {.sa_handler = remember_interrupt, .sa_flags = SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    // Of a file there are no counters to print.
    signal(SIGUSR1, SIG_IGN);
    // Whoever started us may have left them blocked.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int pw_was_interrupted(void) { return interrupted; }

void pw_guard_standard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
    }
}

void pw_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

int pw_accept(int descriptor, void *address, uint32_t *length, int nonblocking)
{
    return accept4(descriptor, address, length, SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0));
}

uint64_t pw_socket_cookie(int descriptor)
{
    uint64_t cookie = 0;
    socklen_t length = sizeof cookie;
    return getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 ? cookie : 0;
}

const char *pw_error_name(int code) { return strerrorname_np(code); }

int pw_is_unknown_host(int code)
{
    return code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY;
}

int pw_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t tag)
{
    struct epoll_event event = {.events = events, .data.u64 = tag};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int pw_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t tag)
{
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, tag);
}

int pw_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t tag)
{
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, tag);
}

int pw_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int pw_epoll_wait(int epoll, uint32_t *events, uint64_t *tags, int capacity, int timeout_ms)
{
    struct epoll_event got[EVENTS_MAX];
    if (capacity > EVENTS_MAX) capacity = EVENTS_MAX;
    int n = epoll_wait(epoll, got, capacity, timeout_ms);
    for (int i = 0; i < n; i++) {
        events[i] = got[i].events;
        tags[i] = got[i].data.u64;
    }
    return n;
}

uint64_t *pw_shared_counter(void)
{
    void *page = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? NULL : page;
}

uint64_t pw_shared_counter_add(uint64_t *counter) { return __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST); }

int64_t pw_shared_counter_change(uint64_t *counter, int64_t by)
{
    return (int64_t)__atomic_add_fetch(counter, (uint64_t)by, __ATOMIC_SEQ_CST);
}

void pw_end_with_parent(int parent, int signal)
{
    prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
    /* It may have ended before that. */
    if (getppid() != parent) kill(getpid(), signal);
}

void pw_raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int pw_unshare_network(int with_users) { return unshare(CLONE_NEWNET | (with_users ? CLONE_NEWUSER : 0)); }

int pw_set_dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }

int pw_interface_up(const char *name)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any == -1) return -1;
    int result = ioctl(any, SIOCGIFFLAGS, &request);
    if (result == 0) {
        request.ifr_flags |= IFF_UP;
        result = ioctl(any, SIOCSIFFLAGS, &request);
    }
    int code = errno;
    close(any);
    errno = code;
    return result;
}

int pw_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int pw_drop_bind_service(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &head, data) != 0) return -1;
    unsigned bit = 1u << CAP_NET_BIND_SERVICE;
    data[0].effective &= ~bit;
    data[0].permitted &= ~bit;
    data[0].inheritable &= ~bit;
    return (int)syscall(SYS_capset, &head, data);
}

int pw_close_range(unsigned first, unsigned last) { return (int)syscall(SYS_close_range, first, last, 0); }

int pw_message_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

int pw_interface_without_offload(const char *name)
{
    static const unsigned commands[] = {ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any == -1) return -1;
    int result = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct ethtool_value value = {commands[i], 0};
        struct ifreq request = {0};
        strncpy(request.ifr_name, name, IFNAMSIZ - 1);
        request.ifr_data = (char *)&value;
        // Only the checksum matters to who forwards frames by hand; the others are for segments' sake.
        if (ioctl(any, SIOCETHTOOL, &request) != 0 && i == 0) result = -1;
    }
    int code = errno;
    close(any);
    errno = code;
    return result;
}

int pw_packet_socket(const char *name)
{
    int made = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (made == -1) return -1;
    struct sockaddr_ll address = {0};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = (int)if_nametoindex(name);
    int on = 1;
    if (address.sll_ifindex == 0 || bind(made, (struct sockaddr *)&address, sizeof address) != 0
        || setsockopt(made, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0) {
        int code = errno;
        close(made);
        errno = code;
        return -1;
    }
    return made;
}

int pw_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

static _Noreturn void become_when_told(char *const argv[], int channel)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    char go;
    ssize_t got;
    do got = read(channel, &go, sizeof go);
    while (got == -1 && errno == EINTR);
    if (got != sizeof go) _exit(0);
    execvp(argv[0], argv);
    int code = errno;
    // Whoever waits for it is gone if this fails.
    if (send(channel, &code, sizeof code, MSG_NOSIGNAL) == -1) _exit(1);
    _exit(code == ENOENT ? 127 : 126);
}

int pw_start_held(char *const argv[], int *channel)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    // Ignored, as some callers leave it, it would let no child be waited for.
    signal(SIGCHLD, SIG_DFL);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        become_when_told(argv, ends[1]);
    }
    int code = errno;
    close(ends[1]);
    if (child == -1) close(ends[0]);
    errno = code;
    *channel = ends[0];
    return child;
}

int pw_reap(int *status)
{
    int raw;
    pid_t child = waitpid(-1, &raw, WNOHANG);
    if (child > 0) *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return child;
}

int pw_set_process_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

int pw_terminal_columns(int descriptor)
{
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int pw_terminal_size(int descriptor, int *rows, int *columns)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

void pw_stop_until_continued(void)
{
    // By the signal's own default, not by SIGSTOP: where no shell could continue it, the kernel does not stop it.
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

int pw_locale_is_utf8(void)
{
    if (setlocale(LC_CTYPE, "") == NULL) return 0;
    const char *codeset = nl_langinfo(CODESET);
    return codeset != NULL && strcmp(codeset, "UTF-8") == 0;
}

int pw_packet_ignore_outgoing(int descriptor)
{
    int on = 1;
    return setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
}
