/* SPDX-License-Identifier: Apache-2.0 */
#include "session/role/echo.h"

#include "base/own.h"
#include "flow/owner.h"
#include "proto/tls/stun.h"

#include <string.h>

enum
{
    LONG_FORM = 0x80,
    IKE_PORT_ESP = 4500,
    ESP_MARKER_LEN = 4,
    ESP_INDEX_LEAST = 256, /* RFC 4303 section 2.1 */
    ESP_NUMBER_MOST = 0xffffff,
    WIREGUARD_DATA = 4,
    OPENVPN_SHIFT = 3, /* above the number of a key */
    OPENVPN_FIRST = 4, /* what only comes in a session that both know: no resets */
    OPENVPN_LAST = 6,
    DTLS_HANDSHAKE = 22,
    DTLS_UNIFIED = 0x20, /* of 1.3 (RFC 9147 section 4): 001 in the upper bits */
    DTLS_UNIFIED_MASK = 0xe0,
    DTLS_EPOCH_OFF = 3,
    DTLS_NUMBER_LEN = 6,
    DTLS_MESSAGE_OFF = 13,
    SERVER_HELLO = 2,
    HELLO_VERIFY_REQUEST = 3,
    DTLS_COOKIE_OFF = DTLS_MESSAGE_OFF + 12 + 2,
    SCTP_ERROR = 9,
    SCTP_INIT_ACK = 2,
    SCTP_ABORT = 6,
    SCTP_COMPLETE = 14,
};

/** What the other side chose, and where the opener sends it back. */
struct row
{
    uint8_t app;             ///< enum nta_app.
    uint8_t kind, kind_mask; ///< Of the first byte of what holds it.
    uint8_t off, len;
    uint8_t back_off; ///< ANYWHERE: it is looked for.
};

enum
{
    ANYWHERE = 255,
    ECHO_WITHIN = 384, ///< Bytes: a hello's cookie stands behind its random and a session's id.
};

static const struct row rows[] = {
    {NTA_APP_WIREGUARD, 2, 0xff, 4, 4, 4}, /* a response's sender is a receiver */
    {NTA_APP_OPENVPN, 8 << 3, 0xf8, 1, 8, ANYWHERE},
    {NTA_APP_IPSEC, 0, 0, 8, 8, 8},
};

/** Who opened the flow, or who is taken for that. */
static enum nta_dir opener_of(const struct nta_flow *flow)
{
    return flow->opener ? (enum nta_dir)(flow->opener - 1U) : NTA_DIR_UP;
}

static const struct row *row_of(const struct nta_conn *conn)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (rows[i].app == conn->app)
            return &rows[i];
    }
    return NULL;
}

bool nta_echo_is_due(const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    if (flow->ip_proto == NTA_PACKET_PROTO_SCTP)
        return true;
    return flow->ip_proto == 17 && conn &&
           (conn->app == NTA_APP_QUIC || conn->app == NTA_APP_DTLS || row_of(conn));
}

/** A relay shows it, too, for what it passes on. */
static bool may_show(const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    return nta_echo_is_due(flow) || (flow->ip_proto == 17 && conn && conn->app == NTA_APP_STUN);
}

void nta_echo_keep(struct nta_conn *conn, struct nta_span token)
{
    static const uint8_t zeros[NTA_CONN_ECHO_SIZE];
    const size_t len = nta_smaller(token.len, sizeof(conn->echo));

    if (len < NTA_CONN_ECHO_LEAST || memcmp(token.ptr, zeros, len) == 0)
        return; /* anybody's guess, or none yet */
    memcpy(conn->echo, token.ptr, len);
    conn->echo_len = (uint8_t)len;
}

/** ESP has no marker before it where IKE has one (RFC 3948 section 2). */
static struct nta_span without_marker(const struct nta_flow *flow, struct nta_span datagram)
{
    static const uint8_t marker[ESP_MARKER_LEN];
    const bool has_one = flow->server_port == IKE_PORT_ESP && datagram.len > sizeof(marker) &&
                         memcmp(datagram.ptr, marker, sizeof(marker)) == 0;

    return nta_span_from(datagram, has_one ? sizeof(marker) : 0);
}

static bool is_esp(const struct nta_flow *flow, struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);
    const uint32_t index = nta_read_be32(&r), number = nta_read_be32(&r);

    return flow->server_port == IKE_PORT_ESP && nta_reader_ok(&r) && index >= ESP_INDEX_LEAST &&
           number > 0 && number <= ESP_NUMBER_MOST && datagram.len % 4 == 0;
}

/** The cookie of a HelloVerifyRequest. */
static struct nta_span cookie_of(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);

    if (datagram.len <= DTLS_MESSAGE_OFF || datagram.ptr[0] != DTLS_HANDSHAKE ||
        datagram.ptr[DTLS_MESSAGE_OFF] != HELLO_VERIFY_REQUEST)
        return (struct nta_span){0};
    nta_reader_skip(&r, DTLS_COOKIE_OFF);
    const size_t len = nta_read_u8(&r);
    const struct nta_span cookie = nta_read_span(&r, len);

    return nta_reader_ok(&r) ? cookie : (struct nta_span){0};
}

static struct nta_span chosen_in(const struct nta_session *session, struct nta_span datagram)
{
    const struct nta_conn *conn = session->conn;
    const struct row *row = row_of(conn);

    if (conn->app == NTA_APP_DTLS)
        return cookie_of(datagram);
    if (conn->app == NTA_APP_STUN)
        return nta_stun_nonce(datagram);
    if (is_esp(session->flow, datagram))
        return (struct nta_span){0};
    datagram = without_marker(session->flow, datagram);
    if (!row || datagram.len == 0 || (datagram.ptr[0] & row->kind_mask) != row->kind)
        return (struct nta_span){0};
    return nta_span_first(nta_span_from(datagram, row->off), row->len);
}

