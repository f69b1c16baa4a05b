/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The link types that occur in one file, each with the filter compiled for it.
 *
 * A file numbers link types as LINKTYPE_… , libpcap's programs as DLT_…; nearly the same.  libpcap
 * is made to read a pcap header with that number in it: so the translation, the checks and the
 * handle for compiling are its own.
 */

#include "base/err.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

struct nta_link
{
    pcap_t *handle; ///< Owned; reads no packets.  NULL if the link was made from a reader's.
    struct bpf_program program; ///< Owned if `filtered`.
    int link_type;              ///< DLT_…
    uint32_t number;            ///< As in the file.
    uint32_t snap_len;          ///< libpcap gives no more of a packet than this.
    bool filtered;
    bool refused; ///< The filter cannot be compiled for it: nothing passes.
};

/**
 * `header`: the 24 bytes of a pcap file.  0, or negative errno with libpcap's words in `err`: the
 * header is refused; or, with `ret_link` usable all the same: -EPROTONOSUPPORT, packets cannot be
 * decoded, or -EINVAL, nothing passes because the filter does not compile.
 */
int nta_link_init(const uint8_t header[24], const char *filter, struct nta_link *ret_link,
                  struct nta_err *err);

/** As nta_link_init() with a header made from these two numbers. */
int nta_link_init_number(uint32_t number, uint32_t snap_len, const char *filter,
                         struct nta_link *ret_link, struct nta_err *err);

/** As nta_link_init() for a file that libpcap has opened itself. */
int nta_link_init_handle(pcap_t *handle, const char *filter, struct nta_link *ret_link,
                         struct nta_err *err);

/** Zeroed ones too. */
void nta_link_done(struct nta_link *link);

/** Compile with the sentence that names the filter.  0 or -EINVAL. */
int nta_link_compile(pcap_t *handle, const char *filter, uint32_t netmask,
                     struct bpf_program *ret_program, struct nta_err *err);

/** True if the packet is wanted. */
static inline bool nta_link_passes(const struct nta_link *link, uint32_t cap_len, uint32_t wire_len,
                                   const uint8_t *bytes)
{
    struct pcap_pkthdr header = {.caplen = cap_len, .len = wire_len};

    if (__builtin_expect(!link->filtered && !link->refused, 1))
        return true;
    return !link->refused && pcap_offline_filter(&link->program, &header, bytes) != 0;
}
