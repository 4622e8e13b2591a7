// What the differential test needs of Linux and Swift's Glibc module does not show. Each returns what the function of
// glibc returns: on failure -1 with errno set.
#ifndef PORTWATCH_CDIFFERENTIAL_H
#define PORTWATCH_CDIFFERENTIAL_H

/// unshare(CLONE_NEWNET).
int dt_unshare_network(void);
/// setns(2) with CLONE_NEWNET.
int dt_enter_network(int descriptor);
/// Keeps the process on the first processor that it may use: what it sends stays in order.
int dt_stay_on_one_processor(void);
/// system(3).
int dt_system(const char *command);

#endif
