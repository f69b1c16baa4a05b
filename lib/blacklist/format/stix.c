/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of STIX 2.1 (part 9), as far as they are lists: comparisons of one value, any of which
 * is enough.  A pattern with anything that narrows (AND, NOT, FOLLOWEDBY, a time) is not taken.
 *
 * Read twice: first all of it, then, if it is such a pattern, once more to give its values.
 */
#include "base/own.h"
#include "blacklist/format/range.h"

enum token
{
    END,
    WORD, ///< A property's path, an operator in letters, a number.
    TEXT, ///< Without its quotes.
    SIGN, ///< One of []()=!<>,
    ODD,  ///< Nothing of that kind, or a constant of another type.
};

static const char not_reason[] = "a STIX pattern with NOT";

enum state
{
    OBSERVATION, ///< '[' or '('.
    COMPARISON,  ///< A path or '('.
    AFTER_COMPARISON,
    AFTER_OBSERVATION,
};

struct pattern
{
    struct nta_list_reader *reader;
    nta_list_given_fn *give;
    struct nta_span rest, text; ///< `text`: of the token.
    enum token token;
    bool gives, denies;    ///< `denies`: a comparison has NOT.
    unsigned outer, inner; ///< Brackets that are open around observations, inside of one.
    size_t n_taken, n_other;
    enum nta_line wrong; ///< Of the last value that was not taken.
};

static bool is_ident(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '-' || c == ':' || c == '.';
}

/** The length of what stands in quotes from `from` on, with them; 0: they are not closed. */
static size_t quoted_len(struct nta_span text, size_t from)
{
    uint8_t quote = text.ptr[from];

    for (size_t i = from + 1; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == quote)
            return i + 1 - from;
    }
    return 0;
}

/** Where a path or a word ends: parts in quotes behind a dot and places in lists belong to it. */
static size_t word_len(struct nta_span text)
{
    size_t n = 0;

    while (n < text.len) {
        bool in_part = n > 0 && text.ptr[n - 1] == '.';
        size_t more = 1;

        if (in_part && (text.ptr[n] == '\'' || text.ptr[n] == '"'))
            more = quoted_len(text, n);
        else if (n > 0 && text.ptr[n] == '[')
            more = nta_span_find(nta_span_from(text, n), "]") + 1;
        else if (!is_ident(text.ptr[n]))
            break;
        if (more == 0 || more > text.len - n)
            return text.len;
        n += more;
    }
    return n;
}

/** Take the next token. */
static void next(struct pattern *pattern)
{
    struct nta_span rest = nta_span_trim(pattern->rest);
    size_t n = 1;

    while (rest.len > 0 && rest.ptr[0] == '\n')
        rest = nta_span_trim(nta_span_from(rest, 1));
    pattern->token = ODD;
    if (rest.len == 0) {
        pattern->token = END;
        n = 0;
    } else if (memchr("[]()=!<>,", rest.ptr[0], 9)) {
        pattern->token = SIGN;
    } else if (rest.ptr[0] == '\'') {
        n = quoted_len(rest, 0);
        pattern->token = n ? TEXT : ODD;
    } else if (is_ident(rest.ptr[0])) {
        n = word_len(rest);
        pattern->token = n < rest.len && rest.ptr[n] == '\'' ? ODD : WORD; /* t'2026-…' */
    }
    pattern->text = (struct nta_span){.ptr = rest.ptr, .len = n};
    if (pattern->token == TEXT)
        pattern->text = (struct nta_span){.ptr = rest.ptr + 1, .len = n - 2};
    pattern->rest = nta_span_from(rest, n);
}

static bool is_sign(const struct pattern *pattern, char sign)
{
    return pattern->token == SIGN && pattern->text.ptr[0] == (uint8_t)sign;
}

static bool is_word(const struct pattern *pattern, const char *word)
{
    return pattern->token == WORD && nta_span_is(pattern->text, word);
}

