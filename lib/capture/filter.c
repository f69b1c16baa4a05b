/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/filter.h"

#include "base/own.h"
#include "capture/link.h"

#include <errno.h>
#include <string.h>

NTA_DEFINE_FREE(close_handle, pcap_t, pcap_close)

static void program_done(struct nta_filter_program *program)
{
    if (program->is_compiled)
        pcap_freecode(&program->program);
    *program = (struct nta_filter_program){0};
}

void nta_filter_done(struct nta_filter *filter)
{
    program_done(&filter->own);
    for (size_t i = 0; i < NTA_FILTER_SPARES; i++)
        program_done(&filter->spares[i]);
    filter->has_spares = false;
}

/**
 * For what the interface may be when it comes back, while names can still be looked up.  A handle
 * that captures nothing does not know that the kernel takes VLAN tags off.
 */
static void compile_spares(struct nta_filter *filter, const char *text, bpf_u_int32 mask)
{
    static const int link_types[NTA_FILTER_SPARES] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL,
                                                      DLT_LINUX_SLL2};

    filter->has_spares = true;
    for (size_t i = 0; i < NTA_FILTER_SPARES && !strstr(text, "vlan"); i++) {
        struct nta_filter_program *spare = &filter->spares[i];
        NTA_AUTO(close_handle)
        pcap_t *handle = pcap_open_dead(link_types[i], NTA_CAPTURE_SNAP_MAX);

        spare->link_type = link_types[i];
        spare->is_compiled =
            handle && nta_link_compile(handle, text, mask, &spare->program, NULL) == 0;
    }
}

static struct bpf_program *find_spare(struct nta_filter *filter, int link_type)
{
    for (size_t i = 0; i < NTA_FILTER_SPARES; i++)
        if (filter->spares[i].is_compiled && filter->spares[i].link_type == link_type)
            return &filter->spares[i].program;
    return NULL;
}

/** The program for the handle's kind of link; NULL with the sentence. */
static struct bpf_program *compile(struct nta_filter *filter, const char *text,
                                   const char *interface, pcap_t *handle, int *ret_errno,
                                   struct nta_err *err)
{
    const int link_type = pcap_datalink(handle);
    struct nta_filter_program *own = &filter->own;
    char words[PCAP_ERRBUF_SIZE];
    bpf_u_int32 net, mask;

    if (own->is_compiled && own->link_type == link_type)
        return &own->program;
    program_done(own);
    if (pcap_lookupnet(interface, &net, &mask, words) < 0)
        mask = PCAP_NETMASK_UNKNOWN;
    *ret_errno = nta_link_compile(handle, text, mask, &own->program, err);
    if (*ret_errno < 0)
        return find_spare(filter, link_type);
    own->is_compiled = true;
    own->link_type = link_type;
    if (!filter->has_spares)
        compile_spares(filter, text, mask);
    return &own->program;
}

int nta_filter_set(struct nta_filter *filter, const char *text, const char *interface,
                   pcap_t *handle, struct nta_err *err)
{
    char name[NTA_NAME_SHOWN];
    int r = 0;

    if (!text)
        return 0;
    struct bpf_program *program = compile(filter, text, interface, handle, &r, err);

    if (!program)
        return r;
    return pcap_setfilter(handle, program) == 0
               ? 0
               : nta_err_set(err, -EIO, "cannot set the filter on %s: %s",
                             nta_capture_shown(interface, name), pcap_geterr(handle));
}
