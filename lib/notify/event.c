/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/event.h"

#include "base/own.h"
#include "base/text.h"
#include "blacklist/json/json.h"

#include <string.h>

enum
{
    DEPTH_MAX = 4,
    KEY_SIZE = 24,
    PATH_SIZE = DEPTH_MAX * KEY_SIZE
};

/** Where a text stands. */
static const struct
{
    const char *field, *path;
} places[NTA_NOTIFY_WORDS] = {
    [NTA_NOTIFY_USER] = {"NTA_USER_IP", "user.ip"},
    [NTA_NOTIFY_LOGIN] = {"NTA_USER_LOGIN", "user.login"},
    [NTA_NOTIFY_PERSON] = {"NTA_USER_PERSON", "user.person"},
    [NTA_NOTIFY_DEPARTMENT] = {"NTA_USER_DEPARTMENT", "user.department"},
    [NTA_NOTIFY_HOST] = {"NTA_USER_NAME", "user.name"},
    [NTA_NOTIFY_SITE] = {"NTA_SITE", "site"},
    [NTA_NOTIFY_LIST] = {"NTA_LIST", "match.list"},
    [NTA_NOTIFY_CATEGORY] = {"NTA_CATEGORY", "match.category"},
    [NTA_NOTIFY_ENTRY] = {"NTA_ENTRY", "match.entry"},
    [NTA_NOTIFY_FILE] = {"NTA_FILE", "file.name"},
    [NTA_NOTIFY_ACT] = {"NTA_ACT", "act"},
    [NTA_NOTIFY_RECORD] = {"NTA_RECORD_ID", "id"},
    [NTA_NOTIFY_CAUSE] = {"NTA_CAUSE", "cause"},
    [NTA_NOTIFY_SAID] = {"MESSAGE", "message"},
};

static const struct
{
    const char *id;
    enum nta_notify_kind kind;
} ids[] = {
    {NTA_NOTIFY_ID_ALERT, NTA_NOTIFY_ALERT},   {NTA_NOTIFY_ID_REPEATS, NTA_NOTIFY_REPEATS},
    {NTA_NOTIFY_ID_CAPPED, NTA_NOTIFY_CAPPED}, {NTA_NOTIFY_ID_LOST, NTA_NOTIFY_BAD},
    {NTA_NOTIFY_ID_FOUND, NTA_NOTIFY_WELL},    {NTA_NOTIFY_ID_BAD, NTA_NOTIFY_BAD},
    {NTA_NOTIFY_ID_WELL, NTA_NOTIFY_WELL},
};

static const char *const severities[] = {
    [NTA_NOTIFY_UNKNOWN] = "unknown",   [NTA_NOTIFY_LOW] = "low",
    [NTA_NOTIFY_MEDIUM] = "medium",     [NTA_NOTIFY_HIGH] = "high",
    [NTA_NOTIFY_CRITICAL] = "critical",
};

static_assert(NTA_N_ELEMENTS(severities) == NTA_NOTIFY_CRITICAL + 1, "each severity has its name");

const char *nta_notify_severity_name(enum nta_notify_severity severity)
{
    return severities[severity];
}

bool nta_notify_severity_of(struct nta_span name, enum nta_notify_severity *ret_severity)
{
    for (unsigned i = 0; i < NTA_N_ELEMENTS(severities); i++) {
        if (!nta_span_equal(name, nta_span_of(severities[i])))
            continue;
        *ret_severity = (enum nta_notify_severity)i;
        return true;
    }
    return false;
}

void nta_notify_event_init(struct nta_notify_event *event)
{
    event->kind = NTA_NOTIFY_OTHER;
    event->severity = NTA_NOTIFY_UNKNOWN;
    event->weak = event->download = false;
    event->n = 1;
    event->bytes = 0;
    for (size_t i = 0; i < NTA_NOTIFY_WORDS; i++)
        event->word[i][0] = '\0';
}

void nta_notify_event_set(struct nta_notify_event *event, enum nta_notify_word word,
                          struct nta_span shown)
{
    if (shown.len == 0)
        event->word[word][0] = '\0';
    else
        (void)nta_text_guard_to(event->word[word], NTA_NOTIFY_WORD_SIZE, shown);
}

/** Digits; what is none, or too much, is 0. */
static uint64_t number_of(struct nta_span text)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        const unsigned digit = text.ptr[i] - (unsigned)'0';

        if (digit > 9 || value > ((uint64_t)INT64_MAX - digit) / 10)
            return 0; /* as far as a book has numbers */
        value = value * 10 + digit;
    }
    return value;
}

static bool is_yes(struct nta_span value)
{
    return nta_span_equal(value, nta_span_of("1")) || nta_span_equal(value, nta_span_of("true"));
}

static bool is_called(struct nta_span name, const char *called)
{
    return nta_span_equal(name, nta_span_of(called));
}

static void take_id(struct nta_notify_event *event, struct nta_span id)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(ids); i++) {
        if (is_called(id, ids[i].id))
            event->kind = ids[i].kind;
    }
    if (event->severity == NTA_NOTIFY_UNKNOWN) { /* of itself ntad says none */
        if (event->kind == NTA_NOTIFY_BAD)
            event->severity = NTA_NOTIFY_HIGH;
        else if (event->kind == NTA_NOTIFY_WELL)
            event->severity = NTA_NOTIFY_LOW;
    }
}

