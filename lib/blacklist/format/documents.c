/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/format/documents.h"

#include "base/buf.h"
#include "base/own.h"
#include "blacklist/format/json.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    HELD_MAX = 64 << 20,
    WORD_SIZE = 64,
};

/** Where a bracket stands. */
enum place
{
    NOWHERE,   ///< Nothing in it is read.
    DOCUMENTS, ///< An array of them, or of plain values.
    DOCUMENT,
    EVENT,   ///< MISP.
    OBJECTS, ///< MISP: groups of attributes.
    OBJECT,
    ATTRIBUTES,
    ATTRIBUTE,
    BUNDLE,       ///< STIX: all its objects.
    INDICATOR,    ///< One of them, whatever it is.
    LABELS,       ///< What kind of indicator it is.
    WARNING_LIST, ///< The values of one.
};

enum key
{
    KEY_OTHER,
    KEY_EVENT,
    KEY_RESPONSE,
    KEY_ATTRIBUTE,
    KEY_OBJECT,
    KEY_OBJECTS,
    KEY_LIST,
    KEY_TYPE,
    KEY_VALUE,
    KEY_TO_IDS,
    KEY_DELETED,
    KEY_PATTERN,
    KEY_PATTERN_TYPE,
    KEY_REVOKED,
    KEY_VALID_FROM,
    KEY_VALID_UNTIL,
    KEY_LABELS
};

/** A short text. */
struct word
{
    size_t len;
    uint8_t text[WORD_SIZE];
};

/** What an attribute or an object of STIX has said so far. */
struct fields
{
    uint64_t line;
    uint32_t seen; ///< A bit for each key.
    bool twice;    ///< One stood there twice.
    bool off;      ///< "to_ids" is false.
    bool deleted, benign, cut;
    struct word type, pattern_type, from, until;
    size_t n_value;
    uint8_t value[NTA_JSON_TEXT_MAX + 1];
};

struct nta_list_documents
{
    struct nta_list_records *records; ///< Borrows.
    struct nta_json json;
    const char *fault;
    uint64_t fault_line;
    uint8_t places[NTA_JSON_DEPTH_MAX + 1];
    enum key key;
    struct word type;                       ///< Of the document.
    bool type_twice, object_deleted, given; ///< `given`: something of this object.
    bool had_inner;                         ///< A document stood in this one.
    struct nta_buf held; ///< Owns; line, length and text of a warning list's values.
    struct fields fields;
};

static void fail(struct nta_list_documents *documents, const char *fault, uint64_t line)
{
    if (documents->fault)
        return;
    documents->fault = fault;
    documents->fault_line = line;
}

static struct nta_span text_of(const struct word *word)
{
    return (struct nta_span){.ptr = word->text, .len = word->len};
}

/** A text that is longer is none of those that are known. */
static void set_word(struct word *word, struct nta_span text)
{
    memset(word, 0, sizeof(*word));
    word->len = text.len <= sizeof(word->text) ? text.len : 0;
    if (word->len > 0)
        memcpy(word->text, text.ptr, word->len);
}

static void give(struct nta_list_documents *documents, const struct nta_list_how *how,
                 uint64_t line, struct nta_span text)
{
    struct nta_list_records *records = documents->records;

    records->number = line;
    records->reader->how = *how;
    records->record(records->owner, text, NULL);
    records->reader->how = (struct nta_list_how){.given = NTA_GIVEN_LINE};
}

static struct nta_list_how skipped(const char *why)
{
    return (struct nta_list_how){.given = NTA_GIVEN_SKIP, .why = why};
}

static struct nta_list_how broken(const char *why)
{
    return (struct nta_list_how){.given = NTA_GIVEN_BAD, .why = why};
}

