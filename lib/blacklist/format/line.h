/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One line of a list -> entries (internal to blacklist/).
 *
 * Published lists come in a dozen formats, often several in one file, so each line is told apart by
 * itself: the plain forms first, then each format's parser in the order of one table.  A parser
 * gets the line without its ends (white space, line break) and says: not mine, entries (already
 * given to `entry`), nothing for us, or broken, with a reason.  Parsers allocate nothing; what they
 * give borrows from the line or from the reader until the call returns.
 */

#include "base/addr.h"
#include "base/hash.h"
#include "blacklist/format/how.h"
#include "blacklist/name/name.h"
#include "blacklist/table/marks.h"
#include "blacklist/table/names.h"

enum nta_line
{
    NTA_LINE_NONE,  ///< Empty or a comment.
    NTA_LINE_OTHER, ///< Not this parser's format.
    NTA_LINE_ENTRY,
    NTA_LINE_SKIP, ///< It means something, but nothing for us; `reason` says what.
    NTA_LINE_BAD,  ///< Broken; `reason` says how.
};

enum nta_entry_what
{
    NTA_ENTRY_NAME,
    NTA_ENTRY_RANGE,
    NTA_ENTRY_PORT,
    NTA_ENTRY_URL,
    NTA_ENTRY_MARK,
    NTA_ENTRY_PATTERN, ///< `name`: with wildcards (patterns.h), its sign before it.
    NTA_ENTRY_BESIDE,  ///< No entry: hashes are in the file of this name (file/beside.h).
    NTA_ENTRY_BACK ///< No entry: the rules with this `rule` are taken back, wherever they stand.
};

struct nta_list_entry
{
    enum nta_entry_what what;
    uint32_t flags; ///< NTA_VALUE_...
    /** NAME, URL: the host in normal form (for a URL perhaps an address).  MARK: its bytes. */
    struct nta_span name;
    unsigned n_labels;           ///< NAME.
    struct nta_addr first, last; ///< RANGE; of a PORT both are the address.
    uint16_t port;               ///< PORT.
    enum nta_mark_kind mark;     ///< MARK.
    struct nta_span path;        ///< URL: from its first slash on.
    uint64_t rule; ///< Hash of an AdGuard rule's text, which another may take back; 0: none.
};

enum
{
    NTA_LINE_SIZE = 65536, ///< A longer line is bad.
    NTA_COLUMNS_MAX = 64,
    NTA_FIELD_SIZE = 8192, ///< Of a field with doubled quotes.
    NTA_FILE_NAME_MAX = 255,
};

/** State of one file; start with nta_list_reader_init(). */
struct nta_list_reader
{
    void (*entry)(void *owner, const struct nta_list_entry *entry);
    void *owner;
    const char *column; ///< Name of the CSV column to read; NULL: known names.
    bool allow, force;
    const struct nta_hash_key *rule_key; ///< Rules are hashed with it; NULL: they are not.
    const char *reason;                  ///< Static; of the last SKIP or BAD.
    bool warns;                          ///< The last SKIP is worth a complaint.
    uint8_t separator;                   ///< Of a table with a header, 0: none was seen.
    unsigned n_column;                   ///< Its column of values, from 0.
    unsigned n_type;                     ///< Its column of Zeek's types; NTA_COLUMNS_MAX: none.
    enum nta_list_as column_as;          ///< What the column of values holds.
    uint64_t rule;                       ///< Of the entries that are given.
    struct nta_list_how how;             ///< Of the next line, if it is none.
    const char *now; ///< "2026-01-02T03:04:05", in UTC; NULL: nothing is held against the time.
    bool zone;       ///< A zone's directives or first record were seen.
    bool has_apex, has_origin; ///< Of a zone.
    bool indented;             ///< The line began with white space.
    bool pages; ///< Rules for pages were seen: what nobody understands is one more of them.
    char apex[NTA_NAME_SIZE];   ///< The zone's own name, without its last dot; empty: not known.
    char origin[NTA_NAME_SIZE]; ///< What relative names end in; as `apex`.
    char last[NTA_NAME_SIZE];   ///< The owner of the record before.
    uint8_t separator_given;    ///< By a line "sep=;", 0: by none.
    const char *note; ///< Static; something to be said of a line that was taken; NULL: nothing.
    uint8_t path[NTA_FIELD_SIZE];  ///< A URL's path and query in normal form.
    uint8_t field[NTA_FIELD_SIZE]; ///< A field without its doubled quotes.
    char buf[NTA_NAME_SIZE];
};

