/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/verify_show.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "output/fail.h"
#include "output/term.h"
#include "vault/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct result
{
    const char *word;
    int status;
};

static uint64_t count_batches(const struct nta_verified *verified)
{
    return verified->chain ? nta_chain_n_proved(verified->chain) : 0;
}

/**
 * Something that does not hold weighs more than what was not seen, and that more than that there is
 * nothing.
 */
static struct result result_of(const struct nta_verified *verified)
{
    if (nta_findings_of(verified->findings, NTA_WRONG))
        return (struct result){"WRONG", NTA_EXIT_INPUT};
    if (nta_findings_of(verified->findings, NTA_UNSEEN))
        return (struct result){"UNSEEN", NTA_EXIT_FAILURE};
    if (count_batches(verified) == 0)
        return (struct result){"NOTHING TO CHECK", NTA_EXIT_INPUT};
    return (struct result){"HOLDS", NTA_EXIT_OK};
}

bool nta_verify_holds(const struct nta_verified *verified)
{
    return result_of(verified).status == NTA_EXIT_OK;
}

/** Of which nothing but the headers was looked at, as the rest was before. */
static uint64_t count_recalled(const struct nta_verified *verified)
{
    struct nta_chain_sensor sensor;
    uint64_t n = 0;

    for (size_t i = 0; verified->chain && nta_chain_get(verified->chain, i, &sensor); i++)
        n += sensor.n_recalled;
    return n;
}

/**
 * Whether there are batches that were left out, or may be: of more findings than are kept nobody
 * knows which they are.
 */
static bool has_left_out(const struct nta_verified *verified)
{
    struct nta_finding finding;
    uint64_t n_more;

    (void)nta_findings_kept(verified->findings, &n_more);
    for (size_t i = 0; nta_findings_get(verified->findings, i, &finding); i++) {
        if (finding.number && nta_finding_form(finding.kind)->hides)
            return true;
    }
    return n_more > 0;
}

static const char *opened_of(const struct nta_verified *verified)
{
    const uint64_t n_before = verified->opens ? count_recalled(verified) : 0;

    if (verified->n_opened + n_before == 0)
        return "no";
    return verified->n_opened + n_before >= count_batches(verified) && !has_left_out(verified)
               ? "yes"
               : "some";
}

static const char *const weights[] = {
    [NTA_WRONG] = "wrong", [NTA_UNSEEN] = "unseen", [NTA_TOLD] = "told"};

/** Of seconds that somebody signed; 0: of none that there can be. */
static int64_t wall_of(uint64_t time_s)
{
    return time_s < INT64_MAX / NTA_NS_PER_S ? (int64_t)time_s * NTA_NS_PER_S : 0;
}

/* ---- JSON ---- */

/** What the chain's proved notes say: format 2. */
static void put_json_notes(struct nta_buf *out, const struct nta_chain_sensor *sensor)
{
    if (sensor->has_checkpoint_key) {
        nta_buf_puts(out, ",\"identity\":\"nta-sensor-");
        nta_buf_put_hex(out, sensor->identity, NTA_KEY_LEN);
        nta_buf_puts(out, "\"");
        if (sensor->revoked)
            nta_buf_printf(out, ",\"revoked\":%" PRIu64, sensor->revoked);
        nta_buf_puts(out, ",\"checkpoint_key\":\"");
        nta_checkpoint_put_key(out, sensor->trusted->sensor, sensor->checkpoint_key);
        nta_buf_puts(out, "\"");
    }
    nta_buf_printf(out, ",\"deleted\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"unproved\":%" PRIu64,
                   sensor->n_deleted, sensor->n_lost, sensor->n_unadopted);
}

static void put_json_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, ",\"%s\":", name);
    if (wall_ns)
        nta_buf_printf(out, "\"%s\"", nta_clock_text(wall_ns, text));
    else
        nta_buf_puts(out, "null");
}

