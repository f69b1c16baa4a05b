/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/send.h"

#include "base/own.h"
#include "base/text.h"
#include "transfer/transfer.h"

#include <errno.h>
#include <string.h>

static size_t on_body(char *bytes, size_t size, size_t n, void *owner)
{
    struct nta_buf *answer = owner;

    if (answer->len + size * n > NTA_SEND_ANSWER_MAX)
        return 0;
    nta_buf_put(answer, bytes, size * n);
    return answer->failed ? 0 : size * n;
}

static bool set_rules(CURL *curl, const char *url, struct nta_span body, struct nta_buf *answer)
{
    const struct nta_transfer_rules rules = {
        .url = url, .protocols = "http,https", .seconds = NTA_SEND_SECONDS};
    bool ok = nta_transfer_rule(curl, &rules);

    NTA_TRANSFER_SET(CURLOPT_USERAGENT, "nta");
    NTA_TRANSFER_SET(CURLOPT_POST, 1L);
    NTA_TRANSFER_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    NTA_TRANSFER_SET(CURLOPT_POSTFIELDS, (const char *)body.ptr);
    NTA_TRANSFER_SET(CURLOPT_WRITEFUNCTION, on_body);
    NTA_TRANSFER_SET(CURLOPT_WRITEDATA, answer);
    return ok;
}

static int post(const char *url, const char *type, struct nta_span body, long *ret_status,
                struct nta_buf *answer, struct nta_err *err)
{
    NTA_AUTO(nta_transfer_free_list)
    struct curl_slist *headers = type ? curl_slist_append(NULL, type) : NULL;

    if (nta_transfer_init(err) < 0)
        return -ENOSYS;
    if (type && !headers)
        return nta_err_sys(err, -ENOMEM, "request");
    NTA_AUTO(nta_transfer_free) CURL *curl = curl_easy_init();

    if (!curl || !set_rules(curl, url, body, answer) ||
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
        return nta_err_set(err, -ENOMEM, "libcurl cannot be used");
    const CURLcode code = curl_easy_perform(curl);
    char shown[256];

    if (code != CURLE_OK)
        return nta_err_set(err, -EIO, "%s: %s",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(url)),
                           curl_easy_strerror(code));
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    return 0;
}

int nta_send(const char *url, struct nta_span body, long *ret_status, struct nta_buf *answer,
             struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf whole = {0};
    const size_t len = strlen(url);

    nta_buf_printf(&whole, "%s%sadd-checkpoint", url, len && url[len - 1] == '/' ? "" : "/");
    nta_buf_put_u8(&whole, 0);
    return whole.failed ? nta_err_sys(err, -ENOMEM, "witness")
                        : post((const char *)whole.ptr, NULL, body, ret_status, answer, err);
}

int nta_send_stamp_query(const char *url, struct nta_span body, long *ret_status,
                         struct nta_buf *answer, struct nta_err *err)
{
    return post(url, "Content-Type: application/timestamp-query", body, ret_status, answer, err);
}
