/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/filter.h"

#include "capture/link.h"

#include <errno.h>

void nta_filter_done(struct nta_filter *filter)
{
    if (filter->is_compiled)
        pcap_freecode(&filter->program);
    *filter = (struct nta_filter){0};
}

static int compile(struct nta_filter *filter, const char *text, const char *interface,
                   pcap_t *handle, struct nta_err *err)
{
    const int link_type = pcap_datalink(handle);
    char words[PCAP_ERRBUF_SIZE];
    bpf_u_int32 net, mask;

    if (filter->is_compiled && filter->link_type == link_type)
        return 0;
    nta_filter_done(filter);
    if (pcap_lookupnet(interface, &net, &mask, words) < 0)
        mask = PCAP_NETMASK_UNKNOWN;
    int rc = nta_link_compile(handle, text, mask, &filter->program, err);

    filter->is_compiled = rc == 0;
    filter->link_type = link_type;
    return rc;
}

int nta_filter_set(struct nta_filter *filter, const char *text, const char *interface,
                   pcap_t *handle, struct nta_err *err)
{
    char name[NTA_NAME_SHOWN];

    if (!text)
        return 0;
    int rc = compile(filter, text, interface, handle, err);

    if (rc < 0)
        return rc;
    return pcap_setfilter(handle, &filter->program) == 0
               ? 0
               : nta_err_set(err, -EIO, "cannot set the filter on %s: %s",
                             nta_capture_shown(interface, name), pcap_geterr(handle));
}
