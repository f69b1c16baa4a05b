/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/format/record.h"

#include "base/own.h"
#include "blacklist/format/field.h"

#include <stdlib.h>

enum
{
    HELD_LINES = 64,
    ZONE_HEAD_LINES = 1000,
};

enum state
{
    WHOLE,
    GOES_ON,
    BROKEN
};

enum taken
{
    TAKEN,
    NO_SPACE,  ///< Not taken: those that are held must be broken up first.
    NO_RECORD, ///< Taken, but with it those that are held are no record.
};

/** Where the text of a zone's line ends: before a comment that stands in no quotes. */
static size_t zone_text(struct nta_span line)
{
    bool quoted = false;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\\')
            i++;
        else if (line.ptr[i] == '"')
            quoted = !quoted;
        else if (line.ptr[i] == ';' && !quoted)
            return i;
    }
    return line.len;
}

/** How many more brackets a line of a zone opens than it closes. */
static int zone_depth(struct nta_span line)
{
    bool quoted = false;
    int depth = 0;

    line.len = zone_text(line);
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.ptr[i];

        if (c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (c == '(') - (c == ')');
    }
    return depth;
}

static enum state table_state(struct nta_span record, uint8_t separator)
{
    struct nta_list_field field;

    while (nta_list_next_field(&record, separator, &field)) {
        if (field.fault != NTA_FIELD_FINE)
            return field.fault == NTA_FIELD_OPEN ? GOES_ON : BROKEN;
    }
    return WHOLE;
}

/**
 * A zone says in its first lines that it is one: they are looked at, then no other lines of what is
 * none.
 */
static bool may_be_zone(const struct nta_list_records *records)
{
    return records->reader->zone || records->n_lines <= ZONE_HEAD_LINES;
}

static enum state state_of(const struct nta_list_records *records, struct nta_span record)
{
    const struct nta_list_reader *reader = records->reader;

    if (reader->separator)
        return memchr(record.ptr, '"', record.len) ? table_state(record, reader->separator) : WHOLE;
    if (may_be_zone(records) && memchr(record.ptr, '(', record.len) &&
        nta_list_is_zone(reader, record) && zone_depth(record) > 0)
        return GOES_ON;
    return WHOLE;
}

static void give(struct nta_list_records *records, struct nta_span record, const char *fault)
{
    records->record(records->owner, record, fault);
}

/** Hold a line behind those that are held; false: it has no space. */
static bool hold(struct nta_list_records *records, struct nta_span line)
{
    if (!records->reader->separator)
        line.len = zone_text(line);
    if (!records->held)
        records->held = malloc(NTA_LINE_SIZE);
    records->failed = records->failed || !records->held;
    if (records->failed || records->n_held_lines == HELD_LINES ||
        records->n_held + line.len + 1 > NTA_LINE_SIZE)
        return false;
    if (records->n_held_lines > 0)
        records->held[records->n_held++] = '\n';
    if (line.len > 0)
        memcpy(records->held + records->n_held, line.ptr, line.len);
    records->n_held += line.len;
    records->n_held_lines++;
    records->depth += records->reader->separator ? 0 : zone_depth(line);
    return true;
}

static void clear(struct nta_list_records *records)
{
    records->n_held = 0;
    records->n_held_lines = 0;
    records->depth = 0;
}

static bool is_comment(struct nta_span line)
{
    line = nta_span_trim(line);
    return line.len > 0 && (line.ptr[0] == '#' || line.ptr[0] == ';');
}

/** With no lines held before it. */
static void take_first(struct nta_list_records *records, struct nta_span line, bool is_cut)
{
    static const char *const utf16 = "text in UTF-16: save it as UTF-8";

    records->number = ++records->n_lines;
    if (line.len > 2 && line.ptr[0] == 0xef && line.ptr[1] == 0xbb && line.ptr[2] == 0xbf)
        line = nta_span_from(
            line, 3); /* a byte order mark, of one of the files this was put together from */
    if (is_cut) {
        give(records, line, "a line of more than 65,535 bytes");
    } else if (records->n_lines == 1 && line.len > 1 && (line.ptr[0] ^ line.ptr[1]) == 1 &&
               line.ptr[0] >= 0xfe) {
        give(records, line, utf16);
    } else if (line.len == 0 || state_of(records, line) != GOES_ON || is_comment(line) ||
               !hold(records, line)) {
        give(records, line, NULL);
    }
}

static struct nta_span held_text(const struct nta_list_records *records)
{
    return (struct nta_span){.ptr = records->held, .len = records->n_held};
}

/** Take a line, behind those that are held. */
static enum taken take(struct nta_list_records *records, struct nta_span line, bool is_cut)
{
    struct nta_span record;
    enum state state;

    if (records->n_held_lines == 0) {
        take_first(records, line, is_cut);
        return TAKEN;
    }
    if (is_cut || !hold(records, line))
        return NO_SPACE;
    records->n_lines++;
    record = held_text(records);
    state = records->depth > 0 ? GOES_ON : WHOLE;
    if (records->reader->separator)
        state = state_of(records, record);
    if (state == WHOLE) {
        records->number = records->n_lines - records->n_held_lines + 1;
        clear(records);
        give(records, record, NULL);
    }
    return state == BROKEN ? NO_RECORD : TAKEN;
}

/**
 * The first line of what is held is given up, and nothing is held any more; gives where that line
 * ends.
 */
static size_t give_up_first(struct nta_list_records *records, struct nta_span held)
{
    size_t n = nta_span_find(held, "\n");

    records->n_lines -= records->n_held_lines - 1;
    records->number = records->n_lines;
    clear(records);
    give(records, (struct nta_span){.ptr = held.ptr, .len = n},
         records->reader->separator ? "a quote that is not closed as it should be"
                                    : "a bracket that is never closed");
    return n;
}

/**
 * The first of the held lines is given up, the others are read anew.  If some of them are held and
 * are no record either, the first of those is given up and reading goes back to the one behind it.
 */
static void break_up(struct nta_list_records *records)
{
    NTA_AUTO_FREE uint8_t *lines = NTA_TAKE(records->held);
    struct nta_span held = {.ptr = lines, .len = records->n_held};
    size_t end = give_up_first(records, held), end_of_first = end;

    while (end < held.len) {
        struct nta_span line = nta_span_from(held, end + 1);

        line.len = nta_span_find(line, "\n");
        end += 1 + line.len;
        if (records->n_held_lines == 0)
            end_of_first = end;
        if (take(records, line, false) != TAKEN) {
            (void)give_up_first(records, held_text(records));
            end = end_of_first;
        }
    }
}

void nta_list_records_line(struct nta_list_records *records, struct nta_span line, bool is_cut)
{
    enum taken taken;

    if (line.len > 0 && line.ptr[line.len - 1] == '\r') /* one way to end lines inside a record */
        line.len--;
    taken = take(records, line, is_cut);
    while (taken == NO_SPACE && !records->failed) {
        break_up(records);
        taken = take(records, line, is_cut);
    }
    if (taken == NO_RECORD)
        break_up(records);
}

void nta_list_records_end(struct nta_list_records *records)
{
    while (records->n_held_lines > 0 && !records->failed)
        break_up(records);
}

void nta_list_records_done(struct nta_list_records *records)
{
    free(records->held);
    records->held = NULL;
}
