/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta verify: does the chain hold?  Needs the sensor's public key alone; with the auditor's key each batch is opened,
 * too, so that records are held against the signed Merkle root.
 */
#include "base/clock.h"
#include "base/hex.h"
#include "base/own.h"
#include "cmd.h"
#include "search/stores.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nta verify [OPTIONS]\n\n"
    "Check that no batch of records was changed, removed, added or moved: numbers without holes from\n"
    "1, each header linked to the one before and signed by the sensor, tokens and bodies as signed.\n"
    "That takes the sensor's public key only.  Where the auditor's key is at hand, every batch is\n"
    "opened as well and its records are held against the signed Merkle root.\n\n"
    "  -k, --key KEY       the sensor's public key (nta-sensor-...), as you noted it when it was made;\n"
    "                      default: sensor.pub in the key folder\n"
    "  -q, --quick         do not open batches\n"
    "  -d, --store DIR     the folder of `nta read --store`; default: what ntad.conf names\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 all holds, 1 something does not (each place is named), 3 could not run.\n";

struct verifying
{
    const char *key_text, *dir, *config;
    bool quick, progress;
    uint8_t public_key[NTA_KEY_LEN], sensor[NTA_SENSOR_ID_LEN];
    struct nta_opener *opener; ///< NULL: batches are not opened.
    struct nta_batch batch;
    uint64_t next;                  ///< Number the chain goes on with.
    uint8_t previous[NTA_HASH_LEN]; ///< Hash the next header must hold.
    uint64_t n_batches, n_records, n_foreign, n_wrong;
    int64_t first_ns, last_ns;
};

static const struct option options[] = {
    {"key", required_argument, NULL, 'k'},   {"quick", no_argument, NULL, 'q'},
    {"store", required_argument, NULL, 'd'}, {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
};

static int take_options(struct verifying *verifying, int argc, char **argv)
{
    int c;

    while ((c = getopt_long(argc, argv, "k:qd:c:h", options, NULL)) != -1) {
        switch (c) {
        case 'k': verifying->key_text = optarg; break;
        case 'q': verifying->quick = true; break;
        case 'd': verifying->dir = optarg; break;
        case 'c': verifying->config = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("verify");
        }
    }
    if (optind < argc) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "too many arguments");
        return nta_cmd_usage("verify");
    }
    return -1;
}

/** Name one thing that does not hold. */
static void wrong(struct verifying *verifying, uint64_t number, const char *what)
{
    verifying->n_wrong++;
    (void)printf("batch %" PRIu64 ": %s\n", number, what);
}

static void check_link(struct verifying *verifying, const struct nta_header *header)
{
    if (header->number != verifying->next) {
        verifying->n_wrong++;
        if (header->number > verifying->next)
            (void)printf("batches %" PRIu64 " to %" PRIu64 " are missing\n", verifying->next,
                         header->number - 1);
        else
            (void)printf("batch %" PRIu64 " is there again or out of order\n", header->number);
        return;
    }
    if (memcmp(header->previous, verifying->previous, sizeof(header->previous)) != 0)
        wrong(verifying, header->number, "does not follow the one before it");
}

static void check_records(struct verifying *verifying, const struct nta_stored *stored)
{
    struct nta_err err = {0};

    if (!verifying->opener)
        return;
    if (nta_opener_open(verifying->opener, &stored->sealed, &verifying->batch, &err) < 0)
        wrong(verifying, stored->header.number, err.text);
}

