/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/privacy/hide.h"

#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "record/class.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DAY_NS     (86400 * NTA_NS_PER_S)
#define ABOUT_MASK ((UINT64_C(1) << 52) - 1) /* what every reader of JSON keeps whole */

/** What it takes to hide one record. */
struct hiding
{
    struct nta_hide *hide;
    const struct nta_policy *policy;
    enum nta_naming naming;
    const struct nta_record *record; ///< As it was.
};

static uint64_t number_of(const struct hiding *hiding, enum nta_pseudonym_kind kind,
                          struct nta_span value)
{
    const int64_t day_ns = hiding->hide->is_for_good ? 0 : hiding->record->time_ns;

    return nta_pseudonyms_of(hiding->hide->names, kind, day_ns, value);
}

static bool is_set(const struct nta_addr *addr)
{
    static const struct nta_addr none;

    return !nta_addr_equal(addr, &none);
}

/** The number in 100::/64, which goes nowhere (RFC 6666). */
static struct nta_addr addr_of(uint64_t number)
{
    struct nta_addr addr = {.bytes = {1}};

    for (size_t i = 0; i < 8; i++)
        addr.bytes[8 + i] = (uint8_t)(number >> (56 - 8 * i));
    return addr;
}

/** An address in its network. */
static uint64_t number_of_addr(const struct hiding *hiding, const struct nta_addr *addr)
{
    const struct nta_record_network *network = &hiding->record->network;
    uint8_t bytes[NTA_ADDR_LEN + 9];

    memcpy(bytes, addr->bytes, NTA_ADDR_LEN);
    bytes[NTA_ADDR_LEN] = network->kind;
    memcpy(bytes + NTA_ADDR_LEN + 1, &network->id, 8);
    return number_of(hiding, NTA_PSEUDONYM_ADDR, (struct nta_span){bytes, sizeof(bytes)});
}

/** The number as text, which is put into `buf`. */
static struct nta_span text_of(uint64_t number, char buf[NTA_HIDE_TEXT_SIZE])
{
    (void)snprintf(buf, NTA_HIDE_TEXT_SIZE, "p-%016" PRIx64, number);
    return nta_span_of(buf);
}

static struct nta_addr hidden_addr(const struct hiding *hiding, const struct nta_addr *addr)
{
    if (!is_set(addr) || hiding->naming == NTA_NAMING_NONE)
        return (struct nta_addr){0};
    return addr_of(number_of_addr(hiding, addr));
}

/** Login, else device, else network and address: who incidents say that he is.  0: nobody. */
static uint64_t number_of_user(const struct hiding *hiding)
{
    const struct nta_record_side *user = &hiding->record->user;
    char mac[18];

    if (user->login.len)
        return number_of(hiding, NTA_PSEUDONYM_LOGIN, user->login);
    if (user->device.len)
        return number_of(hiding, NTA_PSEUDONYM_DEVICE, user->device);
    if (user->has_mac && hiding->record->event == NTA_RECORD_LEASE) { /* his own, not a router's */
        (void)snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", user->mac[0],
                       user->mac[1], user->mac[2], user->mac[3], user->mac[4], user->mac[5]);
        return number_of(hiding, NTA_PSEUDONYM_DEVICE, nta_span_of(mac));
    }
    return is_set(&user->addr) ? number_of_addr(hiding, &user->addr) : 0;
}

/** What names somebody, but his address. */
static void clear_names(struct nta_record_side *side)
{
    side->name = side->login = side->person = side->device = (struct nta_span){0};
    side->has_mac = false;
    memset(side->mac, 0, sizeof(side->mac));
    side->ipv4 = (struct nta_addr){0};
}

static void hide_user(const struct hiding *hiding, struct nta_record_side *user)
{
    const uint64_t number = number_of_user(hiding);

    clear_names(user);
    user->addr = (struct nta_addr){0};
    if (hiding->naming == NTA_NAMING_NONE) {
        user->since_ns = 0;
    } else if (number) {
        user->device = text_of(number, hiding->hide->user);
        user->addr = addr_of(number);
    }
}

