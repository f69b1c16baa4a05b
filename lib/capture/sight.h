/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What can be seen of an interface: the kernel is asked, again as soon as it says that some
 * interface has changed (rtnetlink(7), RTMGRP_LINK), and once a second in any case, since there may
 * be no netlink here.  What the kernel's messages say is not read: they only say when to ask.
 *
 * One thread; bounded: two descriptors.
 */

#include "capture/capture.h"

#include <stdbool.h>

struct nta_sight_watch
{
    int ask_fd;  ///< Owned; for ioctl().
    int news_fd; ///< Owned; readable when an interface changed; -1: no netlink here.
};

/** Zero descriptors are none of ours: before nta_sight_open(), and after nta_sight_close(). */
#define NTA_SIGHT_CLOSED ((struct nta_sight_watch){-1, -1})

/** 0, or negative errno; without netlink it is 0, too. */
int nta_sight_open(struct nta_sight_watch *watch);
/** Takes NTA_SIGHT_CLOSED too. */
void nta_sight_close(struct nta_sight_watch *watch);

/** Is there news since the last call?  They are taken, and not read. */
bool nta_sight_stirs(const struct nta_sight_watch *watch);

/** The number of an interface by its name; 0: the kernel knows none ("any", "nflog", or gone). */
unsigned nta_sight_index(const struct nta_sight_watch *watch, const char *name);

/**
 * What can be seen of `name`, which had the number `if_index` when it was opened; 0: it is none
 * that the kernel knows, which is always fine.
 */
enum nta_sight nta_sight_look(const struct nta_sight_watch *watch, const char *name,
                              unsigned if_index);
