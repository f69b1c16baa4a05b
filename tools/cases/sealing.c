/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/sealing.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "cases/collect.h"
#include "evidence/seal.h"
#include "trace/say.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int say(const struct nta_filters *filters, const struct nta_wanted *wanted,
               const char *question, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    const struct nta_record_log log = {.question = nta_span_of(question), .n_records = wanted->n};

    nta_buf_printf(&line, "audit - %zu ", wanted->n);
    nta_buf_put_hex(&line, question, strlen(question));
    nta_buf_put(&line, " -\n", 4);
    const struct nta_saying saying = {
        .dir = filters->dir,
        .config = filters->config,
        .event = NTA_RECORD_AUDIT,
        .log = &log,
        .line = (const char *)line.ptr,
        .sensor = wanted->incident + 2,
    };

    return line.failed ? nta_err_sys(err, -ENOMEM, "evidence") : nta_say(&saying, err);
}

struct finding
{
    const char *question;
    struct nta_wanted_id id; ///< Of the newest record that says so.
    bool is_found;
};

static int on_audit(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    const struct nta_record_log *log = found->record->log;

    (void)err;
    if (found->unverified || !log || !nta_span_equal(log->question, nta_span_of(finding->question)))
        return 0;
    finding->is_found = true;
    finding->id = (struct nta_wanted_id){.number = found->header->number, .index = found->index};
    memcpy(finding->id.sensor, found->header->sensor, sizeof(finding->id.sensor));
    return 0;
}

static int prove(const struct nta_filters *filters, const struct nta_case *kase,
                 struct finding *finding, int64_t since_ns, struct nta_case **ret_seal,
                 struct nta_err *err)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    const struct nta_search_options take = {.each = on_audit, .owner = finding};
    struct nta_query query = {.since_ns = since_ns, .events = 1U << NTA_RECORD_AUDIT};
    int r = nta_filters_open(filters, &search, err);

    if (r == 0)
        r = nta_search_each(search, &query, &take, NULL, err);
    if (r < 0)
        return r;
    if (!finding->is_found || !nta_case_has_sensor(kase, finding->id.sensor))
        return nta_err_set(err, -ENODATA, "it was not noted in the chain of the case's sensor");
    const struct nta_wanted wanted = {.ids = &finding->id, .n = 1};

    return nta_case_collect(search, &wanted, NULL, ret_seal, err);
}

int nta_case_make_seal(const struct nta_filters *filters, const struct nta_wanted *wanted,
                       const struct nta_case *kase, struct nta_case **ret_seal, struct nta_err *err)
{
    const int64_t since_ns = nta_clock_wall_ns() - NTA_NS_PER_S;
    uint8_t manifest[NTA_HASH_LEN];
    char question[NTA_CASE_SEAL_SIZE];
    struct finding finding = {.question = question};
    int r = nta_case_manifest(kase, manifest);

    if (r < 0)
        return nta_err_sys(err, r, "evidence");
    (void)nta_case_seal_text(wanted->incident, manifest, question);
    r = say(filters, wanted, question, err);
    return r < 0 ? r : prove(filters, kase, &finding, since_ns, ret_seal, err);
}