static enum key key_of(struct nta_span text)
{
    static const struct
    {
        const char *text;
        enum key key;
    } keys[] = {
        {"Event", KEY_EVENT},
        {"response", KEY_RESPONSE},
        {"Attribute", KEY_ATTRIBUTE},
        {"Object", KEY_OBJECT},
        {"objects", KEY_OBJECTS},
        {"list", KEY_LIST},
        {"type", KEY_TYPE},
        {"value", KEY_VALUE},
        {"to_ids", KEY_TO_IDS},
        {"deleted", KEY_DELETED},
        {"pattern", KEY_PATTERN},
        {"pattern_type", KEY_PATTERN_TYPE},
        {"revoked", KEY_REVOKED},
        {"valid_from", KEY_VALID_FROM},
        {"valid_until", KEY_VALID_UNTIL},
        {"indicator_types", KEY_LABELS},
        {"labels", KEY_LABELS},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(keys); i++) {
        if (nta_span_is(text, keys[i].text))
            return keys[i].key;
    }
    return KEY_OTHER;
}

/** What a bracket is that begins in `outer` behind the last key. */
static enum place place_in(const struct nta_list_documents *documents, enum place outer,
                           bool is_object)
{
    static const struct
    {
        enum place outer;
        enum key key;
        bool is_object;
        enum place place;
    } rows[] = {
        {DOCUMENT, KEY_EVENT, true, EVENT},         {DOCUMENT, KEY_RESPONSE, true, DOCUMENT},
        {DOCUMENT, KEY_RESPONSE, false, DOCUMENTS}, {DOCUMENT, KEY_ATTRIBUTE, false, ATTRIBUTES},
        {DOCUMENT, KEY_ATTRIBUTE, true, ATTRIBUTE}, {DOCUMENT, KEY_OBJECT, false, OBJECTS},
        {DOCUMENT, KEY_OBJECTS, false, BUNDLE},     {DOCUMENT, KEY_LIST, false, WARNING_LIST},
        {EVENT, KEY_ATTRIBUTE, false, ATTRIBUTES},  {EVENT, KEY_OBJECT, false, OBJECTS},
        {OBJECT, KEY_ATTRIBUTE, false, ATTRIBUTES}, {INDICATOR, KEY_LABELS, false, LABELS},
    };

    if (outer == DOCUMENTS)
        return is_object ? DOCUMENT : NOWHERE;
    if (outer == OBJECTS)
        return is_object ? OBJECT : NOWHERE;
    if (outer == ATTRIBUTES)
        return is_object ? ATTRIBUTE : NOWHERE;
    if (outer == BUNDLE)
        return is_object ? INDICATOR : NOWHERE;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (rows[i].outer == outer && rows[i].key == documents->key &&
            rows[i].is_object == is_object)
            return rows[i].place;
    }
    return NOWHERE;
}

static void begin_document(struct nta_list_documents *documents)
{
    documents->type.len = 0;
    documents->type_twice = documents->had_inner = documents->object_deleted = false;
    nta_buf_clear(&documents->held);
}

static void begin_fields(struct nta_list_documents *documents, uint64_t line)
{
    struct fields *fields = &documents->fields;

    memset(fields, 0, offsetof(struct fields, value)); /* the value needs not be cleared */
    fields->line = line;
}

static void begin(struct nta_list_documents *documents, const struct nta_json *json, bool is_object)
{
    enum place place = is_object ? DOCUMENT : DOCUMENTS;

    if (json->depth > 1)
        place = place_in(documents, (enum place)documents->places[json->depth - 1], is_object);
    if (place == DOCUMENT)
        begin_document(documents);
    if (place == ATTRIBUTE || place == INDICATOR)
        begin_fields(documents, json->line);
    if (place == OBJECT)
        documents->object_deleted = documents->given = false;
    documents->places[json->depth] = (uint8_t)place;
}

/* ---- what has ended ---- */

static struct nta_list_how how_of_attribute(struct nta_span type)
{
    static const uint32_t both = NTA_VALUE_SELF | NTA_VALUE_SUBS;

