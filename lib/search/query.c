/* SPDX-License-Identifier: Apache-2.0 */
#include "search/query.h"

#include "base/own.h"
#include "base/text.h"
#include "blacklist/blacklist.h"
#include "record/batch.h"
#include "record/names.h"
#include "search/period.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    WORD_MAX = 32,
    SHOWN_SIZE = 128
};

void nta_query_done(struct nta_query *query)
{
    free(query->user);
    free(query->site);
    free(query->country);
    free(query->type);
    free(query->sensors);
#define FREE_WORD(symbol, word, ...) free(query->word);
#define NOTHING(...)
    NTA_FILTERS(FREE_WORD, NOTHING)
    *query = (struct nta_query){0};
}

static bool parse_mac(const char *text, uint8_t ret_mac[6])
{
    unsigned bytes[6];
    int end = 0;

    // NOLINTNEXTLINE(cert-err34-c): two digits at most
    if (sscanf(text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%n", &bytes[0],
               &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5], &end) != 6 ||
        text[end] != '\0')
        return false;
    for (size_t i = 0; i < 6; i++)
        ret_mac[i] = (uint8_t)bytes[i];
    return true;
}

/** A lower-case copy; an empty text is refused as not being `what`. */
static int set_word(char **field, const char *text, const char *what, struct nta_err *err)
{
    char *copy;

    if (text[0] == '\0')
        return nta_err_set(err, -EINVAL, "%s", what);
    copy = strdup(text);
    if (!copy)
        return nta_err_sys(err, -ENOMEM, "query");
    for (char *pos = copy; *pos; pos++) {
        if (*pos >= 'A' && *pos <= 'Z')
            *pos = (char)(*pos | 0x20);
    }
    free(*field);
    *field = copy;
    return 0;
}

int nta_query_user(struct nta_query *query, const char *text, struct nta_err *err)
{
    struct nta_prefix prefix;
    int r = set_word(&query->user, text,
                     "--user: an address, a network, a MAC address, a host name, a login, a "
                     "person or a pseudonym",
                     err);

    query->user_is_addr = query->user_is_mac = false;
    if (r < 0)
        return r;
    query->user_is_mac = parse_mac(text, query->user_mac);
    if (query->user_is_mac) {
        const uint8_t *mac = query->user_mac;

        (void)snprintf(query->user_device, sizeof(query->user_device),
                       "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
        return 0;
    }
    if (nta_prefix_parse(text, strlen(text), &prefix, err) == 0) {
        query->user_is_addr = true;
        query->user_prefix = prefix;
        return 0;
    }
    if (strchr(text, '/'))
        return nta_err_prefix(err, -EINVAL, "--user %.60s", query->user);
    return 0;
}

int nta_query_site(struct nta_query *query, const char *text, struct nta_err *err)
{
    if (strncmp(text, "*.", 2) == 0)
        text += 2; /* subdomains are in anyway */
    char normal[NTA_NAME_SIZE];
    const size_t n = nta_blacklist_name(nta_span_of(text), normal); /* A-labels, as recorded */
    int r = set_word(&query->site, n ? normal : text, "--site: a name or an address", err);
    size_t len = r == 0 ? strlen(query->site) : 0;

    if (len > 1 && query->site[len - 1] == '.')
        query->site[len - 1] = '\0';
    return r;
}

#define TAKE_WORD(symbol, word, member, part, token, refusal, ...)                                 \
    int nta_query_##word(struct nta_query *query, const char *text, struct nta_err *err)           \
    {                                                                                              \
        return set_word(&query->word, text, refusal, err);                                         \
    }
NTA_FILTERS(TAKE_WORD, NOTHING)

int nta_query_matched(struct nta_query *query, const char *text, struct nta_err *err)
{
    (void)text;
    (void)err;
    query->matched = true;
    return 0;
}

int nta_query_downloads(struct nta_query *query, const char *text, struct nta_err *err)
{
    (void)text;
    (void)err;
    query->download = true;
    return 0;
}

int nta_query_country(struct nta_query *query, const char *text, struct nta_err *err)
{
    if (strlen(text) != 2 || !isalpha((unsigned char)text[0]) || !isalpha((unsigned char)text[1]))
        return nta_err_set(err, -EINVAL, "--country: two letters, as BE or NL");
    return set_word(&query->country, text, "", err);
}

int nta_query_type(struct nta_query *query, const char *text, struct nta_err *err)
{
    return set_word(&query->type, text, "--type: a file type, as video, pdf or application/zip",
                    err);
}

/** The sentence for a word that is none of the names. */
static int refuse_word(struct nta_err *err, const char *option, const char *word, const char *names)
{
    char shown[SHOWN_SIZE];

    return nta_err_set(err, -EINVAL, "%s: \"%s\" is none of %s", option,
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(word)), names);
}

