/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a list counts for the user and at the time that `nta lists explain` is asked about. */

#include "lists/subcommands.h"
#include "policy/scope.h"

enum
{
    NTA_WHY_SIZE = 512
};

/** The user and the time, as given. */
struct nta_lists_who
{
    struct nta_who who;
    struct nta_addr addr;
    uint16_t vlans[2];
    bool is_asked; ///< A user or a time was named: else every list counts.
    bool has_user;
};

/** From --user and --at.  0, or -EINVAL with a sentence. */
int nta_lists_who(const struct nta_lists *lists, struct nta_lists_who *ret_who,
                  struct nta_err *err);

/** What narrows a list, as its group says it, into `buf`; "" if nothing does. */
const char *nta_lists_scope(const struct nta_lists *lists, const struct nta_list_report *list,
                            char buf[NTA_WHY_SIZE]);

/** Why a list does not count, into `buf`; "" if it does. */
const char *nta_lists_why_not(const struct nta_policy *policy, const struct nta_lists_who *who,
                              const struct nta_list_report *list, char buf[NTA_WHY_SIZE]);