    static const struct
    {
        const char *type;
        struct nta_list_how how;
    } types[] = {
        {"domain", {.given = NTA_GIVEN_NAME, .flags = both}},
        {"hostname", {.given = NTA_GIVEN_NAME, .flags = NTA_VALUE_SELF}},
        {"domain|ip", {.given = NTA_GIVEN_PAIR, .flags = both}},
        {"ip-dst", {.given = NTA_GIVEN_ADDR}},
        {"ip-src", {.given = NTA_GIVEN_ADDR}},
        {"ip-dst|port", {.given = NTA_GIVEN_PORT}},
        {"ip-src|port", {.given = NTA_GIVEN_PORT}},
        {"url", {.given = NTA_GIVEN_URL, .flags = both}},
        {"sha256", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"md5", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"sha1", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"filename|sha256", {.given = NTA_GIVEN_NAMED, .as = NTA_AS_FILE}},
        {"filename|md5", {.given = NTA_GIVEN_NAMED, .as = NTA_AS_FILE}},
        {"filename|sha1", {.given = NTA_GIVEN_NAMED, .as = NTA_AS_FILE}},
        {"x509-fingerprint-sha256", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
        {"x509-fingerprint-sha1", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
        {"x509-fingerprint-md5", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(types); i++) {
        if (nta_span_is(type, types[i].type))
            return types[i].how;
    }
    return skipped("an attribute of a kind that is not compared");
}

static bool has(const struct fields *fields, enum key key)
{
    return fields->seen >> key & 1;
}

static void end_attribute(struct nta_list_documents *documents)
{
    const struct fields *fields = &documents->fields;
    struct nta_list_how how = how_of_attribute(text_of(&fields->type));

    if (fields->twice)
        how = broken("an attribute that says something twice");
    else if (fields->deleted || documents->object_deleted)
        how = skipped("an attribute that was deleted");
    else if (fields->off)
        how = skipped("an attribute that is not for detection (to_ids)");
    else if (!has(fields, KEY_TYPE) || !has(fields, KEY_VALUE))
        how = broken("an attribute without type or value");
    else if (fields->cut && how.given != NTA_GIVEN_SKIP)
        how = broken("a value of more than 65,535 bytes");
    documents->given = documents->given || how.given > NTA_GIVEN_LINE;
    give(documents, &how, fields->line,
         (struct nta_span){.ptr = fields->value, .len = fields->n_value});
}

/**
 * Times of STIX are all in UTC and of one form, so that they are compared as texts: below, at or
 * above 0.  What is no time is before all.
 */
static int compare_time(const struct word *time, const char *now)
{
    return strncmp((const char *)time->text, now, sizeof("2026-01-02T03:04:05") - 1);
}

static bool is_observed(struct nta_span type)
{
    static const char *const types[] = {"domain-name", "ipv4-addr",        "ipv6-addr",    "url",
                                        "file",        "x509-certificate", "observed-data"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(types); i++) {
        if (nta_span_is(type, types[i]))
            return true;
    }
    return false;
}

static struct nta_list_how how_of_indicator(const struct fields *fields, const char *now)
{
    if (fields->twice)
        return broken("an indicator that says something twice");
    if (fields->deleted)
        return skipped("an indicator that was revoked");
    if (fields->benign)
        return skipped("an indicator of what is benign");
    if (has(fields, KEY_PATTERN_TYPE) && !nta_span_is(text_of(&fields->pattern_type), "stix"))
        return skipped("a pattern in another language than that of STIX");
    if (now && has(fields, KEY_VALID_UNTIL) && compare_time(&fields->until, now) <= 0)
        return skipped("an indicator whose time is over (valid_until)");
    if (now && has(fields, KEY_VALID_FROM) && compare_time(&fields->from, now) > 0)
        return skipped("an indicator whose time has not come (valid_from)");
    if (!has(fields, KEY_PATTERN))
        return broken("an indicator without a pattern");
    if (fields->cut)
        return broken("a value of more than 65,535 bytes");
    return (struct nta_list_how){.given = NTA_GIVEN_STIX};
}

static void end_indicator(struct nta_list_documents *documents)
{
    const struct fields *fields = &documents->fields;
    struct nta_span type = text_of(&fields->type);
    struct nta_list_how how = {.given = NTA_GIVEN_LINE};

    if (nta_span_is(type, "indicator"))
        how = how_of_indicator(fields, documents->records->reader->now);
    else if (is_observed(type))
        how = skipped("an object that was observed, which is no indicator");
    if (how.given != NTA_GIVEN_LINE)
        give(documents, &how, fields->line,
             (struct nta_span){.ptr = fields->value, .len = fields->n_value});
}

/** How a warning list's values are meant, by its type (MISP, misp-warninglists/schema.json). */
static struct nta_list_how how_of_list(const struct nta_list_documents *documents)
{
    static const uint32_t both = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_span type = text_of(&documents->type);
    struct nta_list_how how = {.given = NTA_GIVEN_VALUE, .flags = NTA_VALUE_SELF};

    if (!documents->records->reader->allow)
        how.note = "taken, but values of a warning list are harmless: it is for exceptions";
    if (documents->type_twice || documents->had_inner)
        return broken("a list that contradicts itself");
    if (nta_span_is(type, "hostname"))
        how.flags = both;
    else if (nta_span_is(type, "cidr"))
        how.given = NTA_GIVEN_ADDR;
    else if (nta_span_is(type, "substring") || nta_span_is(type, "regex"))
        return skipped("a value of a warning list of parts of names (substring, regex)");
    else if (!nta_span_is(type, "string"))
        return skipped("a value of a list of an unknown type");
    return how;
}

static void end_document(struct nta_list_documents *documents)
{
    struct nta_list_how how = how_of_list(documents);
    struct nta_reader r = nta_reader_of(documents->held.ptr, documents->held.len);

    while (nta_reader_left(&r) > 0 && nta_reader_ok(&r)) {
        uint64_t line = nta_read_be64(&r);
        size_t len = nta_read_be16(&r);

        give(documents, &how, line, nta_read_span(&r, len));
    }
    nta_buf_clear(&documents->held);
}

static void end(struct nta_list_documents *documents, const struct nta_json *json)
{
    enum place outer = json->depth > 0 ? (enum place)documents->places[json->depth] : NOWHERE;

    switch ((enum place)documents->places[json->depth + 1]) {
    case ATTRIBUTE: end_attribute(documents); break;
    case INDICATOR: end_indicator(documents); break;
    case DOCUMENT:
        end_document(documents);
        documents->had_inner = outer == DOCUMENT;
        break;
    case OBJECT: documents->object_deleted = false; break;
    case NOWHERE:
    case DOCUMENTS:
    case EVENT:
    case OBJECTS:
    case ATTRIBUTES:
    case BUNDLE:
    case LABELS:
    case WARNING_LIST: break;
    }
}

/* ---- values ---- */

static void hold(struct nta_list_documents *documents, const struct nta_json *json,
                 struct nta_span text)
{
    uint64_t line = htobe64(json->line);
    uint16_t len = htobe16((uint16_t)text.len);

    if (documents->held.len + text.len > HELD_MAX) {
        fail(documents, "a warning list of more than 64 MiB", json->line);
        return;
    }
    nta_buf_put(&documents->held, &line, sizeof(line));
    nta_buf_put(&documents->held, &len, sizeof(len));
    nta_buf_put(&documents->held, text.ptr, text.len);
    if (documents->held.failed)
        documents->records->failed = true;
}

static bool is_no(struct nta_span text)
{
    return text.len == 0 || nta_span_is(text, "false") || nta_span_is(text, "0") ||
           nta_span_is(text, "null");
}

static void set_field(struct nta_list_documents *documents, const struct nta_json *json,
                      struct nta_span text)
{
    struct fields *fields = &documents->fields;

    if (documents->key != KEY_OTHER && documents->key != KEY_LABELS) {
        fields->twice = fields->twice || has(fields, documents->key);
        fields->seen |= UINT32_C(1) << documents->key;
    }
    switch (documents->key) {
    case KEY_TYPE: set_word(&fields->type, text); break;
    case KEY_PATTERN_TYPE: set_word(&fields->pattern_type, text); break;
    case KEY_VALID_FROM: set_word(&fields->from, text); break;
    case KEY_VALID_UNTIL: set_word(&fields->until, text); break;
    case KEY_TO_IDS: fields->off = is_no(text); break;
    case KEY_DELETED:
    case KEY_REVOKED: fields->deleted = fields->deleted || !is_no(text); break;
    case KEY_VALUE:
    case KEY_PATTERN:
        fields->cut = fields->cut || json->cut;
        fields->n_value = text.len;
        if (text.len > 0)
            memcpy(fields->value, text.ptr, text.len);
        break;
    case KEY_OTHER:
    case KEY_EVENT:
    case KEY_RESPONSE:
    case KEY_ATTRIBUTE:
    case KEY_OBJECT:
    case KEY_OBJECTS:
    case KEY_LIST:
    case KEY_LABELS: break;
    }
}

static void delete_object(struct nta_list_documents *documents, const struct nta_json *json)
{
    if (documents->given)
        fail(documents, "an object that is deleted behind its attributes", json->line);
    documents->object_deleted = true;
}

static void give_plain(struct nta_list_documents *documents, const struct nta_json *json,
                       struct nta_span text)
{
    struct nta_list_how how = {.given = NTA_GIVEN_VALUE, .flags = NTA_VALUE_SELF | NTA_VALUE_SUBS};

    if (json->cut)
        how = broken("a value of more than 65,535 bytes");
    give(documents, &how, json->line, text);
}

static void value(struct nta_list_documents *documents, const struct nta_json *json, bool is_text,
                  struct nta_span text)
{
    switch ((enum place)documents->places[json->depth]) {
    case ATTRIBUTE:
    case INDICATOR: set_field(documents, json, text); break;
    case LABELS: documents->fields.benign |= nta_span_is(text, "benign"); break;
    case OBJECT:
        if (documents->key == KEY_DELETED && !is_no(text))
            delete_object(documents, json);
        break;
    case DOCUMENT:
        if (documents->key == KEY_TYPE) {
            documents->type_twice = documents->type_twice || documents->type.len > 0;
            set_word(&documents->type, text);
        }
        break;
    case DOCUMENTS:
        if (is_text)
            give_plain(documents, json, text);
        break;
    case WARNING_LIST:
        if (is_text && json->cut)
            give_plain(documents, json, text);
        else if (is_text)
            hold(documents, json, text);
        break;
    case NOWHERE:
    case EVENT:
    case OBJECTS:
    case ATTRIBUTES:
    case BUNDLE: break;
    }
}

static void on_token(void *owner, const struct nta_json *json, enum nta_json_token token,
                     struct nta_span text)
{
    struct nta_list_documents *documents = owner;

    switch (token) {
    case NTA_JSON_OBJECT: begin(documents, json, true); break;
    case NTA_JSON_ARRAY: begin(documents, json, false); break;
    case NTA_JSON_OBJECT_END:
    case NTA_JSON_ARRAY_END: end(documents, json); break;
    case NTA_JSON_KEY: documents->key = json->cut ? KEY_OTHER : key_of(text); break;
    case NTA_JSON_TEXT: value(documents, json, true, text); break;
    case NTA_JSON_WORD: value(documents, json, false, text); break;
    }
}

static void note_fault(struct nta_list_documents *documents)
{
    if (documents->json.fault)
        fail(documents, documents->json.fault, documents->json.n_lines + 1);
}

void nta_list_input_json(struct nta_list_input *input, struct nta_span piece)
{
    struct nta_list_documents *documents = input->documents;

    if (!documents) {
        documents = input->documents = calloc(1, sizeof(*documents));
        input->records.failed = input->records.failed || !documents;
    }
    if (!documents)
        return;
    documents->records = &input->records;
    documents->json.token = on_token;
    documents->json.owner = documents;
    if (!documents->fault && !nta_json_read(&documents->json, piece))
        note_fault(documents);
}

const char *nta_list_input_end(struct nta_list_input *input, uint64_t *ret_line)
{
    struct nta_list_documents *documents = input->documents;

    nta_list_records_end(&input->records);
    if (!documents)
        return NULL;
    if (!documents->fault && !nta_json_end(&documents->json))
        note_fault(documents);
    *ret_line = documents->fault_line;
    return documents->fault;
}

size_t nta_list_input_memory(const struct nta_list_input *input)
{
    return input->documents ? input->documents->held.size : 0;
}

void nta_list_input_done(struct nta_list_input *input)
{
    nta_list_records_done(&input->records);
    if (input->documents)
        nta_buf_done(&input->documents->held);
    free(input->documents);
    input->documents = NULL;
}
