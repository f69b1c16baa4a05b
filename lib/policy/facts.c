/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/facts.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "blacklist/file/history.h"
#include "blacklist/file/sha256.h"
#include "policy/builtin.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Owned by the policy. */
struct nta_policy_facts
{
    uint8_t config[NTA_SHA256_LEN];
    struct nta_log_list lists[NTA_LOG_LISTS]; ///< Borrow from the policy's lists and `trees`.
    uint8_t trees[NTA_LOG_LISTS][NTA_SHA256_LEN];
    uint8_t hashes[NTA_LOG_LISTS][NTA_SHA256_LEN]; ///< Of the lists' files, once more in a row.
    size_t n_lists;
    struct nta_log_database geo[NTA_LOG_DATABASES]; ///< Borrow from the policy's and `geo_hashes`.
    uint8_t geo_hashes[NTA_LOG_DATABASES][NTA_SHA256_LEN];
    size_t n_geo;
};

/** As `ntad --print-config` shows it: secrets are not in there. */
static int hash_config(const struct nta_config *config, uint8_t ret_hash[NTA_SHA256_LEN])
{
    NTA_AUTO_FREE char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return -ENOMEM;
    nta_config_print(config, out);
    if (fclose(out) != 0 || !text)
        return -ENOMEM;
    return nta_sha256_of((struct nta_span){(const uint8_t *)text, len}, ret_hash);
}

/** The canary is another one at each start, and no list of anybody's. */
static bool is_told(const struct nta_list_report *list)
{
    return !list->internal || strcmp(list->name, NTA_CANARY_LIST) != 0;
}

static void gather_list(struct nta_policy_facts *facts, const struct nta_list_report *list,
                        const char *history_dir, struct nta_buf *complaints)
{
    const size_t i = facts->n_lists;
    struct nta_list_lines lines;
    struct nta_err err = {0};

    if (i == NTA_LOG_LISTS || !is_told(list))
        return;
    memcpy(facts->hashes[i], list->sha256, NTA_SHA256_LEN);
    facts->lists[i] = (struct nta_log_list){
        .name = nta_span_of(list->name),
        .category = nta_span_of(list->category),
        .entries = nta_list_report_entries(list) - list->n_duplicates,
        .sha256 = {facts->hashes[i], NTA_SHA256_LEN},
        .allow = list->allow,
    };
    facts->n_lists++;
    if (nta_list_history_keep(history_dir, list, &lines, &err) < 0) {
        nta_buf_printf(complaints, "%s\n", err.text);
        return;
    }
    memcpy(facts->trees[i], lines.tree, NTA_SHA256_LEN);
    facts->lists[i].tree = (struct nta_span){facts->trees[i], NTA_SHA256_LEN};
    facts->lists[i].lines = lines.n;
}

/** Texts that somebody removed: what is kept from now on does not bring them back. */
static void say_missing(const char *history_dir, struct nta_buf *complaints)
{
    const uint64_t n = nta_list_history_missing(history_dir);

    if (n)
        nta_buf_printf(complaints,
                       "%s: somebody removed %" PRIu64 " text%s of lists that were in force: what "
                       "their lines said (nta lists line) cannot be told any more, but from a copy "
                       "of that folder\n",
                       history_dir, n, n == 1 ? "" : "s");
}

static int gather_geo(struct nta_policy_facts *facts, const struct nta_geo *geo)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < nta_geo_n_files(geo) && i < NTA_LOG_DATABASES; i++) {
        struct nta_geo_info info;

        nta_geo_get_info(geo, i, &info);
        r = nta_sha256_of(nta_geo_content(geo, i), facts->geo_hashes[i]);
        facts->geo[i] = (struct nta_log_database){
            .type = nta_span_of(info.type),
            .built_ns = info.built_wall_ns,
            .sha256 = {facts->geo_hashes[i], NTA_SHA256_LEN},
        };
        facts->n_geo = i + 1;
    }
    return r;
}

int nta_policy_gather(struct nta_policy *policy, const struct nta_config *config,
                      const char *history_dir, struct nta_buf *complaints)
{
    struct nta_policy_facts *facts = calloc(1, sizeof(*facts));
    struct nta_err err = {0};

    if (!facts)
        return -ENOMEM;
    free(policy->facts);
    policy->facts = facts;
    say_missing(history_dir, complaints);
    for (size_t i = 0; i < nta_blacklist_n_lists(policy->lists); i++)
        gather_list(facts, nta_blacklist_get_list(policy->lists, i), history_dir, complaints);
    if (nta_list_history_trim(history_dir, facts->hashes[0], facts->n_lists,
                              config->blacklist.history_bytes, &err) < 0)
        nta_buf_printf(complaints, "%s\n", err.text);
    int r = hash_config(config, facts->config);

    return r < 0 ? r : gather_geo(facts, policy->geo);
}

static void fill_log(const struct nta_policy *policy,
                     const struct nta_policy_surroundings *surroundings,
                     struct nta_policy_record *record)
{
    const struct nta_policy_facts *facts = policy->facts;
    struct nta_record_log *log = &record->log;

    static_assert(sizeof(record->build) >= NTA_BUILD_ID_SIZE, "space for the build id");
    *log = (struct nta_record_log){
        .version = nta_span_of(nta_version()),
        .build = nta_span_of(nta_build_id(record->build)),
        .config = {facts->config, sizeof(facts->config)},
        .interfaces = surroundings->interfaces,
        .n_interfaces = surroundings->n_interfaces,
        .lists = facts->lists,
        .n_lists = facts->n_lists,
        .geo = facts->geo,
        .n_geo = facts->n_geo,
        .home = policy->home,
        .n_home = policy->n_home,
        .clock.known = true,
    };
    log->clock.synchronised = nta_clock_is_synchronised(&log->clock.error_ms);
}

int nta_policy_describe(struct nta_policy *policy,
                        const struct nta_policy_surroundings *surroundings,
                        struct nta_policy_record *ret_record)
{
    NTA_AUTO(nta_buf_done) struct nta_buf encoded = {0};
    uint8_t hash[NTA_SHA256_LEN];

    if (!policy->facts)
        return -ENODATA;
    fill_log(policy, surroundings, ret_record);
    ret_record->record = (struct nta_record){
        .event = NTA_RECORD_POLICY, .time_ns = surroundings->wall_ns, .log = &ret_record->log};
    nta_record_encode(&ret_record->record, &encoded);
    int r = encoded.failed ? -ENOMEM : nta_sha256_of(nta_buf_span(&encoded), hash);

    if (r < 0)
        return r;
    policy->stamp = 0;
    for (size_t i = 0; i < sizeof(policy->stamp); i++)
        policy->stamp = policy->stamp << 8 | hash[i];
    return 0;
}

int nta_policy_first(int64_t wall_ns, struct nta_batch *batch)
{
    char build[NTA_BUILD_ID_SIZE];
    struct nta_record_log log = {
        .version = nta_span_of(nta_version()),
        .build = nta_span_of(nta_build_id(build)),
        .clock.known = true,
    };
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .time_ns = wall_ns, .log = &log};

    log.clock.synchronised = nta_clock_is_synchronised(&log.clock.error_ms);
    return nta_batch_add(batch, &record);
}