static int on_batch(void *owner, const struct nta_stored *stored, struct nta_err *err)
{
    struct verifying *verifying = owner;
    struct nta_header header = stored->header;

    (void)err;
    if (memcmp(header.sensor, verifying->sensor, sizeof(header.sensor)) != 0) {
        verifying->n_foreign++;
        return 0;
    }
    enum nta_check check = nta_sealed_check(&stored->sealed, verifying->public_key, &header);

    if (check != NTA_CHECK_OK)
        wrong(verifying, stored->header.number, nta_check_text(check));
    else
        check_records(verifying, stored);
    check_link(verifying, &header);
    nta_header_hash(&stored->sealed, verifying->previous);
    verifying->next = header.number + 1;
    verifying->n_batches++;
    verifying->n_records += header.n_records;
    if (verifying->first_ns == 0 || header.first_ns < verifying->first_ns)
        verifying->first_ns = header.first_ns;
    if (header.last_ns > verifying->last_ns)
        verifying->last_ns = header.last_ns;
    if (verifying->progress && verifying->n_batches % 64 == 0)
        (void)fprintf(stderr, "\r\033[Kbatch %" PRIu64, header.number);
    return 0;
}

static int prepare(struct verifying *verifying, struct nta_stores *stores, struct nta_err *err)
{
    struct nta_err ignored = {0};
    size_t n_foreign;
    int r = verifying->key_text
                ? nta_keys_parse_sensor(verifying->key_text, verifying->public_key, err)
                : nta_keys_sensor_public(stores->keys_dir, verifying->public_key, err);

    if (r < 0)
        return r;
    nta_sensor_id(verifying->public_key, verifying->sensor);
    if (verifying->quick || nta_opener_new(stores->keys_dir, &verifying->opener, &ignored) < 0)
        return 0; /* the chain can be checked without */
    return nta_stores_unlock(stores, verifying->opener, &n_foreign, err);
}

static int conclude(const struct verifying *verifying)
{
    char first[NTA_TIME_TEXT_SIZE], last[NTA_TIME_TEXT_SIZE];
    char sensor[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)], head[NTA_HEX_SIZE(NTA_HASH_LEN)];

    if (verifying->progress)
        (void)fputs("\r\033[K", stderr);
    (void)printf("sensor  %s\nbatches %" PRIu64 " with %" PRIu64 " records",
                 nta_hex_text(verifying->sensor, sizeof(verifying->sensor), sensor),
                 verifying->n_batches, verifying->n_records);
    if (verifying->n_batches)
        (void)printf(", from %s to %s", nta_clock_text(verifying->first_ns, first),
                     nta_clock_text(verifying->last_ns, last));
    (void)printf("\nhead    %s\nopened  %s\n",
                 nta_hex_text(verifying->previous, sizeof(verifying->previous), head),
                 verifying->opener ? "yes, records match the signed Merkle roots"
                                   : "no, the chain was checked without keys");
    if (verifying->n_foreign)
        (void)printf("left    %" PRIu64 " batches of other sensors, not checked\n",
                     verifying->n_foreign);
    if (verifying->n_wrong) {
        (void)printf("WRONG   %" PRIu64 " things do not hold\n", verifying->n_wrong);
        return NTA_EXIT_INPUT;
    }
    (void)puts(
        verifying->n_batches
            ? "OK      signatures, links, tokens and bodies hold; nothing is missing up to the "
              "head\n        (compare the head with one noted elsewhere to know that none "
              "was cut off behind it)"
            : "OK      nothing is kept yet");
    return NTA_EXIT_OK;
}

static int verify(struct verifying *verifying)
{
    struct nta_stores stores = {0};
    struct nta_err err = {0};
    const struct nta_store_query all = {0};
    int r = nta_stores_open(verifying->dir, verifying->config, &stores, &err);

    if (r == 0)
        r = prepare(verifying, &stores, &err);
    if (r == 0)
        r = nta_stores_each(&stores, &all, on_batch, verifying, &err);
    nta_stores_close(&stores);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return conclude(verifying);
}

int nta_cmd_verify(int argc, char **argv)
{
    struct verifying verifying = {.next = 1, .progress = isatty(STDERR_FILENO)};
    int status = take_options(&verifying, argc, argv);

    if (status < 0) {
        nta_batch_init(&verifying.batch);
        status = verify(&verifying);
        nta_batch_done(&verifying.batch);
    }
    nta_opener_free(&verifying.opener);
    return status;
}
