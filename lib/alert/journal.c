/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: native fields with counted lengths (systemd.journal-fields(7), sd_journal_sendv(3)).
 */
#include "alert/alert.h"
#include "alert/line.h"
#include "alert/sinks.h"
#include "alert/text.h"
#include "base/own.h"
#include "base/text.h"
#include "record/counted.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

/* As in systemd/nta.catalog. */
#define ALERT_MESSAGE_ID   "5914e996ccd8463d9b08af1445efd3f2"
#define SUMMARY_MESSAGE_ID "5855ff6b3cc040d7ac6f5f1686d72508"
#define CAPPED_MESSAGE_ID  "8d2f6f0a3b7e4c19a5d04e6b9c7f1a52"

#define FATE_MESSAGE_ID "0f3c1f6f7be04c0d9d1a7a3d0b1c52ae"

#define CANARY_LOST_MESSAGE_ID  "cf1d3859930348d7b8e28678e8bac483"
#define CANARY_FOUND_MESSAGE_ID "9c6eae0e8f624f5b89b9893191889773"
#define BAD_MESSAGE_ID          "b1d2a8c65d0f4f0e9a7c3e5d41f6287b"
#define WELL_MESSAGE_ID         "4e7f30c9a2b64d6d8c15f0a93bd7e261"

enum
{
    VALUE_MAX = 4096
};

bool nta_alert_under_systemd(void)
{
    const char *stream = getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): before threads
    uintmax_t dev = 0, ino = 0;
    struct stat st;
    char *end = NULL;

    if (!stream || fstat(STDERR_FILENO, &st) != 0)
        return false;
    dev = strtoumax(stream, &end, 10);
    if (*end != ':')
        return false;
    ino = strtoumax(end + 1, &end, 10);
    return *end == '\0' && dev == (uintmax_t)st.st_dev && ino == (uintmax_t)st.st_ino;
}

/** Begin a field; what is appended until the next one is its value. */
static void begin(struct nta_alert_fields *fields, const char *name)
{
    assert(fields->n < NTA_ALERT_FIELDS);
    fields->starts[fields->n++] = fields->text.len;
    nta_buf_puts(&fields->text, name);
    nta_buf_puts(&fields->text, "=");
}

static void put(struct nta_alert_fields *fields, const char *name, struct nta_span value)
{
    if (value.len == 0)
        return;
    begin(fields, name);
    nta_alert_put_text(&fields->text, value, VALUE_MAX);
}

static void put_number(struct nta_alert_fields *fields, const char *name, uint64_t value)
{
    begin(fields, name);
    nta_buf_printf(&fields->text, "%" PRIu64, value);
}

static void put_addr(struct nta_alert_fields *fields, const char *name, const struct nta_addr *addr)
{
    char text[NTA_ADDR_TEXT_SIZE];

    begin(fields, name);
    nta_buf_puts(&fields->text, nta_addr_text(addr, text));
}

/** Syslog's priority of an alert: what the admin calls high is an error, critical is critical. */
static int priority_of(uint8_t severity)
{
    static const int priorities[] = {NTA_LOG_WARNING, NTA_LOG_NOTICE, NTA_LOG_WARNING,
                                     NTA_LOG_ERROR, NTA_LOG_ERROR - 1};

    return severity < NTA_N_ELEMENTS(priorities) ? priorities[severity] : NTA_LOG_WARNING;
}

static void start(struct nta_alert_fields *fields, const char *kind, const char *message_id,
                  uint8_t severity, struct nta_span line)
{
    fields->kind = kind;
    fields->level = priority_of(severity);
    nta_buf_clear(&fields->text);
    fields->n = 0;
    begin(fields, "MESSAGE");
    nta_buf_put(&fields->text, line.ptr, line.len); /* escaped already */
    put(fields, "MESSAGE_ID", nta_span_of(message_id));
    put_number(fields, "PRIORITY", (uint64_t)fields->level);
}

static void finish(struct nta_alert_fields *fields)
{
    fields->starts[fields->n] = fields->text.len;
    if (fields->text.failed)
        fields->n = 0;
    for (size_t i = 0; i < fields->n; i++)
        fields->iov[i] = (struct iovec){fields->text.ptr + fields->starts[i],
                                        fields->starts[i + 1] - fields->starts[i]};
}

/**
 * A row's value under the name that the row has in the journal; not known: what its type has for
 * that.
 */
static void put_row(struct nta_alert_fields *fields, const char *name,
                    const struct nta_record_field *row, const struct nta_record *record, bool peer)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};

    row->type->put(&value, nta_record_field_value(row, record, peer));
    fields->text.failed |= value.failed;
    if (value.len == 0 && row->type->none)
        put(fields, name, nta_span_of(row->type->none));
    else if (row->type->kind == NTA_FIELD_FLAG)
        put(fields, name, nta_span_of("1"));
    else
        put(fields, name, nta_buf_span(&value));
}

