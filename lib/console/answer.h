/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to the console: its state, and the answers it gives. */

#include "console/gate.h"
#include "console/guests.h"
#include "console/settings.h"

#include <microhttpd.h>
#include <pthread.h>

/** Behind the name of the session's cookie: what a browser is known by. */
#define NTA_CONSOLE_BROWSER "-browser"

struct nta_stream; ///< Opaque.

struct nta_console
{
    struct nta_console_options options;
    struct nta_gate *gate;
    struct MHD_Daemon *daemon;
    char own_name[NTA_ADDR_TEXT_SIZE];
    const char *names[NTA_CONSOLE_HOSTS + 2]; ///< Host names that are ours.
    size_t n_names;
    uint16_t port;
    struct nta_guests guests;
    /**
     * "/WORD/", made anew at each start: all that is served is below.  "/" behind a proxy, which
     * may have it anywhere.
     */
    char path[NTA_GATE_PATH_SIZE + 2];
    /** Cookies do not tell ports apart: the path does, and for people the name. */
    char cookie_name[32];
    pthread_mutex_t lock; ///< For what follows.
    pthread_cond_t changed;
    uint64_t serial;                                 ///< Counts what was new.
    struct nta_stream *streams[NTA_CONSOLE_STREAMS]; ///< Borrowed; NULL: free.
    bool stopping;
};

/**
 * A short answer in words, with `policy` NULL for the strictest.  Gives what MHD_queue_response()
 * gave.
 */
enum MHD_Result nta_answer_text(struct MHD_Connection *connection, unsigned status,
                                const char *text);

/** The page itself, as it was given at the start. */
enum MHD_Result nta_answer_page(struct nta_console *console, struct MHD_Connection *connection);

/** To the page, with a new session, and with a browser's word unless it is "". */
enum MHD_Result nta_answer_redirect(struct nta_console *console, struct MHD_Connection *connection,
                                    const struct nta_gate_words *words);

/** A password is wanted. */
enum MHD_Result nta_answer_unauthorized(struct MHD_Connection *connection);

/** The data that the page shows him now, as JSON; 503 with a sentence if he may not see it now. */
enum MHD_Result nta_answer_data(struct nta_console *console, struct MHD_Connection *connection,
                                const struct nta_console_who *who);
/** The stream of events that tells the page of new data; 503 if too many pages are open. */
enum MHD_Result nta_answer_events(struct nta_console *console, struct MHD_Connection *connection,
                                  const struct nta_console_who *who);
