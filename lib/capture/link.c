/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/link.h"

#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "capture/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum
{
    WORD_SIZE = 32
};

/**
 * pcap-filter(7), all but what stands for a value; those in the first have a value behind them that
 * is free.
 */
#define FREE_VALUES                                                                                \
    "host net port portrange gateway proto protochain src dst ether ip ip6 arp rarp mask vlan "    \
    "mpls pppoes geneve ifname on rnr rulenum reason rset ruleset srnr subrulenum action type "    \
    "subtype dir wlan fddi tr tcp udp sctp broadcast multicast"
#define KEYWORDS                                                                                   \
    FREE_VALUES                                                                                    \
    " and or not less greater inbound outbound icmp icmp6 igmp igrp pim ah esp vrrp carp "         \
    "aarp decnet iso lat moprc mopdl atalk stp ipx netbeui link ppp slip len lane oam clnp esis "  \
    "isis csnp psnp l1 l2 iih lsp snp pppoed radio ra ta addr1 addr2 addr3 addr4"

static bool is_among(const char *words, const char *word, size_t len)
{
    struct nta_nearest nearest = {.word = word};
    char copy[WORD_SIZE];

    if (len >= sizeof(copy))
        return false;
    memcpy(copy, word, len);
    copy[len] = '\0';
    nearest.word = copy;
    nta_nearest_try_all(&nearest, words);
    return nearest.distance == 0;
}

/**
 * libpcap says of a wrong filter that its syntax is wrong, not where: the first word of letters
 * that is none of the language, and does not stand where a name may, is most likely it.  Appends to
 * the sentence, or does nothing.
 */
static void name_wrong_word(const char *filter, struct nta_err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool may_be_value = false;

    for (size_t len; *filter; filter += len ? len : 1) {
        size_t token = strcspn(filter, " \t()!&|=<>[]:+-*/");
        char word[WORD_SIZE];

        len = token;
        if (token == 0)
            continue;
        bool is_key = is_among(KEYWORDS, filter, token);

        if (!is_key && !may_be_value && strspn(filter, letters) == token && token < sizeof(word)) {
            struct nta_nearest nearest = {.word = word};

            memcpy(word, filter, token);
            word[token] = '\0';
            nta_nearest_try_all(&nearest, KEYWORDS);
            size_t used = strlen(err->text);

            (void)snprintf(err->text + used, sizeof(err->text) - used,
                           " (\"%s\" is no word of the language; the nearest is \"%.*s\")", word,
                           (int)nearest.best_len, nearest.best);
            return;
        }
        may_be_value = is_key && is_among(FREE_VALUES, filter, token);
    }
}

int nta_link_compile(pcap_t *handle, const char *filter, uint32_t netmask,
                     struct bpf_program *ret_program, struct nta_err *err)
{
    char shown_filter[NTA_NAME_SHOWN];
    char shown_words[NTA_NAME_SHOWN];

    if (pcap_compile(handle, ret_program, filter, 1, netmask) == 0)
        return 0;
    (void)nta_err_set(err, -EINVAL, "the filter \"%s\" is wrong: %s",
                      nta_capture_shown(filter, shown_filter),
                      nta_capture_shown(pcap_geterr(handle), shown_words));
    if (err && strstr(pcap_geterr(handle), "syntax error"))
        name_wrong_word(filter, err);
    return -EINVAL;
}

static int open_header(const uint8_t header[24], pcap_t **ret_handle, struct nta_err *err)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    char shown[NTA_NAME_SHOWN];
    uint8_t copy[24];
    FILE *file;

    memcpy(copy, header, sizeof(copy));
    file = fmemopen(copy, sizeof(copy), "rb");
    if (!file)
        return nta_err_sys(err, -errno, "cannot look at a capture's header");
    *ret_handle = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, words);
    if (*ret_handle)
        return 0; /* the handle owns the stream now, and will read no more from it */
    (void)fclose(file);
    return nta_err_set(err, -EBADMSG, "%s", nta_capture_shown(words, shown));
}

int nta_link_init_handle(pcap_t *handle, const char *filter, struct nta_link *ret_link,
                         struct nta_err *err)
{
    struct nta_link link = {.link_type = pcap_datalink(handle),
                            .snap_len = (uint32_t)pcap_snapshot(handle)};
    const char *name = pcap_datalink_val_to_name(link.link_type);
    int rc = 0;

    if (!nta_decode_knows_link(link.link_type))
        rc = nta_err_set(err, -EPROTONOSUPPORT,
                         "link type %d (%s) is not known here: its packets are only counted",
                         link.link_type, name ? name : "without a name");
    if (filter) {
        link.refused = nta_link_compile(handle, filter, PCAP_NETMASK_UNKNOWN, &link.program,
                                        rc < 0 ? NULL : err) < 0;
        link.filtered = !link.refused;
        if (link.refused && rc == 0)
            rc = -EINVAL;
    }
    *ret_link = link;
    return rc;
}

int nta_link_init(const uint8_t header[24], const char *filter, struct nta_link *ret_link,
                  struct nta_err *err)
{
    pcap_t *handle = NULL;
    int rc = open_header(header, &handle, err);

    *ret_link = (struct nta_link){0};
    if (rc < 0)
        return rc;
    rc = nta_link_init_handle(handle, filter, ret_link, err);
    ret_link->handle = handle;
    return rc;
}

int nta_link_init_number(uint32_t number, uint32_t snap_len, const char *filter,
                         struct nta_link *ret_link, struct nta_err *err)
{
    struct
    {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snap_len, number;
    } header = {0xa1b2c3d4, 2, 4, 0, 0, snap_len, number};

    int rc;

    static_assert(sizeof(header) == 24, "a pcap file's header");
    rc = nta_link_init((const uint8_t *)&header, filter, ret_link, err);
    ret_link->number = number;
    return rc;
}

void nta_link_done(struct nta_link *link)
{
    if (link->filtered)
        pcap_freecode(&link->program);
    if (link->handle)
        pcap_close(link->handle);
    *link = (struct nta_link){0};
}
