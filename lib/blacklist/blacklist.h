/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * List files -> one immutable set; name or address -> hit with list, line and entry.
 *
 * A builder takes files one by one, then gives the set, or refuses: a reload is all or nothing.
 * The set is compact (aim: <= 20 bytes a domain), a look-up takes no lock and allocates nothing,
 * and every hit can be traced to a line.
 *
 * Meaning of entries: `example.com` covers itself and its subdomains; `=example.com` itself only;
 * `*.example.com` subdomains only; `ads*.example` names that look so; addresses and CIDR as they
 * are.  A list is one of two kinds: deny or allow.  Allow entries win over deny entries that are
 * not more specific.  Names are compared in one normal form (lower case, no last dot, A-labels),
 * made on load and, by nta_blacklist_name(), of names off the wire.
 */

#include "base/addr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "blacklist/name/name.h"
#include "blacklist/table/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_blacklist;         ///< Opaque, immutable; shared.
struct nta_blacklist_builder; ///< Opaque; one thread's.

enum nta_hit_kind
{
    NTA_HIT_DOMAIN,
    NTA_HIT_ADDRESS,
    NTA_HIT_CIDR,
    NTA_HIT_URL,
    NTA_HIT_HASH, ///< These three: marks.h.
    NTA_HIT_JA4,
    NTA_HIT_CERTIFICATE,
    NTA_HIT_PATTERN, ///< A name with wildcards.
    NTA_HIT_PROGRAM, ///< What a connection speaks: marks.h.
};

struct nta_hit
{
    const struct nta_list_report *list; ///< Shares: as long as the set lives.
    struct nta_span entry; ///< As in the file, normalised; borrows from the question or its buffer.
    uint32_t line;         ///< From 1.
    enum nta_hit_kind kind;
    bool weak; ///< By address alone.
};

/**
 * An empty builder, owned by the caller.  0, or negative errno with a sentence: no memory, or no
 * random bytes for its keys.
 */
int nta_blacklist_builder_new(struct nta_blacklist_builder **ret_builder, struct nta_err *err);
/** Takes NULL too; lists added and not built are dropped. */
void nta_blacklist_builder_free(struct nta_blacklist_builder **builder);

/**
 * A builder that takes the set from a compiled file instead of reading lists: each list added must
 * be, in its order and with its settings, the one that the set was compiled from, unchanged
 * (device, inode, size, times; a text: its bytes).  Adding and building then give -ESTALE if not,
 * and a builder that reads is to be tried.  0, or negative errno with a sentence: no such file
 * (-ENOENT), of another version (-ESTALE), broken (-EBADMSG), not this user's.
 */
int nta_blacklist_builder_open(const char *path, struct nta_blacklist_builder **ret_builder,
                               struct nta_err *err);

/**
 * Write the set as a compiled file.  0, or negative errno with a sentence; -EAGAIN: a list had been
 * changed so shortly before it was read that a later change might not show.
 */
int nta_blacklist_save(const struct nta_blacklist *set, const char *path, struct nta_err *err);

/**
 * Hold a compiled file against its SHA-256.  0 and how many lists, or as
 * nta_blacklist_builder_open().
 */
int nta_blacklist_check_saved(const char *path, size_t *ret_n_lists, struct nta_err *err);

/**
 * Read one file.  0, or negative errno with a sentence: not a safe file, unreadable, empty, or
 * mostly not understood (the builder must then be given up).  The first ten bad lines go to
 * `complaints` as "file:line: reason" lines with a total (may be NULL).
 */
int nta_blacklist_builder_add(struct nta_blacklist_builder *builder,
                              const struct nta_list_source *source, struct nta_buf *complaints,
                              struct nta_err *err);

enum
{
    NTA_LIST_NAME_SIZE = 64 ///< Of what records call a list; a longer name is cut there.
};

/**
 * A list's name if none is given: its file's without folder and ending (".gz" and ".zst" too).
 * Gives `buf`.
 */
const char *nta_blacklist_list_name(const char *path, char *buf, size_t size);

/** What the list added last gave; as long as no other is added. */
const struct nta_list_report *
nta_blacklist_builder_last(const struct nta_blacklist_builder *builder);

/** Finish.  0 and the set (owned by the caller), or negative errno with a sentence. */
int nta_blacklist_builder_build(struct nta_blacklist_builder *builder,
                                struct nta_blacklist **ret_set, struct nta_err *err);
/** Takes NULL too.  Nobody may hold a hit or a report of the set any more. */
void nta_blacklist_free(struct nta_blacklist **set);

/**
 * The verdict for a name (in normal form), if all lists count (decide.h).  True: denied, `ret_hit`
 * filled, its entry text borrowing from `name` or, if it has a sign, from `buf`.  False: no list
 * has it, or an allow entry won.
 */
bool nta_blacklist_match_name(const struct nta_blacklist *set, const char *name, size_t len,
                              char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/** The verdict for an address. */
bool nta_blacklist_match_addr(const struct nta_blacklist *set, const struct nta_addr *addr,
                              char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/**
 * The verdict for a server: an entry for its address with this port (0: none) decides before those
 * for addresses, but for an exception for exactly the address, which is as specific.
 */
bool nta_blacklist_match_server(const struct nta_blacklist *set, const struct nta_addr *addr,
                                uint16_t port, char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/**
 * The allow entry that decided for this name or address, if one did: the reason why there is no
 * hit.
 */
bool nta_blacklist_allows_name(const struct nta_blacklist *set, const char *name, size_t len,
                               char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);
/** The same for an address without a port. */
bool nta_blacklist_allows_addr(const struct nta_blacklist *set, const struct nta_addr *addr,
                               char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/** The same for a server: an address and its port. */
bool nta_blacklist_allows_server(const struct nta_blacklist *set, const struct nta_addr *addr,
                                 uint16_t port, char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/**
 * The verdict of URL entries alone for a request: `host` in normal form (or an address as text),
 * `target` from its slash on.  The longest path decides.  The entry's text borrows from the set.
 * Ask this before the host's name.
 */
bool nta_blacklist_match_url(const struct nta_blacklist *set, struct nta_span host,
                             struct nta_span target, struct nta_hit *ret_hit);

/**
 * The URL entry of an allow list that decided for this request, if one did: nothing else is to be
 * asked then.
 */
bool nta_blacklist_allows_url(const struct nta_blacklist *set, struct nta_span host,
                              struct nta_span target, struct nta_hit *ret_hit);

/**
 * All entries that cover this name, most specific first: calls `each` until it gives false (`nta
 * lists explain`).
 */
void nta_blacklist_each_name(const struct nta_blacklist *set, const char *name, size_t len,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner);

/** The same for an address; at most 64. */
void nta_blacklist_each_addr(const struct nta_blacklist *set, const struct nta_addr *addr,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner);

/** The same for an address with a port: the entries that have it. */
void nta_blacklist_each_port(const struct nta_blacklist *set, const struct nta_addr *addr,
                             uint16_t port,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner);

/** The same for a request: its URL entries. */
void nta_blacklist_each_url(const struct nta_blacklist *set, struct nta_span host,
                            struct nta_span target,
                            bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                            void *owner);

/** How many lists are in the set, those of the program's own making included. */
size_t nta_blacklist_n_lists(const struct nta_blacklist *set);
/** What loading list `i` (< n_lists) gave.  Borrows from the set. */
const struct nta_list_report *nta_blacklist_get_list(const struct nta_blacklist *set, size_t i);

/** Bytes of memory the set holds, everything included. */
size_t nta_blacklist_memory(const struct nta_blacklist *set);
