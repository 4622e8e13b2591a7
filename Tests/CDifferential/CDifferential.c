#define _GNU_SOURCE
#include "CDifferential.h"

#include <sched.h>
#include <stdlib.h>

int dt_unshare_network(void) { return unshare(CLONE_NEWNET); }

int dt_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int dt_stay_on_one_processor(void)
{
    cpu_set_t all, one;
    if (sched_getaffinity(0, sizeof all, &all) < 0) return -1;
    for (int number = 0; number < CPU_SETSIZE; number++) {
        if (!CPU_ISSET(number, &all)) continue;
        CPU_ZERO(&one);
        CPU_SET(number, &one);
        return sched_setaffinity(0, sizeof one, &one);
    }
    return -1;
}

int dt_system(const char *command) { return system(command); }
