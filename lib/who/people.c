/* SPDX-License-Identifier: Apache-2.0 */
#include "who/people.h"

#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    ROWS_MAX = 1 << 18,
    FILE_MAX_BYTES = 32 << 20,
    LINE_SIZE = 1024,
    SHOWN_SIZE = 256,
    N_CELLS = 4,
};

/** In the order in which they decide. */
enum kind
{
    LOGIN,
    DEVICE,
    HOST,
    PREFIX,
};

struct row
{
    enum kind kind;
    uint8_t bits;         ///< Of a prefix.
    struct nta_addr addr; ///< Of a prefix; of a device its MAC in the first bytes.
    struct nta_span name; ///< Of a login or host, in lower case.
    struct nta_person user;
    uint32_t line;
    char *texts; ///< Owned: what the spans borrow from.
};

struct nta_people
{
    struct row *rows; ///< Owned; in the order of compare().
    size_t n, n_space;
    uint64_t bits[3]; ///< Which lengths of prefixes there are.
};

void nta_people_free(struct nta_people **people)
{
    if (!*people)
        return;
    for (size_t i = 0; i < (*people)->n; i++)
        free((*people)->rows[i].texts);
    free((*people)->rows);
    free(*people);
    *people = NULL;
}

static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    if (x->bits != y->bits)
        return (int)x->bits - (int)y->bits;
    const int by_addr = memcmp(&x->addr, &y->addr, sizeof(x->addr));

    return by_addr ? by_addr : nta_span_order(x->name, y->name);
}

bool nta_people_parse_mac(struct nta_span text, uint8_t ret_mac[6])
{
    uint8_t mac[6];

    if (text.len != 17)
        return false;
    for (size_t i = 0; i < 6; i++) {
        const uint8_t *digits = text.ptr + 3 * i;

        if (!nta_hex_parse((const char *)digits, 1, &mac[i]) ||
            (i < 5 && (digits[2] != text.ptr[2] || (digits[2] != ':' && digits[2] != '-'))))
            return false;
    }
    memcpy(ret_mac, mac, sizeof(mac));
    return true;
}

/** Of a prefix only what is in it. */
static struct nta_addr masked(const struct nta_addr *addr, unsigned bits)
{
    struct nta_addr masked = *addr;

    for (size_t i = 0; i < NTA_ADDR_LEN; i++) {
        if (i * 8 >= bits)
            masked.bytes[i] = 0;
        else if (bits - i * 8 < 8)
            masked.bytes[i] &= (uint8_t)(0xff00 >> (bits - i * 8));
    }
    return masked;
}

static int parse_key(char *text, struct row *row, struct nta_err *err)
{
    static const struct
    {
        const char *word;
        enum kind kind;
    } words[] = {{"login:", LOGIN}, {"host:", HOST}, {"name:", HOST}};
    struct nta_prefix prefix;
    char shown[SHOWN_SIZE];

    for (char *c = text; *c; c++)
        *c = (char)nta_lower((uint8_t)*c);
    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        const size_t len = strlen(words[i].word);

        if (strncmp(text, words[i].word, len) != 0)
            continue;
        row->kind = words[i].kind;
        row->name = nta_span_of(text + len + strspn(text + len, " \t"));
        return row->name.len ? 0
                             : nta_err_set(err, -EINVAL, "no name behind \"%s\"", words[i].word);
    }
    row->kind = DEVICE;
    if (nta_people_parse_mac(nta_span_of(text), row->addr.bytes))
        return 0;
    row->kind = PREFIX;
    if (nta_prefix_parse(text, strlen(text), &prefix, err) < 0)
        return nta_err_set(err, -EINVAL,
                           "\"%s\" is no address, network or MAC; a login is written "
                           "\"login:NAME\", a host \"host:NAME\"",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)));
    row->addr = prefix.addr;
    row->bits = prefix.len;
    return 0;
}

/** The next cell of a line, without spaces around it; NULL: there is none. */
static char *next_cell(char **rest)
{
    char *cell = strsep(rest, ",");

    if (!cell)
        return NULL;
    cell += strspn(cell, " \t");
    for (size_t len = strlen(cell); len > 0 && strchr(" \t\r\n", cell[len - 1]); len--)
        cell[len - 1] = '\0';
    return cell;
}

static int parse_line(char *line, struct row *row, struct nta_err *err)
{
    char *rest = line, *cells[N_CELLS] = {NULL};

    for (size_t i = 0; i < N_CELLS; i++) {
        cells[i] = next_cell(&rest);
        if (cells[i] && cells[i][0] == '"')
            return nta_err_set(err, -EINVAL, "a cell is written without quotes, and has no comma");
    }
    if (rest)
        return nta_err_set(err, -EINVAL, "more than %d cells: a name has no comma", N_CELLS);
    row->user.person = nta_span_of(cells[1] ? cells[1] : "");
    row->user.department = nta_span_of(cells[2] ? cells[2] : "");
    row->user.place = nta_span_of(cells[3] ? cells[3] : "");
    if (row->user.person.len + row->user.department.len + row->user.place.len == 0)
        return nta_err_set(err, -EINVAL, "no person, department or place behind a comma");
    return parse_key(cells[0], row, err);
}