/** What a property's value is; LINE: nothing that is compared. */
static struct nta_list_how how_of(struct nta_span path)
{
    static const struct
    {
        const char *path;
        struct nta_list_how how;
    } paths[] = {
        {"domain-name:value", {.given = NTA_GIVEN_NAME, .flags = NTA_VALUE_SELF}},
        {"ipv4-addr:value", {.given = NTA_GIVEN_ADDR}},
        {"ipv6-addr:value", {.given = NTA_GIVEN_ADDR}},
        {"url:value", {.given = NTA_GIVEN_URL, .flags = NTA_VALUE_SELF | NTA_VALUE_SUBS}},
        {"file:hashes.'SHA-256'", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"file:hashes.\"SHA-256\"", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"file:hashes.'SHA256'", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"file:hashes.SHA256", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"x509-certificate:hashes.'SHA-256'", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
        {"x509-certificate:hashes.'SHA-1'", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(paths); i++) {
        if (nta_span_is(path, paths[i].path))
            return paths[i].how;
    }
    return (struct nta_list_how){.given = NTA_GIVEN_LINE};
}

/** The text of a constant without its escapes, in reader->field; empty: it has no space. */
static struct nta_span plain(struct nta_list_reader *reader, struct nta_span text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (n == sizeof(reader->field))
            return (struct nta_span){0};
        i += text.ptr[i] == '\\' && i + 1 < text.len;
        reader->field[n++] = text.ptr[i];
    }
    return (struct nta_span){.ptr = reader->field, .len = n};
}

/** One value that a property is compared with. */
static void take_value(struct pattern *pattern, const struct nta_list_how *how)
{
    struct nta_list_reader *reader = pattern->reader;
    enum nta_line outcome;

    if (pattern->token != TEXT || how->given == NTA_GIVEN_LINE) {
        pattern->n_other++;
        return;
    }
    if (!pattern->gives) {
        pattern->n_taken++;
        return;
    }
    reader->how = *how;
    outcome = pattern->give(reader, plain(reader, pattern->text));
    if (outcome == NTA_LINE_ENTRY) {
        pattern->n_taken++;
    } else {
        pattern->n_other++;
        pattern->wrong = outcome;
    }
}

/** "IN ('a', 'b')", behind its IN.  False: broken. */
static bool take_set(struct pattern *pattern, const struct nta_list_how *how)
{
    next(pattern);
    if (!is_sign(pattern, '('))
        return false;
    do {
        next(pattern);
        if (pattern->token == END || pattern->token == SIGN)
            return false;
        take_value(pattern, how);
        next(pattern);
    } while (is_sign(pattern, ','));
    return is_sign(pattern, ')');
}

/** A path is there: its operator and what it is compared with.  False: broken. */
static bool take_comparison(struct pattern *pattern)
{
    struct nta_list_how how = how_of(pattern->text);
    bool equal, subset;

    next(pattern);
    if (is_word(pattern, "NOT")) {
        pattern->denies = true;
        next(pattern);
    }
    if (is_word(pattern, "IN"))
        return take_set(pattern, &how);
    equal = is_sign(pattern, '=');
    subset = is_word(pattern, "ISSUBSET") && how.given == NTA_GIVEN_ADDR;
    if (!equal && !subset)
        how.given = NTA_GIVEN_LINE;
    if (pattern->token != SIGN && pattern->token != WORD)
        return false;
    next(pattern);
    if (!equal && is_sign(pattern, '=')) /* of != <= >= */
        next(pattern);
    if (pattern->token == END || pattern->token == SIGN)
        return false;
    take_value(pattern, &how);
    return true;
}

/** Words that narrow what stands beside them, wherever they stand. */
static const char *narrowing(const struct pattern *pattern)
{
    static const struct
    {
        const char *word, *reason;
    } words[] = {
        {"AND", "a STIX pattern with AND"},
        {"FOLLOWEDBY", "a STIX pattern with FOLLOWEDBY"},
        {"NOT", not_reason},
        {"EXISTS", "a STIX pattern with EXISTS"},
        {"WITHIN", "a STIX pattern for a time (WITHIN, START, REPEATS)"},
        {"START", "a STIX pattern for a time (WITHIN, START, REPEATS)"},
        {"REPEATS", "a STIX pattern for a time (WITHIN, START, REPEATS)"},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        if (is_word(pattern, words[i].word))
            return words[i].reason;
    }
    return NULL;
}

/** One token between comparisons.  False: broken. */
static bool step(struct pattern *pattern, enum state *state)
{
    switch (*state) {
    case OBSERVATION:
        pattern->outer += is_sign(pattern, '(');
        if (is_sign(pattern, '['))
            *state = COMPARISON;
        return is_sign(pattern, '(') || is_sign(pattern, '[');
    case COMPARISON:
        if (is_sign(pattern, '(')) {
            pattern->inner++;
            return true;
        }
        *state = AFTER_COMPARISON;
        return pattern->token == WORD && nta_span_has(pattern->text, ':') &&
               take_comparison(pattern);
    case AFTER_COMPARISON:
        if (is_sign(pattern, ')') && pattern->inner > 0)
            pattern->inner--;
        else if (is_sign(pattern, ']') && pattern->inner == 0)
            *state = AFTER_OBSERVATION;
        else if (is_word(pattern, "OR"))
            *state = COMPARISON;
        else
            return false;
        return true;
    case AFTER_OBSERVATION:
        if (is_sign(pattern, ')') && pattern->outer > 0)
            pattern->outer--;
        else if (is_word(pattern, "OR"))
            *state = OBSERVATION;
        else
            return false;
        return true;
    }
    return false;
}

/** Read all of it.  ENTRY: a pattern of alternatives; SKIP, BAD. */
static enum nta_line read_all(struct pattern *pattern)
{
    enum state state = OBSERVATION;

    for (next(pattern); pattern->token != END; next(pattern)) {
        const char *reason = narrowing(pattern);

        if (reason)
            return nta_list_skip(pattern->reader, reason);
        if (!step(pattern, &state))
            return nta_list_bad(pattern->reader, "a STIX pattern that is broken");
    }
    if (state != AFTER_OBSERVATION || pattern->outer > 0)
        return nta_list_bad(pattern->reader, "a STIX pattern that is broken");
    if (pattern->denies)
        return nta_list_skip(pattern->reader, not_reason);
    return NTA_LINE_ENTRY;
}

enum nta_line nta_list_stix(struct nta_list_reader *reader, struct nta_span text,
                            nta_list_given_fn *give)
{
    struct pattern first = {.reader = reader, .rest = text};
    struct pattern second = {.reader = reader, .give = give, .rest = text, .gives = true};
    enum nta_line outcome = read_all(&first);

    if (outcome != NTA_LINE_ENTRY)
        return outcome;
    if (first.n_taken == 0)
        return nta_list_skip(reader, "a STIX pattern over what is not compared");
    (void)read_all(&second);
    if (second.n_taken == 0)
        return second.wrong; /* its reason stands there */
    if (second.n_other > 0)
        reader->note = "taken in part: a STIX pattern with alternatives that are not compared";
    return NTA_LINE_ENTRY;
}