/** Where it began behind, if it was to; null: at the first batch. */
static void put_json_resumed(struct nta_buf *out, const struct nta_verified *verified,
                             const struct nta_chain_sensor *sensor)
{
    struct nta_resumed resumed;

    if (!verified->resumes)
        return;
    if (!nta_resume_get(verified->resume, verified->chain, sensor->trusted->sensor, &resumed)) {
        nta_buf_puts(out, ",\"resumed\":null");
        return;
    }
    nta_buf_printf(out, ",\"resumed\":{\"to\":%" PRIu64, resumed.to);
    put_json_time(out, "time", resumed.wall_ns);
    put_json_time(out, "since", resumed.since_ns);
    nta_buf_puts(out, "}");
}

/** Records that its own records tell to be lost; null: no batch was opened. */
static void put_json_loss(struct nta_buf *out, const struct nta_verified *verified,
                          const struct nta_chain_sensor *sensor)
{
    const struct nta_told_loss loss = nta_told_loss(verified->told, sensor->trusted->sensor);

    if (!verified->told || verified->n_opened == 0 || sensor->n_recalled > 0) {
        nta_buf_puts(out, ",\"records_lost\":null");
        return;
    }
    nta_buf_printf(out, ",\"records_lost\":{\"records\":%" PRIu64, loss.n);
    put_json_time(out, "first", loss.first_ns);
    put_json_time(out, "last", loss.last_ns);
    nta_buf_puts(out, "}");
}

static void put_json_sensor(struct nta_buf *out, const struct nta_verified *verified,
                            const struct nta_chain_sensor *sensor)
{
    nta_buf_puts(out, "{\"sensor\":\"");
    nta_buf_put_hex(out, sensor->trusted->sensor, NTA_SENSOR_ID_LEN);
    nta_buf_puts(out, "\",\"key\":\"nta-sensor-");
    nta_buf_put_hex(out, sensor->trusted->public_key, NTA_KEY_LEN);
    nta_buf_printf(out, "\",\"name\":\"%s\",\"batches\":%" PRIu64 ",\"records\":%" PRIu64,
                   sensor->trusted->name, sensor->n_batches, sensor->n_records);
    put_json_time(out, "first", sensor->first_ns);
    put_json_time(out, "last", sensor->last_ns);
    nta_buf_printf(out, ",\"head\":{\"number\":%" PRIu64 ",\"hash\":\"", sensor->last);
    nta_buf_put_hex(out, sensor->head, NTA_HASH_LEN);
    nta_buf_puts(out, "\"");
    if (sensor->has_root) {
        nta_buf_puts(out, ",\"tree\":\"");
        nta_buf_put_hex(out, sensor->root, NTA_HASH_LEN);
        nta_buf_puts(out, "\"");
    }
    nta_buf_puts(out, "}");
    put_json_notes(out, sensor);
    put_json_loss(out, verified, sensor);
    put_json_resumed(out, verified, sensor);
    nta_buf_puts(out, "}");
}

static void put_json_finding(struct nta_buf *out, const struct nta_finding *finding)
{
    const struct nta_finding_form *form = nta_finding_form(finding->kind);

    nta_buf_printf(out, "{\"kind\":\"%s\",\"weight\":\"%s\"", form->name, weights[form->weight]);
    if (finding->has_sensor) {
        nta_buf_puts(out, ",\"sensor\":\"");
        nta_buf_put_hex(out, finding->sensor, NTA_SENSOR_ID_LEN);
        nta_buf_puts(out, "\"");
    }
    if (finding->number)
        nta_buf_printf(out, ",\"number\":%" PRIu64 ",\"to\":%" PRIu64, finding->number,
                       finding->to);
    nta_buf_puts(out, ",\"text\":");
    nta_text_json(out, nta_span_of(finding->text));
    if (form->todo) {
        nta_buf_puts(out, ",\"todo\":");
        nta_text_json(out, nta_span_of(form->todo));
    }
    nta_buf_puts(out, "}");
}

