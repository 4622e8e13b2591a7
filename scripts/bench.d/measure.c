// Runs a command, its output to /dev/null, and prints what it cost: the median of its
// user + system time in microseconds, and the largest of its peak resident sizes in KiB.
//
//   measure [-n RUNS] COMMAND [ARG…]
//
// It is in C, and small, because Linux counts the memory of the process that forked
// towards the peak of the one that it becomes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int ascending(const void *left, const void *right) {
    long a = *(const long *)left, b = *(const long *)right;
    return (a > b) - (a < b);
}

static void become(char **command) {
    int null = open("/dev/null", O_RDWR);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0) {
        execvp(command[0], command);
    }
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv) {
    int runs = 1;
    int first = 1;
    if (argc > 3 && strcmp(argv[1], "-n") == 0) {
        runs = atoi(argv[2]);
        first = 3;
    }
    if (first >= argc || runs < 1) {
        fprintf(stderr, "usage: measure [-n RUNS] COMMAND [ARG...]\n");
        return 64;
    }

    long *microseconds = calloc((size_t)runs, sizeof *microseconds);
    long peak = 0;
    if (microseconds == NULL) {
        perror("measure");
        return 1;
    }
    for (int run = 0; run < runs; run++) {
        pid_t child = fork();
        if (child == 0) {
            become(argv + first);
        }
        int status;
        struct rusage used;
        if (child < 0 || wait4(child, &status, 0, &used) < 0) {
            perror("measure");
            return 1;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "measure: %s: %s %d\n", argv[first],
                    WIFEXITED(status) ? "exit status" : "signal",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
            return 1;
        }
        microseconds[run] = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000L +
                            used.ru_utime.tv_usec + used.ru_stime.tv_usec;
        if (used.ru_maxrss > peak) {
            peak = used.ru_maxrss;
        }
    }
    qsort(microseconds, (size_t)runs, sizeof *microseconds, ascending);
    printf("%ld %ld\n", microseconds[runs / 2], peak);
    free(microseconds);
    return 0;
}