static bool is_home(const struct hiding *hiding, const struct nta_addr *addr)
{
    struct nta_addr inside;

    return !hiding->policy || nta_policy_is_home(hiding->policy, addr) ||
           (nta_addr_inside(addr, &inside) && nta_policy_is_home(hiding->policy, &inside)) ||
           nta_addr_equal(addr, &hiding->record->user.addr);
}

/** Of him nothing but the address is known. */
static void hide_peer(const struct hiding *hiding, struct nta_record_side *peer)
{
    const struct nta_addr addr = peer->addr;

    if (!is_set(&addr) || !is_home(hiding, &addr))
        return;
    clear_names(peer);
    peer->addr = hidden_addr(hiding, &addr);
    if (hiding->naming == NTA_NAMING_PSEUDONYM)
        peer->device = text_of(number_of_addr(hiding, &addr), hiding->hide->peer);
}

/** Without the dot at its end. */
static struct nta_span without_dot(struct nta_span name)
{
    return nta_span_first(name, name.len - (name.len && name.ptr[name.len - 1] == '.'));
}

static bool is_below(struct nta_span name, const char *parent)
{
    const size_t len = strlen(parent);

    return name.len >= len &&
           strncasecmp((const char *)name.ptr + name.len - len, parent, len) == 0;
}

/**
 * A name that no public server has: of one label (and no address), or below what is kept for
 * networks of one's own or is usual there (RFC 6761, 6762, 8375; ICANN's .internal; the names that
 * draft-chapin-additional-reserved-tlds counted).
 */
static bool is_inside_name(struct nta_span name)
{
    static const char *const parents[] = {".arpa", ".local",    ".localdomain", ".localhost",
                                          ".lan",  ".internal", ".intranet",    ".private",
                                          ".home", ".corp",     ".fritz.box"};
    const struct nta_span bare = without_dot(name);

    for (size_t i = 0; i < NTA_N_ELEMENTS(parents); i++)
        if (is_below(bare, parents[i]))
            return true;
    return bare.len > 0 && !nta_span_has(bare, '.') && !nta_span_has(bare, ':');
}

/** The site is what a machine in here calls itself, or its address written as a name. */
static bool names_machine(const struct nta_record *record)
{
    return record->app == NTA_APP_MDNS || record->app == NTA_APP_LLMNR ||
           record->app == NTA_APP_NETBIOS || is_inside_name(record->site);
}

/** "fe80--1s4.ipv6-literal.net", as Windows writes an address where no colon may be. */
static bool is_literal(struct nta_span name, struct nta_addr *ret_addr)
{
    const struct nta_span label = nta_span_first(name, nta_span_find_byte(name, '.'));
    char text[NTA_ADDR_TEXT_SIZE];
    size_t len = 0;

    if (!is_below(name, ".ipv6-literal.net") || label.len >= sizeof(text))
        return false;
    for (; len < label.len && (label.ptr[len] | 0x20) != 's'; len++)
        text[len] = (char)(label.ptr[len] == '-' ? ':' : label.ptr[len]);
    return nta_addr_parse(text, len, ret_addr) == 0;
}

/** The number at `*pos`, of one byte; false: there is none. */
static bool take_byte(struct nta_span name, size_t *pos, uint8_t *ret_byte)
{
    const size_t from = *pos;
    unsigned number = 0;

    while (*pos < name.len && *pos - from < 4 && name.ptr[*pos] >= '0' && name.ptr[*pos] <= '9')
        number = number * 10 + name.ptr[(*pos)++] - '0';
    *ret_byte = (uint8_t)number;
    return *pos > from && number <= UINT8_MAX;
}

/** Four numbers from `pos` on, with the same mark between: "10-1-0-9", "10.1.0.9". */
static bool take_four(struct nta_span name, size_t pos, struct nta_addr *ret_addr)
{
    uint8_t bytes[4], mark = 0;

    for (size_t n = 0; n < 4; n++) {
        if (n > 0 && (pos >= name.len || (name.ptr[pos] != '-' && name.ptr[pos] != '.') ||
                      (n > 1 && name.ptr[pos] != mark)))
            return false;
        if (n > 0)
            mark = name.ptr[pos++];
        if (!take_byte(name, &pos, &bytes[n]))
            return false;
    }
    *ret_addr = nta_addr_v4(bytes);
    return pos == name.len || name.ptr[pos] < '0' || name.ptr[pos] > '9';
}