/**
 * Where it may be: a relay's client sends the nonce as such, and what a handshake has in front of
 * it is short.  Who fills a datagram with what looks nearly like it is not worth a long look.
 */
static bool has_anywhere(const struct nta_conn *conn, struct nta_span datagram,
                         struct nta_span echo)
{
    if (conn->app == NTA_APP_STUN)
        return nta_span_begins(nta_stun_nonce(datagram), echo);
    const struct nta_span first = nta_span_first(datagram, ECHO_WITHIN);

    return nta_span_find_span(first, echo) < first.len;
}

static bool has_echo(const struct nta_session *session, struct nta_span datagram)
{
    const struct nta_conn *conn = session->conn;
    const struct row *row = row_of(conn);
    const struct nta_span echo = {conn->echo, conn->echo_len};

    if (echo.len == 0)
        return false;
    if (!row || row->back_off == ANYWHERE)
        return has_anywhere(conn, datagram, echo);
    datagram = without_marker(session->flow, datagram);
    return datagram.len > row->back_off &&
           nta_span_begins(nta_span_from(datagram, row->back_off), echo);
}

/** Does it name the id that the server chose? */
static bool names_server(const struct nta_quic_conn *quic, struct nta_span datagram)
{
    struct nta_quic_ids ids;

    if (!(datagram.ptr[0] & LONG_FORM))
        return nta_quic_id_leads(&quic->server, datagram);
    const enum nta_quic_form form = nta_quic_ids_read(datagram, &ids);

    return form != NTA_QUIC_FORM_NONE && form != NTA_QUIC_FORM_SHORT &&
           nta_quic_id_equal(&ids.destination, &quic->server);
}

/** Sealed with keys that only the handshake gave: behind its epoch 0. */
static bool is_sealed_dtls(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);

    while (nta_reader_left(&r) > 0) {
        if ((nta_reader_peek(&r) & DTLS_UNIFIED_MASK) == DTLS_UNIFIED)
            return true;
        nta_reader_skip(&r, DTLS_EPOCH_OFF);
        const uint16_t epoch = nta_read_be16(&r);

        nta_reader_skip(&r, DTLS_NUMBER_LEN);
        (void)nta_read_vec16(&r);
        if (nta_reader_ok(&r) && epoch > 0)
            return true;
    }
    return false;
}

/**
 * Who opened the flow may be the server of DTLS (WebRTC, RFC 5763 section 5): nobody who does not
 * see the client's hello can answer it so that the client goes on behind its handshake.
 */
static bool answers_hello(struct nta_span datagram)
{
    return datagram.len > DTLS_MESSAGE_OFF && datagram.ptr[0] == DTLS_HANDSHAKE &&
           datagram.ptr[DTLS_EPOCH_OFF] == 0 && datagram.ptr[DTLS_EPOCH_OFF + 1] == 0 &&
           datagram.ptr[DTLS_MESSAGE_OFF] == SERVER_HELLO;
}

/**
 * A server may send what is behind the handshake before that is over (RFC 9001 section 5.7), so
 * that it counts only where there is no id to be echoed.
 */
static bool is_behind_quic(const struct nta_flow *flow, const struct nta_quic_conn *quic,
                           struct nta_span datagram)
{
    const bool is_answered = flow->sides[1 - opener_of(flow)].packets > 0;

    return is_answered && (!quic || (!quic->is_chosen && nta_quic_has_short(datagram)));
}

/** Does it hold what comes behind the handshake? */
static bool is_behind(const struct nta_flow *flow, const struct nta_conn *conn,
                      struct nta_span datagram)
{
    switch ((unsigned)conn->app) {
    case NTA_APP_QUIC: return is_behind_quic(flow, conn->quic, datagram);
    case NTA_APP_DTLS: return is_sealed_dtls(datagram);
    case NTA_APP_IPSEC: return is_esp(flow, datagram);
    case NTA_APP_WIREGUARD: return datagram.ptr[0] == WIREGUARD_DATA;
    case NTA_APP_OPENVPN:
        return datagram.ptr[0] >> OPENVPN_SHIFT >= OPENVPN_FIRST &&
               datagram.ptr[0] >> OPENVPN_SHIFT <= OPENVPN_LAST;
    default: return false;
    }
}

static bool proves_of_opener(const struct nta_session *session, struct nta_span datagram)
{
    struct nta_conn *conn = session->conn;
    const struct nta_flow *flow = session->flow;

    if (conn->quic && conn->quic->is_chosen && names_server(conn->quic, datagram))
        return true;
    if (has_echo(session, datagram))
        return true;
    conn->went_on |=
        is_behind(flow, conn, datagram) || (conn->app == NTA_APP_DTLS && answers_hello(datagram));
    return false;
}

static bool proves_of_other(const struct nta_session *session, struct nta_span datagram)
{
    struct nta_conn *conn = session->conn;

    if (session->flow->ip_proto == NTA_PACKET_PROTO_SCTP) {
        const uint8_t chunk = datagram.ptr[0];

        return chunk != SCTP_INIT_ACK && chunk != SCTP_ABORT && chunk != SCTP_ERROR &&
               chunk != SCTP_COMPLETE;
    }
    nta_echo_keep(conn, chosen_in(session, datagram));
    return conn->went_on && is_behind(session->flow, conn, datagram);
}

void nta_echo_note(const struct nta_session *session, enum nta_dir dir, struct nta_span datagram)
{
    if (datagram.len == 0 || !may_show(session->flow))
        return;
    if (opener_of(session->flow) == dir ? proves_of_opener(session, datagram)
                                        : proves_of_other(session, datagram))
        nta_flow_prove(session->flow);
}
