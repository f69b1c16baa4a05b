/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A download is one thing: one file, over however many requests, retries and connections between
 * the same two addresses it came; of what is encrypted, all that one visit to a site brought.
 *
 * What may go on is kept (state/download_table.h): a part of a file, a file that broke off, a visit
 * whose connections are still open.  It is told once, as one record, when all of it came, or when
 * nothing more came for NTA_DOWNLOAD_WAIT_NS and nothing of it is under way.  A file that came
 * whole in one piece is told at once and never kept.
 *
 * What counts as one is nta_report_rule()'s.  Thread: the worker's, which has all connections
 * between two addresses of a user: no locks.
 */

#include "record/record.h"
#include "session/state/parts.h"

#include <stdbool.h>
#include <stdint.h>

/** What a record that is about to be told says of a download that it is a part of. */
struct nta_download_part
{
    uint64_t key;      ///< Of what else belongs to it; 0: nothing does, it is told alone.
    uint64_t first;    ///< Where in the file it begins; UINT64_MAX: not known.
    uint64_t expected; ///< The whole file's length; UINT64_MAX: not known.
    bool ended;        ///< This part is the whole file and ended as it should.
    bool hole;         ///< Something of it was lost, how much is not known.
    bool goes_on;      ///< A slice of a connection that is still open.
    bool placed;       ///< Its bytes were told as they came: nta_download_placed().
};

/**
 * What `what` and `more` are between the ends of this connection; never 0.  `version`: parts of
 * another one are of another file.
 */
uint64_t nta_download_key(const struct nta_session *session, struct nta_span what,
                          struct nta_span more, uint64_t version);

/**
 * Content has begun (`key` 0: such that nothing else belongs to) that lies there in the file: what
 * it is a part of is not over before it is.  `may_go_on`: others may follow, so it is kept.
 */
void nta_download_begun(const struct nta_session *session, uint64_t key, uint64_t first,
                        bool may_go_on);

/**
 * A piece of the content that has begun, which is hashed in its place of the file.  False: it
 * belongs to no download that goes on.
 */
bool nta_download_content(const struct nta_session *session, const struct nta_content *content);

/** A piece of a file that several connections may move, in its place (SMB). */
void nta_download_placed(const struct nta_session *session, const struct nta_content *content);

/** The key of the file that such content is of. */
uint64_t nta_download_file_key(const struct nta_session *session, uint64_t file);

/**
 * All of that file, which has `n_bytes`, came so far: true.  `ret_hashed`: and `ret_sha256` is its
 * SHA-256.
 */
bool nta_download_is_whole(const struct nta_session *session, uint64_t file, uint64_t n_bytes,
                           bool *ret_hashed, uint8_t ret_sha256[32]);

/** All of the file, which has `n_bytes`, came so far over whatever connections: its SHA-256. */
bool nta_download_hashed(const struct nta_session *session, uint64_t n_bytes,
                         uint8_t ret_sha256[32]);

/** The same of a connection whose content cannot be read, as soon as its site is known. */
void nta_download_visited(const struct nta_session *session, uint64_t key);

/**
 * A part is over, and `record` (of a request or connection) tells of it: texts, times, file, bytes.
 * `hit` NULL: not forbidden.
 */
void nta_download_part(const struct nta_session *session, const struct nta_record *record,
                       const struct nta_download_part *part, const struct nta_conn_hit *hit);

/** Other bytes of what is under way came, too, and nothing tells which were taken: no hash. */
void nta_download_contested(const struct nta_session *session);

/** The connection ends: nothing is under way over it any more. */
void nta_download_let_go(const struct nta_session *session);

/** It is `wall_ns`: what has waited long enough is told; INT64_MAX: the input ends, so all is. */
void nta_downloads_due(struct nta_session_parts *parts, int64_t wall_ns);
