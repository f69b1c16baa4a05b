/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * users.conf: who people are.  A text file, one of their addresses, networks, devices, hosts or
 * logins a line, with person, department and place:
 *
 *     # who                 person         department   place
 *     login:ann,            Ann Example,   class 7b
 *     02:00:00:00:00:05,    Ann Example,   class 7b
 *     host:printer-2,       ,              office,      Leuven
 *     10.1.2.3,             Bob Example,   teachers
 *     10.1.7.0/24,          ,              class 7b,    Room 12
 *
 * Cells are separated by commas; all behind the second may be left out.  What is known better
 * decides: a login, then the device, its host name, the longest prefix that has the address.
 * Host names and logins are compared whatever their case, host names by their first label if the
 * line has no dot.
 *
 * Immutable once it is loaded, and shared by all workers as part of the policy.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>

struct nta_people; ///< Opaque, immutable.

/** 0, or negative errno with "file:line: reason". */
int nta_people_load(const char *path, struct nta_people **ret_people, struct nta_err *err);
/** Takes NULL too; texts that were found borrow from it. */
void nta_people_free(struct nta_people **people);

/** Whom a question is about; what is not known is NULL or empty. */
struct nta_people_question
{
    const struct nta_addr *addr;
    const uint8_t *mac; ///< The device's, 6 bytes.
    struct nta_span name, login;
};

/** Texts may be empty. */
struct nta_person
{
    struct nta_span person, department, place;
};

/** What is said of the user; false: nothing.  `people` may be NULL. */
bool nta_people_find(const struct nta_people *people, const struct nta_people_question *question,
                     struct nta_person *ret_user);

/** A MAC as text, "02:00:00:00:00:05" or with '-' between; false: it is none. */
bool nta_people_parse_mac(struct nta_span text, uint8_t ret_mac[6]);
