/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For whom and when a list counts (`for`, `not_for`, `hours`, `action` of its group).
 *
 * Asked only after one of its entries was hit: for the user of the connection, at the packet's own
 * time.  If it does not count then, it is as if it were not there, and the next entry decides.  Who
 * is not known by a login, department or person matches none.
 */

#include "base/bytes.h"
#include "blacklist/decide.h"
#include "config/whom.h"
#include "policy/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whose visit it is, and when.  Borrows; texts may be empty. */
struct nta_who
{
    const struct nta_addr *addr;
    const uint16_t *vlans; ///< Tags of the user's frames; 0: none.
    size_t n_vlans;
    struct nta_span login, department, person, device;
    int64_t wall_ns;
};

enum nta_scope_answer
{
    NTA_SCOPE_COUNTS,
    NTA_SCOPE_NOT_FOR,    ///< It is not for this user: `not_for` has it.
    NTA_SCOPE_FOR_OTHERS, ///< `for` does not have this user.
    NTA_SCOPE_OUT_OF_HOURS,
};

/** Does any of a list's keys narrow it? */
bool nta_scope_is_narrow(const struct nta_config_list *list);

/** Keep what the configuration says of its lists.  0 or -ENOMEM. */
int nta_scopes_make(const struct nta_config *config, struct nta_policy *policy);
/** Free them. */
void nta_scopes_free(struct nta_policy *policy);

/** What is said of a list of the policy's; NULL: nothing. */
const struct nta_scope *nta_scope_of(const struct nta_policy *policy,
                                     const struct nta_list_report *list);

/** Is he one of them? */
bool nta_scope_means(const struct nta_whom_set *set, const struct nta_who *who);

/** Does a list count?  `scope` NULL: always.  `ret_whom`: whom `not_for` has, else NULL. */
enum nta_scope_answer nta_scope_ask(const struct nta_scope *scope, const struct nta_who *who,
                                    const struct nta_whom **ret_whom);

/** The same for nta_list_filter: a list that only records yields. */
enum nta_list_weight nta_scope_weigh(const struct nta_policy *policy,
                                     const struct nta_list_report *list, const struct nta_who *who);

/** Do its visits raise no alert? */
bool nta_scope_only_records(const struct nta_policy *policy, const struct nta_list_report *list);
