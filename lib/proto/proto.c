/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/proto.h"

#include "proto/bittorrent.h"
#include "proto/dhcp.h"
#include "proto/dns/dns.h"
#include "proto/fallback.h"
#include "proto/ftp/ftp.h"
#include "proto/http/http.h"
#include "proto/http/http2.h"
#include "proto/netbios.h"
#include "proto/openvpn.h"
#include "proto/quic/quic.h"
#include "proto/smb/smb.h"
#include "proto/socks.h"
#include "proto/stun.h"
#include "proto/tftp.h"
#include "proto/tls/dtls.h"
#include "proto/tls/tls.h"

#include <string.h>

/* Asked in this order: the strictest first bytes first. */
const struct nta_proto *const nta_protos[] = {
    &nta_proto_tls,
    &nta_proto_http,
    &nta_proto_http2,
    &nta_proto_quic,
    &nta_proto_dtls,
    &nta_proto_stun,
    &nta_proto_dns,
    &nta_proto_dhcp,
    &nta_proto_netbios,
    &nta_proto_ftp,
    &nta_proto_ftp_data,
    &nta_proto_tftp,
    &nta_proto_smb,
    &nta_proto_bittorrent,
    &nta_proto_socks,
    &nta_proto_openvpn,
    &nta_proto_fallback, /* takes what nobody knew */
    NULL,
};

void nta_proto_turn_nothing(void *state)
{
    (void)state;
}

static const struct
{
    const char *name;
    enum nta_app app;
} apps[] = {

#define APP_ROW(symbol, name, number) {(name), NTA_APP_##symbol},
    NTA_APPS(APP_ROW)
#undef APP_ROW
};

const char *nta_app_name(enum nta_app app)
{
    for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
        if (apps[i].app == app)
            return apps[i].name;
    }
    return "";
}

enum nta_app nta_app_find(const char *name)
{
    for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
        if (strcmp(apps[i].name, name) == 0)
            return apps[i].app;
    }
    return NTA_APP_NONE;
}
