/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a judge of the chain can have to say: a row a kind, and a collection of what was found.
 *
 * A collection counts all, keeps the first NTA_FINDINGS_KEPT as they came, joins neighbours (7 to 9
 * with one fault are one) and takes none twice: a second walk over the same store says nothing new.
 * Any thread may add and read.
 */

#include "base/buf.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How much a finding weighs. */
enum nta_finding_weight
{
    NTA_WRONG,  ///< Something does not hold.
    NTA_UNSEEN, ///< Something could not be looked at.
    NTA_TOLD,   ///< To be known, and no fault: it never makes an exit status.
};
/** Of a report's page that was handed on (nta verify PAGE.html); as the next. */
#define NTA_FINDING_PAGE_KINDS(X)                                                                  \
    X(PAGE, "page", WRONG, false, "the page is not the one that was made",                         \
      "ask who made it for the original, or make it again: nta report")                            \
    X(PAGE_UNSEEN, "page_unseen", UNSEEN, false, "what the page shows was held against nothing",   \
      "make reports where an ntad notes it (nta audit shows that), or with --trace")

/** What is to be known, and no fault; as the next. */
#define NTA_FINDING_TOLD_KINDS(X)                                                                  \
    X(DELETED, "deleted", TOLD, true, "its contents were deleted, as a later batch notes", NULL)   \
    X(LOST, "lost", TOLD, false, "lost to its sensor, as a later batch notes", NULL)               \
    X(CLOCK, "clock", TOLD, false, "the sensor's clock went back before it", NULL)                 \
    X(DATED, "dated", TOLD, false, "its sensor was live, and it has records a day older", NULL)    \
    X(INDEX_GONE, "index_gone", TOLD, false,                                                       \
      "an index that it notes is not there: its batches are searched one by one", NULL)            \
    X(PAGE_NOTED, "page_noted", TOLD, false, "the page is one that somebody noted as made", NULL)

/**
 * constant, name (an interface: `nta verify --json`), weight, hides (the batch is not shown),
 * reason, what is to be done (NULL: nothing, it is no fault)
 */
#define NTA_FINDING_KINDS(X)                                                                       \
    X(ROW, "row", WRONG, false, "the row is not of its form",                                      \
      "keep a copy, and compare with a backup: somebody changed the table")                        \
    X(COLUMNS, "columns", WRONG, false, "the row's columns are not what the signed header says",   \
      "ask who can write there: somebody changed the table; records are shown as signed")          \
    X(HEADER, "header", WRONG, true, "the header is not one of ours",                              \
      "keep a copy, and compare with a backup: somebody wrote into the store, or the disk did")    \
    X(SENSOR, "sensor", WRONG, true, "of a sensor that nobody trusts",                             \
      "if the sensor is yours, nta keys trust adds it (or --key); else somebody made it up")       \
    X(SIGNATURE, "signature", WRONG, true, "the signature is not the sensor's",                    \
      "keep a copy, and compare with a backup: somebody wrote into the store, or the disk did")    \
    X(TOKENS, "tokens", WRONG, true, "the search tokens are not the signed ones",                  \
      "look for the original in the other store (journal, MySQL), or in a backup")                 \
    X(BODY, "body", WRONG, true, "the body is not the signed one",                                 \
      "look for the original in the other store (journal, MySQL), or in a backup")                 \
    X(CONTENT, "content", WRONG, true, "a part of it is missing",                                  \
      "look for the original in the other store (journal, MySQL), or in a backup")                 \
    X(SIZE, "size", WRONG, true, "a part of it is longer than any batch can be",                   \
      "look for the original in the other store (journal, MySQL), or in a backup")                 \
    X(KEY_MISSING, "key_missing", WRONG, true, "its data key, signed by its sensor, is not there", \
      "look for the data key in the other store (journal, MySQL), or in a backup")                 \
    X(KEY_SIGNATURE, "key_signature", WRONG, true, "a data key is signed by no trusted sensor",    \
      "look for the data key in a backup: batches under this one are not shown")                   \
    X(KEY_ROW, "key_row", WRONG, false, "a data key's row is not of its form",                     \
      "look for the data key in a backup, if a batch lacks it")                                    \
    X(KEY_CLOSED, "key_closed", WRONG, false, "a data key does not open for this auditor",         \
      "nta keys show --store DIR says for whom keys are: use the key of one of them")              \
    X(OPENED, "opened", WRONG, true, "it does not open",                                           \
      "ask who has the sensor's signing key: it signed something else than records")               \
    X(RECORDS, "records", WRONG, false, "records in it cannot be decoded",                         \
      "ask for a newer nta, if the sensor has one; the other records of the batch are shown")      \
    X(INDEX, "index", WRONG, false, "an index that it notes is not the one that is stored",        \
      "batches are searched one by one meanwhile; ask who can write there, or look at the disk")   \
    X(VALUES, "values", WRONG, false, "its tokens or times are not those of its records",          \
      "ask who has the sensor's signing key: searches would miss these records")                   \
    X(LINK, "link", WRONG, false, "it does not follow the one before it",                          \
      "compare with a backup and noted heads: something was exchanged, or an old copy goes on")    \
    X(HOLE, "hole", WRONG, false, "missing",                                                       \
      "look for them in the other store (journal, MySQL), or in a backup")                         \
    X(REPEAT, "repeat", WRONG, false, "there is another batch with this number",                   \
      "find out whether two programs had one key, or an old copy was put back and went on")        \
    X(HEAD, "head", WRONG, false,                                                                  \
      "the last batch is not the one that the store's chain row names",                            \
      "compare with a backup and noted heads: the end was cut off, or a part is an old copy")      \
    X(NOTED, "noted", WRONG, false, "a head that was noted does not lie in this chain",            \
      "keep all as it is, and compare with a backup: the end was cut off, or all is another")      \
    X(SEEN, "seen", WRONG, false, "a head that nta has seen of it does not lie in this chain",     \
      "an older copy, or another past: look at the one that was seen; if it is meant so, "         \
      "take its sensor's line out of ~/.local/state/nta/heads")                                    \
    X(COUNT, "count", WRONG, false, "the table counts another number of rows than it gives",       \
      "check the disk, and compare with a backup: rows are hidden, or the file is damaged")        \
    X(TABLE, "table", WRONG, false, "the store's tables are not ours",                             \
      "ask who can write there, and compare with a backup: somebody changed the tables")           \
    X(KEY_GIVEN, "key_given", WRONG, false, "a key that was given cannot be used",                 \
      "mend the file as the sentence says, or leave the key away (--quick)")                       \
    X(NONE, "none", WRONG, false, "no batch is of the key that was given",                         \
      "check whether this is the right store and the right key: else all keys were replaced")      \
    X(STATE, "state", WRONG, false, "the file of the chain's state is not a trusted sensor's",     \
      "take journal.state along with the journal, or hold it against noted heads (--heads)")       \
    X(UNREAD, "unread", WRONG, true, "the file is damaged: a part cannot be read",                 \
      "check the disk, and take a backup: what can be read was judged")                            \
    X(UNPROVED, "unproved", WRONG, true,                                                           \
      "no key that this chain names signed it: the key was lost and the new one is not "           \
      "adopted, or the batch that names it is missing",                                            \
      "if your sensor lost its key (its log says so), run nta keys adopt; else as signature")      \
    X(REVOKED, "revoked", WRONG, true, "its sensor's identity was revoked before it",              \
      "set the sensor up again, with another key folder and another store")                        \
    X(NEXT, "next", WRONG, false, "the next key that it names was a key of this chain before",     \
      "find out who put an old key folder back, or who has that key; then nta keys rotate")        \
    X(NOTE, "note", WRONG, false, "a note in it may not say that there: it excuses nothing",       \
      "ask who has the signing key: what it notes there counts for nothing")                       \
    X(LOG, "log", WRONG, false, "its tree hash is not that of the batches before it",              \
      "compare with noted heads and another store: the sensor had another past at that time")      \
    X(CHANGES, "changes", WRONG, false, "more key changes and notes than are looked at",           \
      "find out who makes them: somebody with the signing key, or what restarts the sensor")       \
    NTA_FINDING_PAGE_KINDS(X)                                                                      \
    NTA_FINDING_TOLD_KINDS(X)                                                                      \
    X(UNSEEN, "unseen", UNSEEN, false, "not seen",                                                 \
      "ask again once MySQL is there; a tree is known once no batch before it is missing")

