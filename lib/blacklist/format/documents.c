/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/format/documents.h"

#include "base/buf.h"
#include "base/own.h"
#include "blacklist/format/document_kinds.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    HELD_MAX = 64 << 20,
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

struct nta_list_documents
{
    struct nta_list_records *records; ///< Borrows.
    struct nta_json json;
    const char *fault;
    uint64_t fault_line;
    uint8_t places[NTA_JSON_DEPTH_MAX + 1];
    enum nta_document_key key;
    struct nta_document_word type;          ///< Of the document.
    bool type_twice, object_deleted, given; ///< `given`: something of this object.
    bool had_inner;                         ///< A document stood in this one.
    struct nta_buf held; ///< Owns; line, length and text of a warning list's values.
    struct nta_document_fields fields;
};

static void fail(struct nta_list_documents *documents, const char *fault, uint64_t line)
{
    if (documents->fault)
        return;
    documents->fault = fault;
    documents->fault_line = line;
}

/** A text that is longer is none of those that are known. */
static void set_word(struct nta_document_word *word, struct nta_span text)
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

static enum nta_document_key key_of(struct nta_span text)
{
    static const struct
    {
        const char *text;
        enum nta_document_key key;
    } keys[] = {
        {"Event", NTA_KEY_EVENT},
        {"response", NTA_KEY_RESPONSE},
        {"Attribute", NTA_KEY_ATTRIBUTE},
        {"Object", NTA_KEY_OBJECT},
        {"objects", NTA_KEY_OBJECTS},
        {"list", NTA_KEY_LIST},
        {"type", NTA_KEY_TYPE},
        {"value", NTA_KEY_VALUE},
        {"to_ids", NTA_KEY_TO_IDS},
        {"deleted", NTA_KEY_DELETED},
        {"pattern", NTA_KEY_PATTERN},
        {"pattern_type", NTA_KEY_PATTERN_TYPE},
        {"revoked", NTA_KEY_REVOKED},
        {"valid_from", NTA_KEY_VALID_FROM},
        {"valid_until", NTA_KEY_VALID_UNTIL},
        {"indicator_types", NTA_KEY_LABELS},
        {"labels", NTA_KEY_LABELS},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(keys); i++) {
        if (nta_span_is(text, keys[i].text))
            return keys[i].key;
    }
    return NTA_KEY_OTHER;
}