int nta_query_app(struct nta_query *query, const char *text, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};

    for (unsigned app = 1; app <= UINT8_MAX; app++) {
        const char *name = nta_record_app(app);

        if (!name[0])
            continue;
        if (strcasecmp(name, text) == 0) {
            query->app = (uint8_t)app;
            return 0;
        }
        nta_buf_printf(&names, "%s%s", names.len ? " " : "", name);
    }
    nta_buf_put_u8(&names, 0);
    return refuse_word(err, "--app", text, names.failed ? "" : (const char *)names.ptr);
}

/** Words that stand for bits. */
struct bit_words
{
    const char *option, *names;         ///< For the sentence that refuses another.
    int (*number_of)(const char *word); ///< Negative: unknown.
    int top; ///< "word+" is that one and all above it up to this; 0: no such thing.
};

static int take_bit(const struct bit_words *words, const char *pos, size_t len, uint16_t *bits,
                    struct nta_err *err)
{
    char word[WORD_MAX];

    (void)snprintf(word, sizeof(word), "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX - 1), pos);
    bool and_more = words->top && len && len < sizeof(word) && word[len - 1] == '+';

    if (and_more)
        word[len - 1] = '\0';
    int number = words->number_of(word);

    if (number < 0)
        return refuse_word(err, words->option, word, words->names);
    for (int i = number; i <= (and_more ? words->top : number); i++)
        *bits = (uint16_t)(*bits | 1U << (unsigned)i);
    return 0;
}

/** Each word between commas. */
static int parse_bits(const char *text, const struct bit_words *words, uint16_t *ret_bits,
                      struct nta_err *err)
{
    uint16_t bits = 0;

