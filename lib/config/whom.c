/* SPDX-License-Identifier: Apache-2.0 */
#include "config/whom.h"

#include "base/bytes.h"
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SHOWN_SIZE = 128,
    LAST_VLAN = 4094, ///< IEEE 802.1Q: 0 is no VLAN, 4095 is reserved.
};

static const char *const words[] = {
    [NTA_WHOM_PREFIX] = "",     [NTA_WHOM_VLAN] = "vlan",     [NTA_WHOM_DEPARTMENT] = "department",
    [NTA_WHOM_LOGIN] = "login", [NTA_WHOM_PERSON] = "person", [NTA_WHOM_DEVICE] = "device",
};

const char *nta_whom_word(enum nta_whom_kind kind)
{
    return words[kind];
}

static int take_vlan(const char *text, struct nta_whom *whom, struct nta_err *err)
{
    char *end = NULL, shown[SHOWN_SIZE];
    const unsigned long number = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;

    if (number < 1 || number > LAST_VLAN || *end != '\0')
        return nta_err_set(err, -EINVAL, "\"vlan:%s\": a VLAN is a number from 1 to %d",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)),
                           (int)LAST_VLAN);
    whom->vlan = (uint16_t)number;
    return 0;
}

static int take_name(const char *text, struct nta_whom *whom, struct nta_err *err)
{
    const size_t len = strlen(text);

    if (len == 0 || len >= NTA_WHOM_NAME_SIZE)
        return nta_err_set(err, -EINVAL, "\"%s:\" needs a name of 1 to %d bytes behind it",
                           words[whom->kind], NTA_WHOM_NAME_SIZE - 1);
    memcpy(whom->name, text, len + 1);
    return 0;
}

static int refuse(const char *text, size_t word_len, const struct nta_err *why, struct nta_err *err)
{
    char shown[SHOWN_SIZE], word[SHOWN_SIZE];
    struct nta_nearest nearest = {.word = word};

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(text));
    if (text[word_len] == '\0' || strspn(text, "0123456789abcdefABCDEF") >= word_len)
        return nta_err_set(err, -EINVAL,
                           "\"%s\" is no address or network (%.200s), and none of vlan:, "
                           "department:, login:, person:, device: stands before it",
                           shown, why->text);
    (void)nta_text_escape_to(word, sizeof(word),
                             (struct nta_span){(const uint8_t *)text, word_len});
    nta_nearest_try_all(&nearest, "vlan department login person device");
    return nta_err_set(err, -EINVAL,
                       "\"%s\": \"%s:\" is none of vlan:, department:, login:, person:, "
                       "device:; the nearest is \"%.*s:\"",
                       shown, word, (int)nearest.best_len, nearest.best);
}

int nta_whom_parse(const char *text, struct nta_whom *ret_whom, struct nta_err *err)
{
    const size_t word_len = strcspn(text, ":");
    struct nta_whom whom = {.kind = NTA_WHOM_PREFIX};
    struct nta_err why = {0};
    int r = -EINVAL;

    for (size_t i = NTA_WHOM_VLAN; i < NTA_N_ELEMENTS(words); i++) {
        if (text[word_len] != ':' || strlen(words[i]) != word_len ||
            memcmp(text, words[i], word_len) != 0)
            continue;
        whom.kind = (enum nta_whom_kind)i;
        r = i == NTA_WHOM_VLAN ? take_vlan(text + word_len + 1, &whom, err)
                               : take_name(text + word_len + 1, &whom, err);
        if (r < 0)
            return r;
    }
    if (r < 0 && nta_prefix_parse(text, strlen(text), &whom.prefix, &why) < 0)
        return refuse(text, word_len, &why, err);
    *ret_whom = whom;
    return 0;
}

int nta_whom_set_add(struct nta_whom_set *set, const char *text, struct nta_err *err)
{
    struct nta_whom whom, *larger;
    int r = nta_whom_parse(text, &whom, err);

    if (r < 0)
        return r;
    if (set->n == NTA_WHOM_MAX)
        return nta_err_set(err, -E2BIG, "more than %d of them", NTA_WHOM_MAX);
    larger = reallocarray(set->items, set->n + 1, sizeof(*larger));
    if (!larger)
        return nta_err_sys(err, -ENOMEM, "configuration");
    set->items = larger;
    set->items[set->n++] = whom;
    return 0;
}

int nta_whom_set_copy(const struct nta_whom_set *set, struct nta_whom_set *ret_copy)
{
    struct nta_whom_set copy = {.n = set->n};

    if (set->n > 0) {
        copy.items = reallocarray(NULL, set->n, sizeof(*copy.items));
        if (!copy.items)
            return -ENOMEM;
        memcpy(copy.items, set->items, set->n * sizeof(*copy.items));
    }
    *ret_copy = copy;
    return 0;
}

void nta_whom_set_done(struct nta_whom_set *set)
{
    free(set->items);
    *set = (struct nta_whom_set){0};
}

const char *nta_whom_text(const struct nta_whom *whom, char buf[NTA_WHOM_NAME_SIZE + 16])
{
    const size_t size = NTA_WHOM_NAME_SIZE + 16;
    const bool v4 = nta_addr_is_v4(&whom->prefix.addr) && whom->prefix.len >= 96;
    char addr[NTA_ADDR_TEXT_SIZE];

    switch (whom->kind) {
    case NTA_WHOM_PREFIX:
        (void)snprintf(buf, size, "%s/%d", nta_addr_text(&whom->prefix.addr, addr),
                       v4 ? whom->prefix.len - 96 : whom->prefix.len);
        break;
    case NTA_WHOM_VLAN: (void)snprintf(buf, size, "vlan:%u", whom->vlan); break;
    case NTA_WHOM_DEPARTMENT:
    case NTA_WHOM_LOGIN:
    case NTA_WHOM_PERSON:
    case NTA_WHOM_DEVICE: (void)snprintf(buf, size, "%s:%s", words[whom->kind], whom->name); break;
    }
    return buf;
}