/** As networks name machines: "dhcp-10-1-0-9.example". */
static bool holds_address(const struct hiding *hiding, struct nta_span name,
                          struct nta_addr *ret_addr)
{
    bool was_digit = false;

    for (size_t i = 0; i < name.len; i++) {
        const bool is_digit = name.ptr[i] >= '0' && name.ptr[i] <= '9';

        if (is_digit && !was_digit && take_four(name, i, ret_addr) && is_home(hiding, ret_addr))
            return true;
        was_digit = is_digit;
    }
    return false;
}

/** An address at home, also with a dot or a zone behind it, or in a name. */
static bool is_address(const struct hiding *hiding, struct nta_span name, struct nta_addr *ret_addr)
{
    const struct nta_span bare = without_dot(name);
    const struct nta_span zoneless = nta_span_first(bare, nta_span_find_byte(bare, '%'));

    if ((zoneless.len > 0 &&
         nta_addr_parse((const char *)zoneless.ptr, zoneless.len, ret_addr) == 0) ||
        is_literal(bare, ret_addr))
        return is_home(hiding, ret_addr);
    return holds_address(hiding, bare, ret_addr);
}

static void hide_site(const struct hiding *hiding, struct nta_record *copy)
{
    const bool is_numbered = hiding->naming == NTA_NAMING_PSEUDONYM;
    struct nta_hide *hide = hiding->hide;
    struct nta_addr addr;

    if (names_machine(copy)) {
        const uint64_t number = number_of(hiding, NTA_PSEUDONYM_NAME, copy->site);

        copy->site =
            copy->site.len && is_numbered ? text_of(number, hide->site) : (struct nta_span){0};
        copy->url = (struct nta_span){0};
        copy->n_answers = 0;
        return;
    }
    if (!is_address(hiding, copy->site, &addr))
        return;
    addr = hidden_addr(hiding, &addr);
    copy->site = is_numbered ? nta_span_of(nta_addr_text(&addr, hide->site)) : (struct nta_span){0};
    copy->url = (struct nta_span){0}; /* whose host it is */
}

static void hide_answers(const struct hiding *hiding, struct nta_record *copy)
{
    const size_t n = nta_smaller(copy->n_answers, NTA_RECORD_ANSWERS);
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct nta_record_answer answer = copy->answers[i];
        struct nta_addr ignored;

        if (is_set(&answer.addr) && is_home(hiding, &answer.addr))
            answer.addr = hidden_addr(hiding, &answer.addr);
        else if (names_machine(&(struct nta_record){.site = answer.target}) ||
                 is_address(hiding, answer.target, &ignored))
            continue;
        hiding->hide->answers[n_kept++] = answer;
    }
    copy->answers = hiding->hide->answers;
    copy->n_answers = n_kept;
}

uint64_t nta_hide_link(const struct nta_hide *hide, uint64_t about)
{
    uint8_t bytes[8];

    if (about == 0)
        return 0;
    memcpy(bytes, &about, sizeof(bytes));
    const uint64_t number = nta_pseudonyms_of(hide->names, NTA_PSEUDONYM_LINK, 0,
                                              (struct nta_span){bytes, sizeof(bytes)}) &
                            ABOUT_MASK;

    return number ? number : 1;
}

/** A name that others gave for the site: of a machine in here, or its address? */
static bool is_ours(const struct hiding *hiding, struct nta_span name)
{
    struct nta_addr addr;

    return names_machine(&(struct nta_record){.app = hiding->record->app, .site = name}) ||
           is_address(hiding, name, &addr);
}

/** What else is said of the site, but what names one of ours; of a lease, who else has it. */
static void hide_others(const struct hiding *hiding, struct nta_record *copy)
{
    const bool is_lease = copy->event == NTA_RECORD_LEASE;
    const size_t n_conflicts = is_lease ? 0 : nta_smaller(copy->n_conflicts, NTA_RECORD_CONFLICTS),
                 n_via = nta_smaller(copy->n_via, NTA_RECORD_VIA);
    struct nta_hide *hide = hiding->hide;

    copy->n_conflicts = copy->n_via = 0;
    for (size_t i = 0; i < n_conflicts; i++)
        if (!is_ours(hiding, copy->conflicts[i].value))
            hide->conflicts[copy->n_conflicts++] = copy->conflicts[i];
    for (size_t i = 0; i < n_via; i++)
        if (!is_ours(hiding, copy->via[i]))
            hide->via[copy->n_via++] = copy->via[i];
    copy->conflicts = hide->conflicts;
    copy->via = hide->via;
}

