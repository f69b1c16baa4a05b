/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ntad --check: everything that a start needs is tried, and nothing is run.  A line says what was tried and how it stands:
 *
 *     fine           it was tried as a start does it
 *     none           the configuration names nothing of that kind
 *     WRONG: …       a start would fail, or do less than it is told to
 *     not tried: …   this user may not look; the service's may
 *
 * A fault does not end the check: all are named in one run.  Run by root, what the service's user must be able to read or write is
 * tried as that user, in a process of its own: the owner of the store's folder is taken for it, as systemd's StateDirectory= makes it.
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

void nta_check_fine(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void nta_check_none(const char *what);

/** WRONG, or, where a missing right is the reason and the service is another user, not tried.  `fault` is a negative errno. */
void nta_check_fault(struct nta_checking *checking, const char *what, int fault,
                     const char *sentence);

enum
{
    NTA_CHECK_USER_SIZE = 64
};

/** A user's name, or "user NUMBER"; gives `buf`. */
const char *nta_check_user(uid_t uid, char buf[NTA_CHECK_USER_SIZE]);

/* ---- the checks; each prints its lines ---- */

void nta_check_interfaces(struct nta_checking *checking);
void nta_check_lists(struct nta_checking *checking);
void nta_check_geo(struct nta_checking *checking);
void nta_check_keys(struct nta_checking *checking);
void nta_check_store(struct nta_checking *checking);
void nta_check_mysql(struct nta_checking *checking);
void nta_check_alerts(struct nta_checking *checking);
void nta_check_control(struct nta_checking *checking);
