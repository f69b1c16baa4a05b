/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What libmicrohttpd calls.  Private to the console; any of the server's threads; `owner` is the
 * struct nta_console.
 */

#include <microhttpd.h>
#include <stddef.h>

/** A request, in steps: its head, pieces of a body, its end. */
// NOLINTNEXTLINE(readability-function-size): libmicrohttpd says which parameters
enum MHD_Result nta_console_request(void *owner, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *upload, size_t *upload_len, void **call);

/** A connection begins or is about to be closed; `context` is its guest. */
void nta_console_connection(void *owner, struct MHD_Connection *connection, void **context,
                            enum MHD_ConnectionNotificationCode what);
