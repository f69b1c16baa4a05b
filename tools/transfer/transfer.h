/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rules of each transfer by libcurl: TLS of 1.2 or more that is verified, no proxy, no .netrc,
 * no signals, bounded in time, redirects only where they are asked for.
 */

#include "base/err.h"
#include "base/own.h"

#include <curl/curl.h>
#include <stdbool.h>

/** Of a handle `curl`, into a `bool ok`: false once one option was not taken. */
#define NTA_TRANSFER_SET(option, value) ok = ok && curl_easy_setopt(curl, option, value) == CURLE_OK

NTA_DEFINE_FREE(nta_transfer_free, CURL, curl_easy_cleanup)
NTA_DEFINE_FREE(nta_transfer_free_list, struct curl_slist, curl_slist_free_all)

struct nta_transfer_rules
{
    const char *url;
    const char *protocols; ///< That may be spoken, between commas: "https".
    const char *ca;        ///< A file of authorities, in place of the system's; NULL: those.
    long seconds;          ///< In all.
    long connect_s;        ///< Of these to connect; 0: all.
    long redirects;        ///< That are followed, each with the same protocols.
};

/** Before threads start; may be called again.  0, or negative errno with a sentence. */
int nta_transfer_init(struct nta_err *err);

/** Set them, and all that goes without saying.  False: libcurl has no memory, or is too old. */
bool nta_transfer_rule(CURL *curl, const struct nta_transfer_rules *rules);

/** One line more behind those of the list.  False: no memory; the list stays. */
bool nta_transfer_append(struct curl_slist **list, const char *line);