/** Only where witnesses were given. */
static void put_json_cosigned(struct nta_buf *out, const struct nta_witnesses *witnesses,
                              const struct nta_cosigned *one, bool is_first)
{
    nta_buf_puts(out, is_first ? "{\"name\":" : ",{\"name\":");
    nta_text_json(out, nta_span_of(witnesses->all[one->witness].key.name));
    if (one->number) {
        nta_buf_puts(out, ",\"sensor\":\"");
        nta_buf_put_hex(out, one->sensor, NTA_SENSOR_ID_LEN);
        nta_buf_puts(out, "\"");
    }
    nta_buf_printf(out, ",\"number\":%" PRIu64, one->number);
    put_json_time(out, "time", wall_of(one->time_s));
    nta_buf_puts(out, "}");
}

/** A row for each sensor of which a witness has cosigned a head; one who has none: number 0. */
static void put_json_witnesses(struct nta_buf *out, const struct nta_witnesses *witnesses)
{
    if (!witnesses || witnesses->n == 0)
        return;
    nta_buf_printf(out, ",\"operators\":%zu,\"witnesses\":[", nta_witnesses_operators(witnesses));
    for (size_t i = 0, n = 0; i < witnesses->n; i++) {
        if (!witnesses->all[i].has_cosigned)
            put_json_cosigned(out, witnesses, &(struct nta_cosigned){.witness = i}, n++ == 0);
        for (size_t j = 0; j < witnesses->n_cosigned; j++)
            if (witnesses->cosigned[j].witness == i)
                put_json_cosigned(out, witnesses, &witnesses->cosigned[j], n++ == 0);
    }
    nta_buf_puts(out, "]");
}

static void put_json(struct nta_buf *out, const struct nta_verified *verified)
{
    const struct result result = result_of(verified);
    struct nta_chain_sensor sensor;
    struct nta_finding finding;
    uint64_t n_more;

    nta_buf_printf(out, "{\"result\":\"%s\",\"status\":%d,\"sensors\":[", result.word,
                   result.status);
    for (size_t i = 0; verified->chain && nta_chain_get(verified->chain, i, &sensor); i++) {
        nta_buf_puts(out, i ? "," : "");
        put_json_sensor(out, verified, &sensor);
    }
    nta_buf_printf(out, "],\"opened\":\"%s\",\"identity_here\":%s,\"findings\":[",
                   opened_of(verified), verified->has_identity ? "true" : "false");
    for (size_t i = 0; nta_findings_get(verified->findings, i, &finding); i++) {
        nta_buf_puts(out, i ? "," : "");
        put_json_finding(out, &finding);
    }
    (void)nta_findings_kept(verified->findings, &n_more);
    nta_buf_printf(out, "],\"more\":%" PRIu64, n_more);
    put_json_witnesses(out, verified->witnesses);
    nta_buf_puts(out, "}\n");
}

/* ---- lines ---- */

/** What its sensor lost, however the check ends: batches as headers note, records as it records. */
static void put_losses(struct nta_buf *out, const struct nta_chain_sensor *sensor,
                       const struct nta_told_loss *loss)
{
    char first[NTA_TIME_TEXT_SIZE], last[NTA_TIME_TEXT_SIZE];

    if (sensor->n_lost) {
        nta_buf_printf(out, "\nlost    %" PRIu64 " batch%s, as noted at %.19sZ", sensor->n_lost,
                       sensor->n_lost == 1 ? "" : "es",
                       nta_clock_text(sensor->lost_first_ns, first));
        if (sensor->lost_last_ns != sensor->lost_first_ns)
            nta_buf_printf(out, " to %.19sZ", nta_clock_text(sensor->lost_last_ns, last));
    }
    if (loss->n)
        nta_buf_printf(out,
                       "\nlost    %" PRIu64 " record%s by the sensor itself, between %.19sZ and "
                       "%.19sZ, as it says",
                       loss->n, loss->n == 1 ? "" : "s", nta_clock_text(loss->first_ns, first),
                       nta_clock_text(loss->last_ns, last));
}

