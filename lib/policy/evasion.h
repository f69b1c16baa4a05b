/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The list that the program makes of what hides traffic from it (part of lists.h): programs as
 * session/evasion.h names them, and resolvers over TLS, HTTPS and QUIC by their names.  Each is an
 * entry of the form "program:NAME", so that an exception for one is a line of any allow list.
 */

#include "base/buf.h"

/** The name of the list. */
#define NTA_EVASION_LIST "evasion"

/** The name of the built-in list of exceptions for well-known resolvers. */
#define NTA_RESOLVERS_LIST "public-resolvers"

/** Its lines, appended. */
void nta_evasion_text(struct nta_buf *out);

/**
 * The well-known resolver over HTTPS that has this name (normal form), or a parent of it that has
 * one; NULL: none.  Static.
 */
const char *nta_evasion_find_resolver(const char *name);
