/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a thread may ask of the kernel: one that reads what strangers send gives up all that it does
 * not need for that (seccomp(2)), of itself alone and for good.  Everything else it asks for fails
 * with EPERM: opening a file for writing, mapping one, starting a program, a process or a thread,
 * connecting to anybody, memory that can be run, signals to others.
 *
 * It is a hurdle, not a wall: the threads of a process share its memory, so who runs code of his
 * own in one of them can write into another one's (docs/threat-model.md).
 *
 * What a library asks for at its first use (a file of settings, the time zone) is to be asked for
 * before.  On x86-64 and arm64; elsewhere, and where the kernel has no such filters, nothing is
 * given up, and nta_confine_is_possible() says so.
 */

#include <stdbool.h>

/** Each has what all have: memory, clocks, waiting, random numbers, lines on standard error. */
enum nta_confinement
{
    NTA_CONFINED_COMPUTES = 1, ///< Nothing else.
    NTA_CONFINED_READS = 2,    ///< It opens files, and reads them and pipes.
    NTA_CONFINED_CAPTURES = 4, ///< It opens, asks and reads interfaces, and tells the log.
};

/** The calling thread, and what it would start.  0, or negative errno: it may do all it could. */
int nta_confine(enum nta_confinement confinement);

/** False: the kernel or the machine has no filters for it. */
bool nta_confine_is_possible(void);
