/* SPDX-License-Identifier: Apache-2.0 */
#include "session/quic.h"

#include "flow/owner.h"
#include "session/role/echo.h"

enum
{
    LONG_FORM = 0x80
};

static void set_ids(const struct nta_session *session, const struct nta_quic_ids *ids)
{
    struct nta_conn *conn = session->conn;

    if (!conn->quic)
        conn->quic = nta_pool_take(&session->parts->quics);
    if (!conn->quic)
        return; /* there are as many as flows */
    *conn->quic = (struct nta_quic_conn){.begun = *ids};
    nta_flow_part(session->flow);
}

void nta_quic_begun(const struct nta_session *session, const struct nta_quic_ids *ids)
{
    const struct nta_quic_conn *quic = session->conn->quic;

    if (!quic || !nta_quic_id_equal(&quic->begun.destination, &ids->destination))
        set_ids(session, ids);
}

void nta_quic_opened(const struct nta_session *session)
{
    struct nta_session_parts *parts = session->parts;

    if (!parts->quic_begins)
        return;
    parts->quic_begins = false;
    set_ids(session, &parts->quic_ids);
}

/** One datagram of a parted flow. */
struct arrival
{
    struct nta_session_parts *parts;
    const struct nta_addr *sender;
    uint16_t sender_port;
    struct nta_span datagram;
    enum nta_quic_form form;
    struct nta_quic_ids ids; ///< Of a long header.
};

static struct nta_quic_conn *quic_of(const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    return conn ? conn->quic : NULL;
}

static bool is_from_client(const struct arrival *arrival, const struct nta_flow *flow)
{
    return flow->client_port == arrival->sender_port &&
           nta_addr_equal(&flow->client, arrival->sender);
}

/** Does the datagram name an id of this connection? */
static bool is_named(const struct arrival *arrival, const struct nta_flow *flow)
{
    const struct nta_quic_conn *quic = quic_of(flow);
    const struct nta_quic_ids *ids = &arrival->ids;

    if (!quic)
        return false;
    const bool from_client = is_from_client(arrival, flow);

    if (arrival->form == NTA_QUIC_FORM_SHORT)
        return nta_quic_id_leads(from_client ? &quic->server : &quic->begun.source,
                                 arrival->datagram);
    if (from_client)
        return nta_quic_id_equal(&ids->destination, &quic->begun.destination) ||
               nta_quic_id_equal(&ids->destination, &quic->server);
    return nta_quic_id_equal(&ids->source, &quic->server) ||
           nta_quic_id_equal(&ids->destination, &quic->begun.source);
}

/** The only one that the datagram names; NULL: none does, or several do. */
static struct nta_flow *find_named(const struct arrival *arrival, struct nta_flow *newest)
{
    struct nta_flow *found = NULL;

    for (struct nta_flow *flow = newest; flow;
         flow = nta_flows_older_part(arrival->parts->flows, flow)) {
        if (!is_named(arrival, flow))
            continue;
        if (found)
            return NULL;
        found = flow;
    }
    return found;
}

/** The one whose keys the server's Initial is sealed with. */
static struct nta_flow *find_answered(const struct arrival *arrival, struct nta_flow *newest)
{
    if (arrival->form != NTA_QUIC_FORM_INITIAL)
        return NULL;
    for (struct nta_flow *flow = newest; flow;
         flow = nta_flows_older_part(arrival->parts->flows, flow)) {
        const struct nta_quic_conn *quic = quic_of(flow);

        if (quic && !is_from_client(arrival, flow) &&
            nta_quic_answers(arrival->datagram, &quic->begun))
            return flow;
    }
    return NULL;
}

/** The newest that was answered, else the newest of all. */
static struct nta_flow *find_likely(const struct arrival *arrival, struct nta_flow *newest)
{
    for (struct nta_flow *flow = newest; flow;
         flow = nta_flows_older_part(arrival->parts->flows, flow)) {
        if (flow->sides[0].packets > 0 && flow->sides[1].packets > 0)
            return flow;
    }
    return newest;
}

