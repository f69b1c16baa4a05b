/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/transfer.h"

#include <errno.h>

int nta_transfer_init(struct nta_err *err)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
               ? 0
               : nta_err_set(err, -ENOSYS, "libcurl cannot be used");
}

bool nta_transfer_rule(CURL *curl, const struct nta_transfer_rules *rules)
{
    bool ok = true;

    NTA_TRANSFER_SET(CURLOPT_URL, rules->url);
    NTA_TRANSFER_SET(CURLOPT_PROTOCOLS_STR, rules->protocols);
    NTA_TRANSFER_SET(CURLOPT_REDIR_PROTOCOLS_STR, rules->protocols);
    NTA_TRANSFER_SET(CURLOPT_FOLLOWLOCATION, rules->redirects > 0 ? 1L : 0L);
    NTA_TRANSFER_SET(CURLOPT_MAXREDIRS, rules->redirects);
    NTA_TRANSFER_SET(CURLOPT_SSL_VERIFYPEER, 1L);
    NTA_TRANSFER_SET(CURLOPT_SSL_VERIFYHOST, 2L);
    NTA_TRANSFER_SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (rules->ca)
        NTA_TRANSFER_SET(CURLOPT_CAINFO, rules->ca);
    if (rules->ca)
        NTA_TRANSFER_SET(CURLOPT_CAPATH, NULL);
    NTA_TRANSFER_SET(CURLOPT_PROXY, "");
    NTA_TRANSFER_SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    NTA_TRANSFER_SET(CURLOPT_NOSIGNAL, 1L);
    NTA_TRANSFER_SET(CURLOPT_TIMEOUT, rules->seconds);
    if (rules->connect_s > 0 && rules->connect_s < rules->seconds)
        NTA_TRANSFER_SET(CURLOPT_CONNECTTIMEOUT, rules->connect_s);
    return ok;
}

bool nta_transfer_append(struct curl_slist **list, const char *line)
{
    struct curl_slist *more = curl_slist_append(*list, line);

    if (more)
        *list = more;
    return more != NULL;
}