static void hide_links(struct nta_hide *hide, struct nta_record *copy)
{
    copy->about = nta_hide_link(hide, copy->about);
    copy->n_requests = nta_smaller(copy->n_requests, NTA_RECORD_REQUESTS);
    for (size_t i = 0; i < copy->n_requests; i++)
        hide->requests[i] = nta_hide_link(hide, copy->requests[i]);
    copy->requests = hide->requests;
}

static void hide_binding(struct nta_record *copy)
{
    copy->binding.client_id = copy->binding.circuit = (struct nta_span){0};
}

const struct nta_record *nta_hide_record(struct nta_hide *hide, const struct nta_policy *policy,
                                         enum nta_naming naming, const struct nta_record *record)
{
    const struct hiding hiding = {hide, policy, naming, record};
    struct nta_record *copy = &hide->record;

    if (naming == NTA_NAMING_FULL)
        return record;
    if (record->event == NTA_RECORD_PACKETS ||
        (record->event == NTA_RECORD_LEASE && naming == NTA_NAMING_NONE))
        return NULL;
    *copy = *record;
    hide_user(&hiding, &copy->user);
    hide_peer(&hiding, &copy->peer);
    hide_site(&hiding, copy);
    hide_answers(&hiding, copy);
    hide_others(&hiding, copy);
    hide_links(hide, copy);
    hide_binding(copy);
    return copy;
}

bool nta_hide_is_hidden(const struct nta_record *record)
{
    static const uint8_t nobodys[] = {1, 0, 0, 0, 0, 0, 0, 0}; /* 100::/64 */
    const struct nta_record_side *user = &record->user;

    return user->name.len + user->login.len + user->person.len == 0 && !user->has_mac &&
           (!is_set(&user->addr) || memcmp(user->addr.bytes, nobodys, sizeof(nobodys)) == 0);
}

/* ---- who it is ---- */

static uint64_t hash_text(uint64_t hash, struct nta_span text)
{
    static const struct nta_hash_key none;

    return nta_hash_words(&none, hash, nta_hash_bytes(&none, text.ptr, text.len));
}

/** Of all that an opening says: that it was told. */
static uint64_t hash_of(const struct nta_record_side *side, struct nta_span pseudonym,
                        enum nta_class class)
{
    const struct nta_span parts[] = {
        pseudonym,
        {side->addr.bytes, NTA_ADDR_LEN},
        {side->mac, side->has_mac ? sizeof(side->mac) : 0},
        side->device,
        side->name,
        side->login,
        side->person,
    };
    uint64_t hash = class == NTA_CLASS_EVIDENCE;

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++)
        hash = hash_text(hash, parts[i]);
    return hash ? hash : 1;
}

const struct nta_record *nta_hide_opening(struct nta_hide *hide, const struct nta_record *record,
                                          const struct nta_record *hidden, bool of_peer)
{
    const struct nta_record_side *side = of_peer ? &record->peer : &record->user;
    const struct nta_record_side *shown = of_peer ? &hidden->peer : &hidden->user;
    const enum nta_class class = nta_record_class(record);

    if (shown->device.len == 0)
        return NULL;
    const uint64_t hash = hash_of(side, shown->device, class);
    uint64_t *told = &hide->told[hash % NTA_HIDE_TOLD];

    if (*told == hash)
        return NULL;
    *told = hash;
    hide->opening = (struct nta_record){
        .event = NTA_RECORD_PSEUDONYM,
        .time_ns = record->time_ns,
        .vlan = record->vlan,
        .network = record->network,
        .policy = record->policy,
        .user = *shown,
        .peer = *side,
        .about = class == NTA_CLASS_EVIDENCE ? hidden->about | 1 : 0,
    };
    hide->opening.user.place = hide->opening.peer.place = (struct nta_place){.has_position = false};
    return &hide->opening;
}