/** Remember whose connection the server's id names. */
static void note_known(struct nta_session_parts *parts, const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;
    __attribute__((uninitialized)) struct nta_quic_known known;

    known.client = flow->client;
    known.server = flow->server;
    known.id = conn->quic->server;
    known.begun = conn->quic->begun;
    known.order = 0;
    known.tls_version = conn->tls_version;
    known.basis = conn->basis;
    known.hidden = conn->hidden;
    memcpy(known.alpn, conn->alpn, sizeof(known.alpn));
    memcpy(known.ja4, conn->ja4, sizeof(known.ja4));
    known.site_len = conn->site_len;
    memcpy(known.site, conn->site, conn->site_len);
    nta_quic_table_put(&parts->quic_table, &known);
}

/** What a long header of the server's says of the connection. */
static void note_server(const struct arrival *arrival, const struct nta_flow *flow)
{
    struct nta_quic_conn *quic = quic_of(flow);
    const struct nta_quic_id *id = &arrival->ids.source;

    if (!quic || arrival->form == NTA_QUIC_FORM_SHORT || arrival->form == NTA_QUIC_FORM_NONE ||
        is_from_client(arrival, flow))
        return;
    if (arrival->form == NTA_QUIC_FORM_RETRY)
        nta_echo_keep(flow->conn, nta_quic_retry_token(arrival->datagram));
    if (id->len == 0 || nta_quic_id_equal(id, &quic->server))
        return;
    if (arrival->form == NTA_QUIC_FORM_RETRY && quic->server.len > 0)
        return; /* a client takes none behind another answer (RFC 9000 section 17.2.5.2) */
    quic->server = *id;
    quic->is_chosen =
        id->len >= NTA_QUIC_TABLE_ID_LEAST && !nta_quic_id_equal(id, &quic->begun.destination);
    if (arrival->form == NTA_QUIC_FORM_RETRY)
        quic->begun.destination = *id; /* keys come from it now (RFC 9001 section 5.2) */
    note_known(arrival->parts, flow);
}

static bool begins(const struct arrival *arrival, const struct nta_flow *newest)
{
    return arrival->form == NTA_QUIC_FORM_INITIAL && is_from_client(arrival, newest) &&
           nta_quic_begins(arrival->datagram);
}

struct nta_flow *nta_quic_part(void *owner, struct nta_flow *newest, enum nta_dir dir,
                               struct nta_span datagram)
{
    struct nta_session_parts *parts = owner;
    const bool is_long = datagram.ptr[0] & LONG_FORM;

    if (!is_long && !nta_flows_older_part(parts->flows, newest))
        return newest;
    struct arrival arrival = {
        .parts = parts,
        .sender = dir == NTA_DIR_UP ? &newest->client : &newest->server,
        .sender_port = dir == NTA_DIR_UP ? newest->client_port : newest->server_port,
        .datagram = datagram,
        .form = NTA_QUIC_FORM_SHORT,
    };

    if (is_long)
        arrival.form = nta_quic_ids_read(datagram, &arrival.ids);
    struct nta_flow *flow =
        arrival.form == NTA_QUIC_FORM_NONE ? NULL : find_named(&arrival, newest);

    if (!flow && begins(&arrival, newest)) {
        parts->quic_begins = true;
        parts->quic_ids = arrival.ids;
        return NULL;
    }
    if (!flow && nta_flows_older_part(parts->flows, newest))
        flow = find_answered(&arrival, newest);
    if (!flow)
        flow = find_likely(&arrival, newest);
    note_server(&arrival, flow);
    return flow;
}

const struct nta_quic_known *nta_quic_goes_on(const struct nta_session *session,
                                              struct nta_span datagram)
{
    const struct nta_flow *flow = session->flow;
    struct nta_conn *conn = session->conn;

    if (flow->ip_proto != 17 || session->io.side != NTA_FROM_CLIENT || datagram.len == 0 ||
        datagram.ptr[0] & LONG_FORM)
        return NULL;
    const struct nta_quic_known *known =
        nta_quic_table_find(&session->parts->quic_table, &flow->client, &flow->server, datagram);

    if (!known)
        return NULL;
    set_ids(session, &known->begun);
    if (conn->quic)
        conn->quic->server = known->id;
    if (!nta_quic_id_equal(&known->id, &known->begun.destination))
        nta_flow_prove(session->flow); /* it names what the server chose, on other ports */
    return known;
}