/** What was not read this time. */
static void put_resumed(struct nta_buf *out, const struct nta_verified *verified,
                        const struct nta_chain_sensor *sensor)
{
    char time[NTA_TIME_TEXT_SIZE], since[NTA_TIME_TEXT_SIZE];
    struct nta_resumed resumed;

    if (!verified->resumes)
        return;
    if (!nta_resume_get(verified->resume, verified->chain, sensor->trusted->sensor, &resumed)) {
        nta_buf_puts(out,
                     "\nresumed from the first batch: nothing that was verified before counts");
        return;
    }
    nta_buf_printf(out,
                   "\nresumed behind batch %" PRIu64 ": those up to it held at %.19sZ (all of them "
                   "read since %.19sZ), and nothing but their headers was read again",
                   resumed.to, nta_clock_text(resumed.wall_ns, time),
                   nta_clock_text(resumed.since_ns, since));
}

static void put_sensor(struct nta_buf *out, const struct nta_verified *verified,
                       const struct nta_chain_sensor *sensor)
{
    const struct nta_told_loss loss = nta_told_loss(verified->told, sensor->trusted->sensor);

    char first[NTA_TIME_TEXT_SIZE], last[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, "sensor  ");
    nta_buf_put_hex(out, sensor->trusted->sensor, NTA_SENSOR_ID_LEN);
    nta_buf_printf(out, "%s%s\nbatches %" PRIu64 " with %" PRIu64 " records",
                   sensor->trusted->name[0] ? " " : "", sensor->trusted->name, sensor->n_batches,
                   sensor->n_records);
    if (sensor->n_batches)
        nta_buf_printf(out, "\ntimes   %s to %s", nta_clock_text(sensor->first_ns, first),
                       nta_clock_text(sensor->last_ns, last));
    if (sensor->last) {
        nta_buf_printf(out, "\nhead    %" PRIu64 ":", sensor->last);
        nta_buf_put_hex(out, sensor->head, NTA_HASH_LEN);
        if (sensor->has_root && sensor->whole_to == sensor->last) {
            nta_buf_puts(out, ":");
            nta_buf_put_hex(out, sensor->root, NTA_HASH_LEN);
        }
    }
    if (sensor->revoked) {
        nta_buf_puts(out, "\nrevoked nta-sensor-");
        nta_buf_put_hex(out, sensor->identity, NTA_KEY_LEN);
        nta_buf_printf(out, ", its identity, by batch %" PRIu64, sensor->revoked);
    }
    if (sensor->n_deleted)
        nta_buf_printf(out, "\ndeleted contents of %" PRIu64 ", as notes say", sensor->n_deleted);
    put_losses(out, sensor, &loss);
    put_resumed(out, verified, sensor);
    if (sensor->n_noted)
        nta_buf_printf(out, "\nnoted   %" PRIu64 " head%s in it, up to batch %" PRIu64 "%s",
                       sensor->n_noted, sensor->n_noted == 1 ? " lies" : "s lie", sensor->noted,
                       sensor->is_noted_whole ? ": none up to there is missing" : "");
    nta_buf_puts(out, "\n");
}

static void put_witnesses(struct nta_buf *out, const struct nta_witnesses *witnesses)
{
    const size_t n = witnesses ? nta_witnesses_operators(witnesses) : 0;
    char time[NTA_TIME_TEXT_SIZE];

    for (size_t i = 0; witnesses && i < witnesses->n_cosigned; i++) {
        const struct nta_cosigned *one = &witnesses->cosigned[i];
        const bool is_stamp = witnesses->all[one->witness].stamps;

        nta_buf_puts(out, is_stamp ? "time stamp by " : "witness ");
        nta_text_escape(out, nta_span_of(witnesses->all[one->witness].key.name));
        nta_buf_printf(out, "%s up to batch %" PRIu64 " of sensor ", is_stamp ? ":" : " cosigned",
                       one->number);
        nta_buf_put_hex(out, one->sensor, NTA_SENSOR_ID_LEN);
        nta_buf_printf(out, " at %.19sZ\n", nta_clock_text(wall_of(one->time_s), time));
    }
    if (n)
        nta_buf_printf(out, "witness of %zu operator%s\n", n, n == 1 ? "" : "s");
}