void nta_alert_fields_of(struct nta_alert_fields *fields, const struct nta_record *record,
                         const char *id, uint64_t about, struct nta_span line)
{
    struct nta_record shown = *record;

    if (nta_record_is_lookup(record)) /* a resolver's place is not the site's */
        shown.peer.place = (struct nta_place){0};
    start(fields, "alert", ALERT_MESSAGE_ID, record->match.severity, line);
    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
        const struct nta_record_field *row = &nta_record_fields[i];

        if (row->log)
            put_row(fields, row->log, row, &shown, false);
        if (row->peer_log)
            put_row(fields, row->peer_log, row, &shown, true);
    }
    put(fields, "NTA_RECORD_ID", nta_span_of(id));
    if (about) {
        put(fields, "NTA_STORED", nta_span_of("no"));
        put_number(fields, "NTA_ABOUT", about);
    }
    finish(fields);
}

static void put_shown(struct nta_alert_fields *fields, const char *name, const char *shown)
{
    begin(fields, name);
    nta_buf_puts(&fields->text, shown);
}

void nta_alert_fields_of_repeat(struct nta_alert_fields *fields,
                                const struct nta_alert_repeat *repeat, struct nta_span line)
{
    start(fields, repeat ? "repeats" : "not-logged",
          repeat ? SUMMARY_MESSAGE_ID : CAPPED_MESSAGE_ID, 0, line);
    if (repeat) {
        put_addr(fields, "NTA_USER_IP", &repeat->user);
        put_shown(fields, "NTA_SITE", repeat->site);
        put_shown(fields, "NTA_LIST", repeat->list);
        put_shown(fields, "NTA_ENTRY", repeat->entry);
        put_number(fields, "NTA_REPEATS", repeat->n);
    }
    finish(fields);
}

void nta_alert_fields_of_fate(struct nta_alert_fields *fields, uint64_t about, const char *id,
                              struct nta_span line)
{
    start(fields, "fate", FATE_MESSAGE_ID, 0, line);
    put(fields, "NTA_STORED", nta_span_of(id[0] ? "yes" : "lost"));
    put_number(fields, "NTA_ABOUT", about);
    put(fields, "NTA_RECORD_ID", nta_span_of(id));
    finish(fields);
}

void nta_alert_fields_done(struct nta_alert_fields *fields)
{
    nta_buf_done(&fields->text);
    fields->n = 0;
}

bool nta_alert_journal_send(const struct nta_alert_fields *fields)
{
    return fields->n > 0 && sd_journal_sendv(fields->iov, (int)fields->n) >= 0;
}

void nta_alert_notice(enum nta_notice notice, const char *cause, const char *text)
{
    static const struct
    {
        const char *message_id;
        int priority;
    } notices[] = {
        [NTA_NOTICE_CANARY_LOST] = {"MESSAGE_ID=" CANARY_LOST_MESSAGE_ID, NTA_LOG_ERROR - 1},
        [NTA_NOTICE_CANARY_FOUND] = {"MESSAGE_ID=" CANARY_FOUND_MESSAGE_ID, NTA_LOG_NOTICE},
        [NTA_NOTICE_BAD] = {"MESSAGE_ID=" BAD_MESSAGE_ID, NTA_LOG_ERROR},
        [NTA_NOTICE_WARN] = {"MESSAGE_ID=" BAD_MESSAGE_ID, NTA_LOG_WARNING},
        [NTA_NOTICE_WELL] = {"MESSAGE_ID=" WELL_MESSAGE_ID, NTA_LOG_NOTICE},
    };

    static_assert(NTA_N_ELEMENTS(notices) == NTA_NOTICE_WELL + 1, "each notice has its row");

    (void)sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", notices[notice].priority,
                          "NTA_CAUSE=%s", cause, notices[notice].message_id, NULL);
}

void nta_alert_log_journal(enum nta_log_level level, const char *text)
{
    char priority[] = "PRIORITY=0";
    NTA_AUTO(nta_buf_done) struct nta_buf message = {0};

    priority[sizeof(priority) - 2] = (char)('0' + (unsigned)level % 8);
    nta_buf_puts(&message, "MESSAGE=");
    nta_buf_puts(&message, text);
    struct iovec iov[] = {{message.ptr, message.len}, {priority, sizeof(priority) - 1}};

    if (!message.failed)
        (void)sd_journal_sendv(iov, 2);
}