    for (const char *pos = text;; pos++) {
        size_t len = strcspn(pos, ",");
        int r = take_bit(words, pos, len, &bits, err);

        if (r < 0)
            return r;
        pos += len;
        if (*pos == '\0')
            break;
    }
    *ret_bits = bits;
    return 0;
}

static int grade_number(const char *word)
{
    for (int i = 0; i < NTA_N_GRADES; i++) {
        if (strcasecmp(word, nta_grade_name((enum nta_grade)i)) == 0)
            return i;
    }
    return -1;
}

int nta_query_grade(struct nta_query *query, const char *text, struct nta_err *err)
{
    static const struct bit_words grades = {
        .option = "--grade",
        .names = "strong, likely, weak (likely+ is that and better)",
        .number_of = grade_number,
        .top = NTA_GRADE_STRONG,
    };
    uint16_t bits = 0;
    int r = parse_bits(text, &grades, &bits, err);

    query->grades = r == 0 ? (uint8_t)bits : query->grades;
    return r;
}

/** nta_query_WORD(), NUMBER(), by the words of a table of record/words/words.h. */
#define TAKE_BITS(word, type, names_text, most)                                                    \
    static int word##_number(const char *text)                                                     \
    {                                                                                              \
        const uint8_t number = nta_##type##_number(text);                                          \
                                                                                                   \
        return number ? number : -1;                                                               \
    }                                                                                              \
                                                                                                   \
    int nta_query_##word(struct nta_query *query, const char *text, struct nta_err *err)           \
    {                                                                                              \
        static const struct bit_words words = {.option = "--" #word,                               \
                                               .names = (names_text),                              \
                                               .number_of = word##_number,                         \
                                               .top = (most)};                                     \
                                                                                                   \
        return parse_bits(text, &words, &query->word##s, err);                                     \
    }
#define WORDS_OF(symbol, word, number) word " "

TAKE_BITS(kind, file_kind, NTA_FILE_KINDS(WORDS_OF), 0)
TAKE_BITS(act, act, NTA_ACTS(WORDS_OF), 0)
TAKE_BITS(seen, seen, NTA_SEENS(WORDS_OF) "(answered+ is that and more)", NTA_SEEN_DELIVERED)

static int severity_number(const char *word)
{
    for (uint8_t i = 1; nta_record_severity(i)[0]; i++) {
        if (strcasecmp(word, nta_record_severity(i)) == 0)
            return i;
    }
    return -1;
}

int nta_query_severity(struct nta_query *query, const char *text, struct nta_err *err)
{
    static const struct bit_words severities = {
        .option = "--severity",
        .names = "low, medium, high, critical (high+ is that and worse)",
        .number_of = severity_number,
        .top = 4,
    };

    return parse_bits(text, &severities, &query->severities, err);
}

#define EVENT_WORDS(symbol, name, number) name " "

static int event_number(const char *word)
{
#define EVENT_NUMBER(symbol, name, number)                                                         \
    if (strcasecmp(word, (name)) == 0)                                                             \
        return (number);
    NTA_RECORD_ASKED_EVENTS(EVENT_NUMBER)
#undef EVENT_NUMBER
    return -1;
}

int nta_query_event(struct nta_query *query, const char *text, struct nta_err *err)
{
    static const struct bit_words events = {
        .option = "--event",
        .names = NTA_RECORD_ASKED_EVENTS(EVENT_WORDS),
        .number_of = event_number,
    };
    uint16_t bits = 0;
    int r = parse_bits(text, &events, &bits, err);

    query->events = r == 0 ? bits : query->events;
    return r;
}

int nta_query_bytes(struct nta_query *query, const char *text, struct nta_err *err)
{
    static const char units[] = "kmgt";
    char *end = NULL;
    unsigned long long number = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
    const char *unit = end && *end ? strchr(units, tolower((unsigned char)*end)) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

    if (unit)
        end += 1 + (tolower((unsigned char)end[1]) == 'i');
    if (end && (*end == 'B' || *end == 'b'))
        end++;
    if (!end || *end || number == 0 || number > UINT64_MAX >> shift)
        return nta_err_set(err, -EINVAL, "--bytes-above: a number from 1 on, as 500, 10k, 10M, 2G");
    query->bytes_above = (uint64_t)number << shift;
    return 0;
}

int nta_query_between(struct nta_query *query, const char *text, struct nta_err *err)
{
    int r = nta_period_daily(text, query->between, err);

    return r < 0 ? nta_err_prefix(err, r, "--between") : 0;
}

/* ---- tokens ---- */

/** Format 1 has tokens of the kinds up to this. */
static const enum nta_value_kind kinds_1 = NTA_VALUE_COUNTRY;

/** Called with each value that a batch must have, or (`is_any`) of which it must have one. */
typedef void value_fn(void *owner, bool is_any, enum nta_value_kind kind, struct nta_span value);

struct each_value
{
    value_fn *fn;
    void *owner;
};

/** Of a text, folded as the recorder did. */
static void give_text(const struct each_value *each, bool is_any, enum nta_value_kind kind,
                      const char *text)
{
    uint8_t buf[NTA_VALUE_MAX];

    if (text)
        each->fn(each->owner, is_any, kind, nta_value_fold(nta_span_of(text), buf));
}

/**
 * Batches have tokens of a site's parents that have a dot, and of none whose last byte is a digit,
 * since those are taken for addresses: an address is one as a whole, any other may be a parent.
 */
static bool has_site_token(const char *site)
{
    struct nta_addr ignored;
    const size_t len = site ? strlen(site) : 0;

    if (len == 0 || nta_addr_parse(site, len, &ignored) == 0)
        return len > 0;
    return strchr(site, '.') && !isdigit((unsigned char)site[len - 1]);
}

static void give_values(const struct nta_query *query, const struct each_value *each)
{
    const struct nta_addr *addr = &query->user_prefix.addr;

    if (query->user_is_mac) {
        each->fn(each->owner, true, NTA_VALUE_USER_MAC, (struct nta_span){query->user_mac, 6});
        give_text(each, true, NTA_VALUE_DEVICE, query->user_device);
    } else if (query->user_is_addr && query->user_prefix.len == 128) {
        each->fn(each->owner, false, NTA_VALUE_USER_ADDR,
                 (struct nta_span){addr->bytes, sizeof(addr->bytes)});
    } else if (query->user && !query->user_is_addr) {
        give_text(each, true, NTA_VALUE_USER_NAME, query->user);
        give_text(each, true, NTA_VALUE_USER_LOGIN, query->user);
        give_text(each, true, NTA_VALUE_PERSON, query->user);
        give_text(each, true, NTA_VALUE_DEVICE, query->user); /* a hash, or a pseudonym */
    }
    if (has_site_token(query->site))
        give_text(each, false, NTA_VALUE_SITE, query->site);
#define WORD_VALUE(symbol, word, member, part, token, ...)                                         \
    if (token)                                                                                     \
        give_text(each, false, (enum nta_value_kind)(token), query->word);
    NTA_FILTERS(WORD_VALUE, NOTHING)
    give_text(each, false, NTA_VALUE_COUNTRY, query->country);
}

static void note_value(void *owner, bool is_any, enum nta_value_kind kind, struct nta_span value)
{
    bool *has_any = owner;

    (void)is_any;
    (void)kind;
    (void)value;
    *has_any = true;
}

bool nta_query_has_tokens(const struct nta_query *query)
{
    bool has_any = false;
    const struct each_value each = {note_value, &has_any};

    give_values(query, &each);
    return has_any;
}

struct making
{
    const struct nta_opener *opener;
    const struct nta_header *header;
    struct nta_query_tokens *tokens;
    bool lacks_any; ///< One of those of which one is enough has no token: then none decides.
};

static void add_token(void *owner, bool is_any, enum nta_value_kind kind, struct nta_span value)
{
    struct making *making = owner;
    struct nta_query_tokens *tokens = making->tokens;
    size_t *n = is_any ? &tokens->n_any : &tokens->n_all;
    uint8_t *token = is_any ? tokens->any[*n] : tokens->all[*n];
    bool is_made = (making->header->version > 1 || kind <= kinds_1) && *n < NTA_QUERY_TOKENS &&
                   nta_opener_token(making->opener, making->header, kind, value, token) == 0;

    *n += is_made;
    making->lacks_any = making->lacks_any || (is_any && !is_made);
}

void nta_query_make_tokens(const struct nta_query *query, const struct nta_opener *opener,
                           const struct nta_header *header, struct nta_query_tokens *ret_tokens)
{
    struct making making = {.opener = opener, .header = header, .tokens = ret_tokens};
    const struct each_value each = {add_token, &making};

    ret_tokens->n_all = ret_tokens->n_any = 0;
    give_values(query, &each);
    if (making.lacks_any)
        ret_tokens->n_any = 0;
}

bool nta_query_tokens_fit(const struct nta_query_tokens *wanted, struct nta_span tokens)
{
    for (size_t i = 0; i < wanted->n_all; i++) {
        if (!nta_tokens_have(tokens, wanted->all[i]))
            return false;
    }
    for (size_t i = 0; i < wanted->n_any; i++) {
        if (nta_tokens_have(tokens, wanted->any[i]))
            return true;
    }
    return wanted->n_any == 0;
}