void nta_notify_event_field(struct nta_notify_event *event, struct nta_span field)
{
    const struct nta_span name = nta_span_before(field, '=');

    if (name.len >= field.len)
        return;
    const struct nta_span value = nta_span_from(field, name.len + 1);

    for (unsigned i = 0; i < NTA_NOTIFY_WORDS; i++) {
        if (is_called(name, places[i].field))
            nta_notify_event_set(event, (enum nta_notify_word)i, value);
    }
    if (is_called(name, "MESSAGE_ID"))
        take_id(event, value);
    else if (is_called(name, "NTA_SEVERITY"))
        (void)nta_notify_severity_of(value, &event->severity);
    else if (is_called(name, "NTA_WEAK"))
        event->weak = is_yes(value);
    else if (is_called(name, "NTA_DOWNLOAD"))
        event->download = is_yes(value);
    else if (is_called(name, "NTA_FILE_BYTES"))
        event->bytes = number_of(value);
    else if (is_called(name, "NTA_REPEATS"))
        event->n = number_of(value);
}

/** A line of alert.json on its way in; the reader last, for it is large. */
struct json_event
{
    struct nta_notify_event *event;
    char keys[DEPTH_MAX][KEY_SIZE]; ///< Of the objects that are open, and the last one.
    bool counted;                   ///< "not_logged" is there.
    struct nta_json json;
};

/** "user.ip"; EVE has all of it below "nta".  Empty: too deep. */
static void path_of(const struct json_event *line, char path[PATH_SIZE])
{
    size_t len = 0;

    path[0] = '\0';
    if (line->json.depth == 0 || line->json.depth > DEPTH_MAX)
        return;
    for (unsigned i = 0; i < line->json.depth; i++) {
        const char *key = line->keys[i];

        if (i == 0 && strcmp(key, "nta") == 0)
            continue;
        len += (size_t)snprintf(path + len, PATH_SIZE - len, "%s%s", len ? "." : "", key);
    }
}

static void take_word(struct json_event *line, struct nta_span value)
{
    struct nta_notify_event *event = line->event;
    char path[PATH_SIZE];

    path_of(line, path);
    for (unsigned i = 0; i < NTA_NOTIFY_WORDS; i++) {
        if (strcmp(path, places[i].path) == 0)
            nta_notify_event_set(event, (enum nta_notify_word)i, value);
    }
    if (strcmp(path, "event") == 0 && is_called(value, "alert"))
        event->kind = NTA_NOTIFY_ALERT;
    else if (strcmp(path, "event") == 0 && is_called(value, "alert-summary"))
        event->kind = NTA_NOTIFY_REPEATS;
    else if (strcmp(path, "match.severity") == 0)
        (void)nta_notify_severity_of(value, &event->severity);
    else if (strcmp(path, "match.weak") == 0)
        event->weak = is_yes(value);
    else if (strcmp(path, "download") == 0)
        event->download = is_yes(value);
    else if (strcmp(path, "file.bytes") == 0)
        event->bytes = number_of(value);
    else if (strcmp(path, "repeats") == 0 || strcmp(path, "not_logged") == 0)
        event->n = number_of(value);
    line->counted = line->counted || strcmp(path, "not_logged") == 0;
}

/** nta_json_fn. */
static void on_token(void *owner, const struct nta_json *json, enum nta_json_token token,
                     struct nta_span text)
{
    struct json_event *line = owner;

    switch (token) {
    case NTA_JSON_KEY:
        if (json->depth >= 1 && json->depth <= DEPTH_MAX)
            nta_text_copy(line->keys[json->depth - 1], KEY_SIZE, text);
        break;
    case NTA_JSON_ARRAY: /* of arrays nothing is taken: what is in them has no key of its own */
        if (json->depth >= 1 && json->depth <= DEPTH_MAX)
            nta_text_copy(line->keys[json->depth - 1], KEY_SIZE, nta_span_of("[]"));
        break;
    case NTA_JSON_TEXT:
    case NTA_JSON_WORD: take_word(line, text); break;
    case NTA_JSON_OBJECT:
    case NTA_JSON_OBJECT_END:
    case NTA_JSON_ARRAY_END: break;
    }
}

enum nta_parse nta_notify_event_json(struct nta_notify_event *event, struct nta_span line)
{
    NTA_AUTO_FREE struct json_event *reading = NULL;

    nta_notify_event_init(event);
    if (line.len > NTA_NOTIFY_LINE_MAX)
        return NTA_PARSE_OTHER;
    reading = calloc(1, sizeof(*reading));
    if (!reading)
        return NTA_PARSE_OTHER;
    reading->event = event;
    reading->json.token = on_token;
    reading->json.owner = reading;
    if (!nta_json_read(&reading->json, line) || !nta_json_end(&reading->json)) {
        nta_notify_event_init(event);
        return NTA_PARSE_BAD;
    }
    if (reading->counted && event->kind == NTA_NOTIFY_REPEATS)
        event->kind = NTA_NOTIFY_CAPPED;
    return event->kind == NTA_NOTIFY_OTHER ? NTA_PARSE_OTHER : NTA_PARSE_OK;
}

unsigned nta_notify_event_rank(const struct nta_notify_event *event)
{
    const bool is_lookup = strcmp(event->word[NTA_NOTIFY_ACT], "asked") == 0;
    const unsigned act = event->download ? 2 : !is_lookup;

    return (unsigned)event->severity * 6 + act * 2 + !event->weak;
}

enum nta_notify_severity nta_notify_severity_taken(const struct nta_notify_event *event)
{
    return event->severity == NTA_NOTIFY_UNKNOWN ? NTA_NOTIFY_MEDIUM : event->severity;
}
