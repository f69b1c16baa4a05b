/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Downloads that may go on: what parts that came over one connection or several have in common, as
 * copies, since connections and policies end while a download goes on.  Found by a key, which the
 * caller makes of both ends and of what is fetched, so that one worker has all its parts.
 *
 * Bounds: NTA_DOWNLOADS_MAX; the one that nothing came for longest is the oldest and goes first.
 * Nothing is told here.
 */

#include "base/hash.h"
#include "base/runtime/clock.h"
#include "flow/flow.h"
#include "session/content/pieces.h"
#include "session/content/ranges.h"
#include "session/state/conn.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_DOWNLOADS_MAX = 2048,
    NTA_DOWNLOAD_URL_SIZE = 2048,
    NTA_DOWNLOAD_ABOUT_MAX = 64, ///< Connections that are named.
};

/** So long after the last part another one is of the same download. */
#define NTA_DOWNLOAD_WAIT_NS (60 * NTA_NS_PER_S)

/** And so long of a file that is open: as an idle connection of TCP is waited for (RFC 5382). */
#define NTA_DOWNLOAD_OPEN_NS (124 * 60 * NTA_NS_PER_S)

/** A text that is kept; cut. */
// NOLINTBEGIN(bugprone-macro-parentheses): declarations
#define NTA_DOWNLOAD_TEXT(name, size)                                                              \
    uint16_t name##_len;                                                                           \
    char name[size]

// NOLINTEND(bugprone-macro-parentheses)

/** Orders by age: when something of a download came last, or it joined. */
enum nta_download_age
{
    NTA_DOWNLOAD_ANY,
    NTA_DOWNLOAD_WITH_TAIL, ///< Those with copies of what was hashed last.
    NTA_DOWNLOAD_WITH_HELD, ///< Those with pieces that are not next.
    NTA_N_DOWNLOAD_AGES
};

struct nta_download
{
    uint64_t key;
    uint32_t id; ///< 0: this slot is free.
    uint16_t hash_next;

    struct
    {
        uint16_t older, newer;
        bool has; ///< It is in this order.
    } ages[NTA_N_DOWNLOAD_AGES];

    uint16_t n_open;      ///< Parts under way.
    const void *mover;    ///< Connection that brought content by place last; never looked into.
    struct nta_flow flow; ///< As of its first part; without `conn`.

    uint8_t app, basis, agrees, disagrees, initiator, opened_by, seen;
    bool hidden, limited, unasked;
    uint16_t doubts;      ///< Of some part, those that its connection alone knows.
    bool from_user;       ///< The user's machine serves it.
    bool ended;           ///< Some part that is the whole file ended as it should.
    bool forbidden, hole; ///< `forbidden`: `hit` is.
    uint16_t status;      ///< Of its first part.
    uint32_t n_parts;
    int64_t begin_wall_ns, end_wall_ns;
    int64_t touched_wall_ns; ///< When something of it came last.
    int64_t looked_wall_ns;  ///< And when it was last looked whether it is under way.
    uint64_t expected;       ///< Announced; UINT64_MAX: not.
    uint64_t loose;          ///< Bytes of which nobody said where in the file they lie.
    uint64_t lost;           ///< Of all bytes.
    uint64_t up, down;       ///< As the user sees them, all that the parts moved.
    struct nta_ranges ranges;
    bool hashed;  ///< `sha256` is known.
    bool wanted;  ///< It is to be hashed.
    bool is_open; ///< Its content came by place, and nobody has told of it yet.
    /** enum nta_no_hash: why it cannot be, or not any more. */
    uint8_t unhashed;
    uint16_t reading; ///< How often it was begun anew from the file's start.
    uint8_t sha256[32];
    struct nta_pieces pieces;
    struct nta_conn_hit hit;
    uint32_t n_about;
    uint64_t about[NTA_DOWNLOAD_ABOUT_MAX];
    NTA_DOWNLOAD_TEXT(method, 8);
    NTA_DOWNLOAD_TEXT(site, NTA_NAME_SIZE);
    NTA_DOWNLOAD_TEXT(name, 256);
    NTA_DOWNLOAD_TEXT(type, 96);
    NTA_DOWNLOAD_TEXT(said, 96);
    NTA_DOWNLOAD_TEXT(alpn, NTA_CONN_ALPN_SIZE);
    NTA_DOWNLOAD_TEXT(url, NTA_DOWNLOAD_URL_SIZE);
};

/** Numbers of slots are their index + 1; 0 is none. */
struct nta_downloads
{
    struct nta_hash_key key;
    struct nta_download *slots;          ///< NTA_DOWNLOADS_MAX; owned.
    uint16_t by_hash[NTA_DOWNLOADS_MAX]; ///< First with this hash.
    uint16_t free, n_touched;

    struct
    {
        uint16_t oldest, newest;
    } ages[NTA_N_DOWNLOAD_AGES];

    uint32_t n_begun; ///< For ids.
};

/** 0 or -ENOMEM. */
int nta_downloads_init(struct nta_downloads *downloads, const struct nta_hash_key *key);
/** Frees the slots; of those still used nothing is told.  A zeroed one is fine. */
void nta_downloads_done(struct nta_downloads *downloads);

/** A free slot under this key, zeroed but for its place in the table; NULL: there is none. */
struct nta_download *nta_download_take(struct nta_downloads *downloads, uint64_t key);
/** It is free. */
void nta_download_release(struct nta_downloads *downloads, struct nta_download *download);

/** The one with this key, or NULL. */
struct nta_download *nta_download_find(const struct nta_downloads *downloads, uint64_t key);
/** The one with this id, or NULL: it is over. */
struct nta_download *nta_download_get(const struct nta_downloads *downloads, uint32_t id);

/** Something came: it is the newest. */
void nta_download_touch(struct nta_downloads *downloads, struct nta_download *download);

/** What its pieces hold has changed. */
void nta_download_sort(struct nta_downloads *downloads, struct nta_download *download);

/** The one of which nothing came for longest, of those in that order; NULL: there is none. */
struct nta_download *nta_download_oldest(const struct nta_downloads *downloads,
                                         enum nta_download_age age);