static int add_line(struct nta_people *people, const char *line, uint32_t number,
                    struct nta_err *err)
{
    if (people->n == ROWS_MAX)
        return nta_err_set(err, -E2BIG, "more than %d lines", ROWS_MAX);
    if (people->n == people->n_space) {
        const size_t n_space = people->n_space ? people->n_space * 2 : 64;
        struct row *rows = realloc(people->rows, n_space * sizeof(*rows));

        if (!rows)
            return nta_err_sys(err, -ENOMEM, "users");
        people->rows = rows;
        people->n_space = n_space;
    }
    struct row *row = &people->rows[people->n];

    *row = (struct row){.line = number, .texts = strdup(line)};
    if (!row->texts)
        return nta_err_sys(err, -ENOMEM, "users");
    people->n++; /* so that its text is freed in any case */
    const int r = parse_line(row->texts, row, err);

    if (r == 0 && row->kind == PREFIX)
        people->bits[row->bits / 64] |= 1ULL << (row->bits % 64);
    return r;
}

/** What is said twice is said by nobody: which one would count? */
static int check_rows(const struct nta_people *people, struct nta_err *err)
{
    for (size_t i = 1; i < people->n; i++) {
        const struct row *a = &people->rows[i - 1], *b = &people->rows[i];

        if (compare(a, b) == 0)
            return nta_err_set(err, -EINVAL, "lines %u and %u are about the same",
                               a->line < b->line ? a->line : b->line,
                               a->line < b->line ? b->line : a->line);
    }
    return 0;
}

/** A line, with its end made a NUL.  1: there is one; 0: no more; or negative errno. */
static int read_line(FILE *file, char line[LINE_SIZE], struct nta_err *err)
{
    size_t len = 0;
    int c;

    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        if (c == '\0')
            return nta_err_set(err, -EINVAL, "a byte of zero: is it text in UTF-8?");
        if (len == LINE_SIZE - 1)
            return nta_err_set(err, -EINVAL, "line is too long");
        line[len++] = (char)c;
    }
    line[len] = '\0';
    return c != EOF || len > 0;
}

static int read_lines(struct nta_people *people, FILE *file, const char *shown, struct nta_err *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin UTF-8 with it */
    char line[LINE_SIZE];
    uint32_t number = 1;
    int r;

    for (; (r = read_line(file, line, err)) > 0; number++) {
        const bool is_marked = number == 1 && strncmp(line, mark, strlen(mark)) == 0;
        const char *text = line + (is_marked ? strlen(mark) : 0);

        text += strspn(text, " \t\r");
        if (text[0] != '\0' && text[0] != '#')
            r = add_line(people, text, number, err);
        if (r < 0)
            break;
    }
    if (r < 0)
        return nta_err_prefix(err, r, "%s:%u", shown, number);
    return ferror(file) ? nta_err_set(err, -EIO, "%s: cannot be read", shown) : 0;
}

int nta_people_load(const char *path, struct nta_people **ret_people, struct nta_err *err)
{
    NTA_AUTO(nta_people_free) struct nta_people *people = calloc(1, sizeof(*people));
    int opened;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, FILE_MAX_BYTES, 0, &opened, err);
    char shown[SHOWN_SIZE];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (!file)
        return opened;
    if (!people)
        return nta_err_sys(err, -ENOMEM, "%s", shown);
    int r = read_lines(people, file, shown, err);

    if (r < 0)
        return r;
    if (people->n > 0)
        qsort(people->rows, people->n, sizeof(people->rows[0]), compare);
    r = check_rows(people, err);
    if (r < 0)
        return nta_err_prefix(err, r, "%s", shown);
    *ret_people = NTA_TAKE(people);
    return 0;
}

static bool find_row(const struct nta_people *people, const struct row *wanted,
                     struct nta_person *ret_user)
{
    const struct row *row =
        people->n ? bsearch(wanted, people->rows, people->n, sizeof(*people->rows), compare) : NULL;

    if (row)
        *ret_user = row->user;
    return row != NULL;
}

/** By a name, which is written in any case; one that is too long is in no line. */
static bool find_name(const struct nta_people *people, enum kind kind, struct nta_span name,
                      struct nta_person *ret_user)
{
    uint8_t lower[LINE_SIZE];
    struct row wanted = {.kind = kind, .name = {lower, name.len}};

    if (name.len == 0 || name.len > sizeof(lower))
        return false;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = nta_lower(name.ptr[i]);
    if (find_row(people, &wanted, ret_user))
        return true;
    if (kind != HOST)
        return false;
    wanted.name = nta_span_before(wanted.name, '.');
    return wanted.name.len < name.len && find_row(people, &wanted, ret_user);
}

static bool find_prefix(const struct nta_people *people, const struct nta_addr *addr,
                        struct nta_person *ret_user)
{
    for (unsigned bits = 129; bits-- > 0;) {
        if (!(people->bits[bits / 64] & 1ULL << (bits % 64)) || (nta_addr_is_v4(addr) && bits < 96))
            continue;
        const struct row wanted = {
            .kind = PREFIX, .bits = (uint8_t)bits, .addr = masked(addr, bits)};

        if (find_row(people, &wanted, ret_user))
            return true;
    }
    return false;
}

bool nta_people_find(const struct nta_people *people, const struct nta_people_question *question,
                     struct nta_person *ret_user)
{
    struct row device = {.kind = DEVICE};

    if (!people)
        return false;
    if (find_name(people, LOGIN, question->login, ret_user))
        return true;
    if (question->mac)
        memcpy(device.addr.bytes, question->mac, 6);
    if (question->mac && find_row(people, &device, ret_user))
        return true;
    return find_name(people, HOST, question->name, ret_user) ||
           (question->addr && find_prefix(people, question->addr, ret_user));
}