enum nta_finding_kind
{
#define NTA_FINDING_KIND(constant, name, weight, hides, reason, todo) NTA_FINDING_##constant,
    NTA_FINDING_KINDS(NTA_FINDING_KIND)
#undef NTA_FINDING_KIND
    NTA_FINDING_N_KINDS
};

/** What a kind's row says. */
struct nta_finding_form
{
    const char *name, *reason, *todo; ///< `todo` NULL: it is no fault.
    enum nta_finding_weight weight;
    bool hides;
};

/** The row of a kind.  Static. */
const struct nta_finding_form *nta_finding_form(enum nta_finding_kind kind);

enum
{
    NTA_FINDINGS_KEPT = 256,
    NTA_FINDING_TEXT_SIZE = 200
};

struct nta_finding
{
    enum nta_finding_kind kind;
    bool has_sensor;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number, to;              ///< Batches; both 0: of no batch.
    char text[NTA_FINDING_TEXT_SIZE]; ///< The reason, in words that may be shown.
};

struct nta_findings; ///< Opaque.

/** NULL: no memory. */
struct nta_findings *nta_findings_new(void);
/** Takes NULL too. */
void nta_findings_free(struct nta_findings **findings);

/** Where a finding lies. */
struct nta_finding_at
{
    const uint8_t *sensor; ///< NULL: of none.
    uint64_t number, to;   ///< 0: of no batch; `to` 0: as `number`.
    /** What else tells it from others of its kind there: another row with this number. */
    uint64_t print;
};

/**
 * Call this before each one is added, on the thread that adds it: whoever holds some back, of what
 * was looked at before, adds these first.  NULL: nobody does.
 */
void nta_findings_before(struct nta_findings *findings, void (*before)(void *owner), void *owner);

/** Add one; `text` NULL: the kind's reason. */
void nta_findings_add(struct nta_findings *findings, enum nta_finding_kind kind,
                      const struct nta_finding_at *place, const char *text);

/** How many there are of this kind (batches, keys or rows), and of this weight. */
uint64_t nta_findings_of_kind(struct nta_findings *findings, enum nta_finding_kind kind);
/** How many there are of this weight, over all kinds. */
uint64_t nta_findings_of(struct nta_findings *findings, enum nta_finding_weight weight);

/** How many are kept, how many are not; and the one at `i`: false at the end. */
size_t nta_findings_kept(struct nta_findings *findings, uint64_t *ret_n_more);
/** The one at `i` of those that are kept, copied; false at the end. */
bool nta_findings_get(struct nta_findings *findings, size_t i, struct nta_finding *ret_finding);

/** "batch 7 of sensor 00112233…: REASON", "batches 7 to 9 of ...", as it fits a line. */
void nta_finding_put(struct nta_buf *out, const struct nta_finding *finding);
