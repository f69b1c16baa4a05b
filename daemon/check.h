/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ntad --check: everything that a start needs is tried, and nothing is run.  A line says what was
 * tried and how it stands:
 *
 *     fine           it was tried as a start does it
 *     none           the configuration names nothing of that kind
 *     lacks: …       all works, and something goes without it: no fault
 *     WRONG: …       a start would fail, or do less than it is told to
 *     not tried: …   this user may not look; the service's may
 *
 * A fault does not end the check: all are named in one run.  Run by root, what the service's user
 * must be able to read or write is tried as that user, in a process of its own: the owner of the
 * store's folder is taken for it, as systemd's StateDirectory= makes it.
 */

#include "ntad.h"

#include <sys/types.h>

struct nta_checking
{
    struct nta_daemon *daemon;
    uid_t service_uid; ///< Of the store's folder; this user's if there is none.
    gid_t service_gid;
    unsigned n_wrong; ///< WRONG or not tried.
};

/** Print "WHAT fine: TEXT", or without the text if `format` is empty. */
void nta_check_fine(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Print "WHAT lacks: TEXT". */
void nta_check_lacks(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Print "WHAT none": there is nothing to check. */
void nta_check_none(const char *what);

/**
 * WRONG, or, where a missing right is the reason and the service is another user, not tried.
 * `fault` is a negative errno.
 */
void nta_check_fault(struct nta_checking *checking, const char *what, int fault,
                     const char *sentence);

/* ---- the checks; each prints its lines ---- */

/** Each interface of capture.interfaces: does it open, with the filter? */
void nta_check_interfaces(struct nta_checking *checking);
/** memory.limit: is it enough, and what do the bounds add up to? */
void nta_check_memory(struct nta_checking *checking);
/** Each blacklist and allow list: is it read whole, and how many entries are in it? */
void nta_check_lists(struct nta_checking *checking);
/** The databases and places of geo: do they open, and how old are they? */
void nta_check_geo(struct nta_checking *checking);
/** The keys that sealing needs: all their faults at once. */
void nta_check_keys(struct nta_checking *checking);
/** The journal store: its folder, its lock, and whether its chain goes on. */
void nta_check_store(struct nta_checking *checking);
/** The MySQL server, if there is one: reached, with the rights and tables that shipping needs. */
void nta_check_mysql(struct nta_checking *checking);
/** Where alerts go: the journal or syslog, and alert.json. */
void nta_check_alerts(struct nta_checking *checking);
/** The control socket: can it be made where it should be? */
void nta_check_control(struct nta_checking *checking);
