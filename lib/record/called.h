/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What people call a user.  Lists, maps and reports show this name; it is never what they are kept
 * apart by, since a machine chooses its host name itself.
 */

#include "base/bytes.h"
#include "record/side.h"

/**
 * The person of users.conf, else the login, else the host name; empty: the address alone is known.
 * Gives a span of the record.
 */
struct nta_span nta_record_called(const struct nta_record_side *side);