/** Clears the state; the fields up to `rule_key` are the caller's to set afterwards. */
void nta_list_reader_init(struct nta_list_reader *reader);

/** Read one line (without its newline). */
enum nta_line nta_list_line(struct nta_list_reader *reader, struct nta_span line);

/* What the parsers are made of. */

/** Give an entry to the list's owner, with the rule that is being read. */
static inline void nta_list_give(struct nta_list_reader *reader, struct nta_list_entry *entry)
{
    entry->rule = reader->rule;
    reader->entry(reader->owner, entry);
}

/** This line has a meaning that is not for us.  `reason` is static. */
static inline enum nta_line nta_list_skip(struct nta_list_reader *reader, const char *reason)
{
    reader->reason = reason;
    reader->warns = false;
    return NTA_LINE_SKIP;
}

/** Nobody understands this line.  `reason` is static. */
static inline enum nta_line nta_list_bad(struct nta_list_reader *reader, const char *reason)
{
    reader->reason = reason;
    return NTA_LINE_BAD;
}

/** A blank, whatever the locale. */
static inline bool nta_list_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/** Without white space around it. */
struct nta_span nta_span_trim(struct nta_span text);

/** Takes the next word, and what white space is at the end; empty at the end. */
struct nta_span nta_span_word(struct nta_span *rest);

/** A name with flags SELF and/or SUBS (and IMPORTANT, ALLOW). */
enum nta_line nta_list_name(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** The same, but OTHER if it is no name. */
enum nta_line nta_list_plain(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** An address, a prefix or a range, else a name: what stands where resolvers expect names. */
enum nta_line nta_list_host(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** An address, a prefix or a range "a-b"; OTHER if it is none of them. */
enum nta_line nta_list_addr(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** True for the name of a file that can lie beside a list: no path, nothing hidden. */
bool nta_list_is_beside(struct nta_span name);

/** Skip a line aloud. */
enum nta_line nta_list_refuse(struct nta_list_reader *reader, const char *reason);

/** A URL, its scheme optional; OTHER if it is none. */
enum nta_line nta_list_url(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** A plain value: address, prefix, range, name with its sign, URL.  BAD if it is none of them. */
enum nta_line nta_list_value(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** A value that is said to be of a kind. */
enum nta_line nta_list_value_as(struct nta_list_reader *reader, struct nta_span text,
                                enum nta_list_as as, uint32_t flags);

/** How a value is read that is of a kind. */
typedef enum nta_line nta_list_given_fn(struct nta_list_reader *reader, struct nta_span text);

/** A value out of a document, read as reader->how says. */
enum nta_line nta_list_given(struct nta_list_reader *reader, struct nta_span text);

/** A pattern of STIX, whose values are read by `give` (nta_list_given). */
enum nta_line nta_list_stix(struct nta_list_reader *reader, struct nta_span text,
                            nta_list_given_fn *give);

/** True for an address that stands for "nowhere" in hosts files and resolver configurations. */
bool nta_list_is_sink(struct nta_span text);

/* The formats, one file each; `line` is trimmed and not empty. */

/** Hosts files: "0.0.0.0 name [name...]", and lists of addresses with counts behind them. */
enum nta_line nta_list_hosts(struct nta_list_reader *reader, struct nta_span line);
/** AdBlock and AdGuard DNS rules. */
enum nta_line nta_list_adblock(struct nta_list_reader *reader, struct nta_span line);
/** dnsmasq configuration. */
enum nta_line nta_list_dnsmasq(struct nta_list_reader *reader, struct nta_span line);
/** unbound configuration. */
enum nta_line nta_list_unbound(struct nta_list_reader *reader, struct nta_span line);
/** Response policy zones. */
enum nta_line nta_list_zone(struct nta_list_reader *reader, struct nta_span line);
/** Suricata rules, as far as they are lists. */
enum nta_line nta_list_rule(struct nta_list_reader *reader, struct nta_span line);
/** Tables: CSV, intelligence files, reputation lists, data sets. */
enum nta_line nta_list_table(struct nta_list_reader *reader, struct nta_span line);

/** True for a record of a zone, by what was read before or by its being a zone's first. */
bool nta_list_is_zone(const struct nta_list_reader *reader, struct nta_span line);

/** Look for a table's header in a line, comment or not; true if it is one. */
bool nta_list_header(struct nta_list_reader *reader, struct nta_span line);