/** What a bracket is that begins in `outer` behind the last key. */
static enum place place_in(const struct nta_list_documents *documents, enum place outer,
                           bool is_object)
{
    static const struct
    {
        enum place outer;
        enum nta_document_key key;
        bool is_object;
        enum place place;
    } rows[] = {
        {DOCUMENT, NTA_KEY_EVENT, true, EVENT},
        {DOCUMENT, NTA_KEY_RESPONSE, true, DOCUMENT},
        {DOCUMENT, NTA_KEY_RESPONSE, false, DOCUMENTS},
        {DOCUMENT, NTA_KEY_ATTRIBUTE, false, ATTRIBUTES},
        {DOCUMENT, NTA_KEY_ATTRIBUTE, true, ATTRIBUTE},
        {DOCUMENT, NTA_KEY_OBJECT, false, OBJECTS},
        {DOCUMENT, NTA_KEY_OBJECTS, false, BUNDLE},
        {DOCUMENT, NTA_KEY_LIST, false, WARNING_LIST},
        {EVENT, NTA_KEY_ATTRIBUTE, false, ATTRIBUTES},
        {EVENT, NTA_KEY_OBJECT, false, OBJECTS},
        {OBJECT, NTA_KEY_ATTRIBUTE, false, ATTRIBUTES},
        {INDICATOR, NTA_KEY_LABELS, false, LABELS},
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

/** Give a warning list's values, now that it is known what they are. */
static void give_held(struct nta_list_documents *documents, bool contradicts)
{
    struct nta_list_how how = nta_document_list(nta_document_text(&documents->type), contradicts,
                                                documents->records->reader->allow);
    struct nta_reader r = nta_reader_of(documents->held.ptr, documents->held.len);

    while (nta_reader_left(&r) > 0 && nta_reader_ok(&r)) {
        uint64_t line = nta_read_be64(&r);
        size_t len = nta_read_be16(&r);

        give(documents, &how, line, nta_read_span(&r, len));
    }
    nta_buf_clear(&documents->held);
}

/** True if a document is open around what stands at this depth. */
static bool is_inner(const struct nta_list_documents *documents, size_t depth)
{
    for (size_t i = 1; i < depth; i++) {
        if (documents->places[i] == DOCUMENT)
            return true;
    }
    return false;
}

/** What is held is of the document around this one: its type is lost, which is said. */
static void begin_document(struct nta_list_documents *documents)
{
    give_held(documents, true);
    documents->type.len = 0;
    documents->type_twice = documents->had_inner = documents->object_deleted = false;
}

static void begin_fields(struct nta_list_documents *documents, uint64_t line)
{
    struct nta_document_fields *fields = &documents->fields;

    memset(fields, 0,
           offsetof(struct nta_document_fields, value)); /* the value needs not be cleared */
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

static void end_attribute(struct nta_list_documents *documents)
{
    const struct nta_document_fields *fields = &documents->fields;
    struct nta_list_how how = nta_document_attribute(fields, documents->object_deleted);

    documents->given = true;
    give(documents, &how, fields->line,
         (struct nta_span){.ptr = fields->value, .len = fields->n_value});
}

static void end_indicator(struct nta_list_documents *documents)
{
    const struct nta_document_fields *fields = &documents->fields;
    struct nta_list_how how = nta_document_indicator(fields, documents->records->reader->now);

    if (how.given != NTA_GIVEN_LINE)
        give(documents, &how, fields->line,
             (struct nta_span){.ptr = fields->value, .len = fields->n_value});
}

static void end(struct nta_list_documents *documents, const struct nta_json *json)
{
    switch ((enum place)documents->places[json->depth + 1]) {
    case ATTRIBUTE: end_attribute(documents); break;
    case INDICATOR: end_indicator(documents); break;
    case DOCUMENT:
        give_held(documents, documents->type_twice || documents->had_inner);
        documents->had_inner = is_inner(documents, json->depth + 1);
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
    struct nta_document_fields *fields = &documents->fields;

    if (documents->key != NTA_KEY_OTHER && documents->key != NTA_KEY_LABELS) {
        fields->twice = fields->twice || nta_document_has(fields, documents->key);
        fields->seen |= UINT32_C(1) << documents->key;
    }
    switch (documents->key) {
    case NTA_KEY_TYPE: set_word(&fields->type, text); break;
    case NTA_KEY_PATTERN_TYPE: set_word(&fields->pattern_type, text); break;
    case NTA_KEY_VALID_FROM: set_word(&fields->from, text); break;
    case NTA_KEY_VALID_UNTIL: set_word(&fields->until, text); break;
    case NTA_KEY_TO_IDS: fields->off = is_no(text); break;
    case NTA_KEY_DELETED:
    case NTA_KEY_REVOKED: fields->deleted = fields->deleted || !is_no(text); break;
    case NTA_KEY_VALUE:
    case NTA_KEY_PATTERN:
        fields->cut = fields->cut || json->cut;
        fields->n_value = text.len;
        if (text.len > 0)
            memcpy(fields->value, text.ptr, text.len);
        break;
    case NTA_KEY_OTHER:
    case NTA_KEY_EVENT:
    case NTA_KEY_RESPONSE:
    case NTA_KEY_ATTRIBUTE:
    case NTA_KEY_OBJECT:
    case NTA_KEY_OBJECTS:
    case NTA_KEY_LIST:
    case NTA_KEY_LABELS: break;
    }
}

static void delete_object(struct nta_list_documents *documents, const struct nta_json *json)
{
    if (documents->given)
        fail(documents, "an object that is deleted behind its attributes", json->line);
    documents->object_deleted = true;
}

/** A text of an array: as a line of a list. */
static void give_plain(struct nta_list_documents *documents, const struct nta_json *json,
                       struct nta_span text)
{
    struct nta_list_how how = {.given = NTA_GIVEN_LINE};

    if (json->cut)
        how = (struct nta_list_how){.given = NTA_GIVEN_BAD,
                                    .why = "a value of more than 65,535 bytes"};
    else if (nta_span_has(text, '\n') || nta_span_has(text, '\r'))
        how = (struct nta_list_how){.given = NTA_GIVEN_BAD, .why = "a text of several lines"};
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
        if (documents->key == NTA_KEY_DELETED && !is_no(text))
            delete_object(documents, json);
        break;
    case DOCUMENT:
        if (documents->key == NTA_KEY_TYPE) {
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
    case NTA_JSON_KEY: documents->key = json->cut ? NTA_KEY_OTHER : key_of(text); break;
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
