/* SPDX-License-Identifier: Apache-2.0 */
#include "session/channel.h"

#include "session/download.h"

static struct nta_channel kept(const struct nta_conn *conn)
{
    return (struct nta_channel){.content_first = conn->content_first,
                                .content_next = conn->content_next,
                                .download = conn->download,
                                .reading = conn->reading,
                                .content = conn->content};
}

static void put_to_work(struct nta_conn *conn, const struct nta_channel *channel)
{
    conn->content_first = channel->content_first;
    conn->content_next = channel->content_next;
    conn->download = channel->download;
    conn->reading = channel->reading;
    conn->content = channel->content;
}

bool nta_channel_select(const struct nta_session *session, uint8_t channel)
{
    struct nta_conn *conn = session->conn;

    if (channel == (conn->channels ? conn->channels->at : 0))
        return true;
    if (!conn->channels)
        conn->channels = nta_pool_take(&session->parts->channels);
    if (!conn->channels) {
        nta_flow_note_limit(session->flow, NTA_FLOW_LIMIT_STATE, &session->parts->counters);
        return false;
    }
    conn->channels->all[conn->channels->at] = kept(conn);
    conn->channels->at = channel;
    put_to_work(conn, &conn->channels->all[channel]);
    return true;
}

void nta_channel_each(const struct nta_session *session,
                      void (*step)(const struct nta_session *session))
{
    const size_t n = session->conn->channels ? NTA_EVENT_CHANNELS : 1;

    for (size_t i = 0; i < n; i++) {
        if (nta_channel_select(session, (uint8_t)i))
            step(session);
    }
    (void)nta_channel_select(session, 0);
}

static void release(const struct nta_session *session)
{
    nta_download_let_go(session);
    nta_pool_give(&session->parts->contents, session->conn->content);
    session->conn->content = NULL;
}

void nta_channels_release(const struct nta_session *session)
{
    if (!session->conn->channels)
        return;
    nta_channel_each(session, release);
    nta_pool_give(&session->parts->channels, session->conn->channels);
    session->conn->channels = NULL;
}