static void put_findings(struct nta_buf *out, struct nta_findings *findings)
{
    struct nta_finding finding;
    uint64_t n_more;

    for (size_t i = 0; nta_findings_get(findings, i, &finding); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf line = {0};

        nta_finding_put(&line, &finding);
        nta_text_escape(out, nta_buf_span(&line));
        nta_buf_printf(out, " [%s]\n", nta_finding_form(finding.kind)->name);
    }
    (void)nta_findings_kept(findings, &n_more);
    if (n_more) {
        nta_put_more(out, (struct nta_more){.n = n_more});
        nta_buf_puts(out, "\n");
    }
}

/** Once for each kind that is there. */
static void put_todo(struct nta_buf *out, struct nta_findings *findings)
{
    for (unsigned kind = 0; kind < NTA_FINDING_N_KINDS; kind++) {
        const struct nta_finding_form *form = nta_finding_form((enum nta_finding_kind)kind);

        if (form->todo && nta_findings_of_kind(findings, (enum nta_finding_kind)kind))
            nta_buf_printf(out, "to do   [%s] %s\n", form->name, form->todo);
    }
}

static const char *opened_text(const struct nta_verified *verified)
{
    const char *opened = opened_of(verified);

    if (strcmp(opened, "yes") == 0)
        return "yes, records match the signed Merkle roots";
    return strcmp(opened, "no") == 0 ? "no, the chain was checked without records"
                                     : "some, not all batches could be opened";
}

/** What the word means, and what is to be done. */
static void put_end(struct nta_buf *out, const struct nta_verified *verified,
                    const struct result *result)
{
    uint64_t n_wrong = nta_findings_of(verified->findings, NTA_WRONG);
    struct nta_chain_sensor sensor;

    nta_buf_puts(out, result->word);
    if (strcmp(result->word, "HOLDS") == 0)
        nta_buf_puts(out, "   signatures, links, tokens, bodies and data keys, up to each head\n"
                          "        (whether something was cut off behind it, heads tell that were\n"
                          "        noted elsewhere: --head, --heads)\n");
    else if (n_wrong)
        nta_buf_printf(out,
                       "   %" PRIu64 " thing%s not hold; verify.md (in docs/) tells more of\n"
                       "        each name in brackets\n",
                       n_wrong, n_wrong == 1 ? " does" : "s do");
    else if (strcmp(result->word, "UNSEEN") == 0)
        nta_buf_puts(out, "  what could be seen holds; the rest is named above\n");
    else
        nta_buf_puts(out, "\n        there is no batch in it: is this the right store?\n");
    if (verified->has_identity)
        nta_buf_puts(out,
                     "        The identity's secret, sensor.key, lies on this machine: what is\n"
                     "        said above holds only against those who could not read it\n");
    if (verified->chain && !nta_chain_get(verified->chain, 0, &sensor))
        nta_buf_puts(out, "        No sensor's key is known here: give the one that you noted\n"
                          "        (--key), or put its sensor.pub into the key folder\n");
}

static void put_lines(struct nta_buf *out, const struct nta_verified *verified)
{
    const struct result result = result_of(verified);
    struct nta_chain_sensor sensor;

    put_findings(out, verified->findings);
    put_todo(out, verified->findings);
    for (size_t i = 0; verified->chain && nta_chain_get(verified->chain, i, &sensor); i++)
        put_sensor(out, verified, &sensor);
    put_witnesses(out, verified->witnesses);
    nta_buf_printf(out, "opened  %s\n", opened_text(verified));
    put_end(out, verified, &result);
}

int nta_verify_show(const struct nta_verified *verified, bool as_json)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    if (as_json)
        put_json(&out, verified);
    else
        put_lines(&out, verified);
    return nta_cmd_answer(&out, !as_json, result_of(verified).status);
}
