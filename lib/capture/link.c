/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/link.h"

#include "base/own.h"
#include "base/text.h"
#include "capture/state.h"

#include <errno.h>
#include <string.h>

int nta_link_compile(pcap_t *handle, const char *filter, uint32_t netmask,
                     struct bpf_program *ret_program, struct nta_err *err)
{
    char shown_filter[NTA_NAME_SHOWN];
    char shown_words[NTA_NAME_SHOWN];

    if (pcap_compile(handle, ret_program, filter, 1, netmask) == 0)
        return 0;
    return nta_err_set(err, -EINVAL, "the filter \"%s\" is wrong: %s",
                       nta_capture_shown(filter, shown_filter),
                       nta_capture_shown(pcap_geterr(handle), shown_words));
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
    if (rc != -EBADMSG)
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
