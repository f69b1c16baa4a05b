/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What users and groups are called, as the system says (nsswitch.conf), which may have to ask a
 * server for it and wait for as long as that likes.  For threads that must not wait there are
 * questions with a patience: one thread for all of them asks, and while it waits for an answer that
 * nobody awaits any more, the next ones go without.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum
{
    NTA_USER_NAME_SIZE = 64
};

/**
 * The login name of a user, or "uid N" of one that has none, or a longer one than that.  Gives
 * `buf`.  Any thread.
 */
const char *nta_user_name(uid_t uid, char buf[NTA_USER_NAME_SIZE]);

/** The same; also "uid N" where the answer did not come in time.  Any thread. */
const char *nta_user_name_within(int64_t patience_ns, uid_t uid, char buf[NTA_USER_NAME_SIZE]);

/**
 * The group of that name, however many members it lists.  False: there is none, or the answer did
 * not come in time.  Any thread.
 */
bool nta_user_group_within(int64_t patience_ns, const char *name, gid_t *ret_group);
