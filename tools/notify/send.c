/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/send.h"

#include "base/own.h"
#include "base/text.h"
#include "config/secret.h"
#include "transfer/transfer.h"

#include <errno.h>
#include <string.h>

enum
{
    SECONDS = 30,
    CONNECT_S = 10,
    ANSWER_MAX = 64 * 1024,
    URL_SIZE = 4096,
    LINE_SIZE = 256,
};

/** One transfer. */
struct transfer
{
    const struct nta_notify_parcel *parcel;
    const char *to; ///< A mail's address.
    size_t n_read, n_answer;
    char refusal[LINE_SIZE], text[CURL_ERROR_SIZE], url[URL_SIZE];
    char password[NTA_SECRET_SIZE];
};

static void wipe(struct transfer *transfer)
{
    explicit_bzero(transfer->password, sizeof(transfer->password));
    explicit_bzero(transfer->url, sizeof(transfer->url));
}

static size_t on_read(char *room, size_t size, size_t n, void *owner)
{
    struct transfer *transfer = owner;
    const struct nta_span rest = nta_span_from(transfer->parcel->body, transfer->n_read);
    const size_t len = nta_smaller(size * n, rest.len);

    if (len > 0)
        memcpy(room, rest.ptr, len);
    transfer->n_read += len;
    return len;
}

/** An answer's text says nothing that its status does not. */
static size_t on_body(char *bytes, // NOLINT(readability-non-const-parameter): of libcurl
                      size_t size, size_t n, void *owner)
{
    struct transfer *transfer = owner;

    (void)bytes;
    transfer->n_answer += size * n;
    return transfer->n_answer > ANSWER_MAX ? 0 : size * n;
}

/** Of SMTP each line of the server's: the last one that refuses. */
static size_t on_header(char *bytes, // NOLINT(readability-non-const-parameter): of libcurl
                        size_t size, size_t n, void *owner)
{
    struct transfer *transfer = owner;
    const struct nta_span line = {(const uint8_t *)bytes, size * n};

    if (transfer->parcel->receiver->channel == NTA_NOTIFY_MAIL && line.len > 0 &&
        (line.ptr[0] == '5' || line.ptr[0] == '4')) {
        struct nta_span shown = line;

        while (shown.len > 0 && shown.ptr[shown.len - 1] <= ' ')
            shown.len--;
        (void)nta_text_escape_to(transfer->refusal, sizeof(transfer->refusal), shown);
    }
    return size * n;
}

static int on_progress(void *owner, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up)
{
    const struct transfer *transfer = owner;

    (void)total;
    (void)now;
    (void)up_total;
    (void)up;
    return atomic_load(transfer->parcel->is_over);
}

/** What goes for mail and webhooks. */
static bool set_rules(CURL *curl, struct transfer *transfer)
{
    const struct nta_notify_receiver *receiver = transfer->parcel->receiver;
    const bool is_mail = receiver->channel == NTA_NOTIFY_MAIL;
    const bool is_plain = strcmp(receiver->tls, "off") == 0;
    const struct nta_transfer_rules rules = {
        .url = transfer->url,
        .protocols = is_mail    ? "smtp,smtps"
                     : is_plain ? "http,https"
                                : "https",
        .ca = receiver->ca,
        .seconds = SECONDS,
        .connect_s = CONNECT_S,
    };
    bool ok = nta_transfer_rule(curl, &rules);

    NTA_TRANSFER_SET(CURLOPT_USE_SSL, (long)(is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    NTA_TRANSFER_SET(CURLOPT_ERRORBUFFER, transfer->text);
    NTA_TRANSFER_SET(CURLOPT_WRITEFUNCTION, on_body);
    NTA_TRANSFER_SET(CURLOPT_WRITEDATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_HEADERFUNCTION, on_header);
    NTA_TRANSFER_SET(CURLOPT_HEADERDATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    NTA_TRANSFER_SET(CURLOPT_XFERINFODATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_NOPROGRESS, 0L);
    return ok;
}

static bool set_mail(CURL *curl, struct transfer *transfer, struct curl_slist **list)
{
    const struct nta_notify_receiver *receiver = transfer->parcel->receiver;
    bool ok = nta_transfer_append(list, transfer->to);

    NTA_TRANSFER_SET(CURLOPT_MAIL_FROM, receiver->from);
    NTA_TRANSFER_SET(CURLOPT_MAIL_RCPT, *list);
    NTA_TRANSFER_SET(CURLOPT_READFUNCTION, on_read);
    NTA_TRANSFER_SET(CURLOPT_READDATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_UPLOAD, 1L);
    if (receiver->user)
        NTA_TRANSFER_SET(CURLOPT_USERNAME, receiver->user);
    if (transfer->password[0])
        NTA_TRANSFER_SET(CURLOPT_PASSWORD, transfer->password);
    return ok;
}

static bool set_hook(CURL *curl, struct transfer *transfer, struct curl_slist **list)
{
    const struct nta_notify_parcel *parcel = transfer->parcel;
    char line[NTA_SECRET_SIZE + 64];
    bool ok = nta_transfer_append(list, "Content-Type: application/json") &&
              nta_transfer_append(list, "Expect:");

    (void)snprintf(line, sizeof(line), "Idempotency-Key: %s", parcel->id);
    ok = ok && nta_transfer_append(list, line);
    (void)snprintf(line, sizeof(line), "Authorization: Bearer %s", transfer->password);
    if (transfer->password[0])
        ok = ok && nta_transfer_append(list, line);
    explicit_bzero(line, sizeof(line));
    NTA_TRANSFER_SET(CURLOPT_HTTPHEADER, *list);
    NTA_TRANSFER_SET(CURLOPT_USERAGENT, "nta-notify");
    NTA_TRANSFER_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)parcel->body.len);
    NTA_TRANSFER_SET(CURLOPT_POSTFIELDS, parcel->body.ptr);
    if (parcel->receiver->channel == NTA_NOTIFY_MATRIX)
        NTA_TRANSFER_SET(CURLOPT_CUSTOMREQUEST, "PUT");
    return ok;
}

/** Where it goes; Matrix has the message's id in it. */
static int make_url(struct transfer *transfer, struct nta_err *err)
{
    const struct nta_notify_parcel *parcel = transfer->parcel;
    const char *url = parcel->receiver->url, *end = "", *id = "";
    int n;

    if (parcel->receiver->channel == NTA_NOTIFY_MATRIX) {
        end = "/send/m.room.message/";
        id = parcel->id;
    } else if (parcel->receiver->channel == NTA_NOTIFY_MAIL &&
               !strchr(strstr(url, "//") + 2, '/')) {
        end = "/";
        id = parcel->host;
    }
    n = snprintf(transfer->url, sizeof(transfer->url), "%s%s%s", url, end, id);
    return n > 0 && (size_t)n < sizeof(transfer->url) ? 0 : nta_err_sys(err, -ENAMETOOLONG, "url");
}

static int find_password(struct transfer *transfer, struct nta_err *err)
{
    const struct nta_notify_receiver *receiver = transfer->parcel->receiver;

    if (receiver->password_file)
        return nta_config_read_secret(receiver->password_file, transfer->password, err);
    if (receiver->password && strlen(receiver->password) >= sizeof(transfer->password))
        return nta_err_sys(err, -ENAMETOOLONG, "password");
    if (receiver->password)
        (void)snprintf(transfer->password, sizeof(transfer->password), "%s", receiver->password);
    return 0;
}

/** A mail server that says "later" of one address or message may take others; 421 (RFC 5321, 4.2.1)
 * is for all. */
static bool is_of_one_mail(CURLcode code, long status)
{
    return (code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY) && status >= 400 &&
           status < 600 && status != 421;
}

/** RFC 9110: what a server says of this request; other answers are of it, or of us. */
static bool is_of_one_hook(long status)
{
    static const long of_one[] = {400, 413, 414, 415, 422, 431, 500, 501};

    for (size_t i = 0; i < NTA_N_ELEMENTS(of_one); i++) {
        if (status == of_one[i])
            return true;
    }
    return false;
}

/** The server's answer was `status`. */
static enum nta_notify_sent judge(const struct transfer *transfer, CURLcode code, long status,
                                  struct nta_err *err)
{
    const bool is_mail = transfer->parcel->receiver->channel == NTA_NOTIFY_MAIL;
    char shown[LINE_SIZE];

    if (is_mail && code == CURLE_OK)
        return NTA_NOTIFY_SENT;
    if (is_mail && is_of_one_mail(code, status)) {
        (void)nta_err_set(err, -EIO, "refused for %s: %s", transfer->to, transfer->refusal);
        return NTA_NOTIFY_REFUSED;
    }
    if (!is_mail && status >= 200 && status < 300)
        return NTA_NOTIFY_SENT; /* whatever became of the rest of the answer */
    if (code != CURLE_OK) {
        (void)nta_err_set(
            err, -EIO, "%s",
            nta_text_escape_to(
                shown, sizeof(shown),
                nta_span_of(transfer->text[0] ? transfer->text : curl_easy_strerror(code))));
        return NTA_NOTIFY_LATER;
    }
    (void)nta_err_set(err, -EIO, "the server answers with status %ld", status);
    return is_of_one_hook(status) ? NTA_NOTIFY_REFUSED : NTA_NOTIFY_LATER;
}

/** To a webhook, or to this address. */
static enum nta_notify_sent send_to(const struct nta_notify_parcel *parcel, const char *to,
                                    uint64_t *ret_wait_s, struct nta_err *err)
{
    struct transfer transfer = {.parcel = parcel, .to = to};
    NTA_AUTO(nta_transfer_free) CURL *curl = curl_easy_init();
    NTA_AUTO(nta_transfer_free_list) struct curl_slist *list = NULL;
    enum nta_notify_sent sent = NTA_NOTIFY_LATER;
    curl_off_t wait_s = 0;
    long status = 0;

    if (make_url(&transfer, err) == 0 && find_password(&transfer, err) == 0) {
        if (!curl || !set_rules(curl, &transfer) ||
            !(to ? set_mail(curl, &transfer, &list) : set_hook(curl, &transfer, &list))) {
            (void)nta_err_set(err, -ENOMEM, "libcurl cannot be used for it");
        } else {
            const CURLcode code = curl_easy_perform(curl);

            (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
            (void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s);
            *ret_wait_s = wait_s > 0 ? (uint64_t)wait_s : 0;
            sent = judge(&transfer, code, status, err);
        }
    }
    wipe(&transfer);
    return sent;
}

enum nta_notify_sent nta_notify_send(const struct nta_notify_parcel *parcel, uint64_t *taken,
                                     uint64_t *ret_wait_s, struct nta_err *err)
{
    const struct nta_notify_texts *to = &parcel->receiver->to;
    enum nta_notify_sent all = NTA_NOTIFY_SENT;

    *ret_wait_s = 0;
    if (parcel->receiver->channel != NTA_NOTIFY_MAIL)
        return send_to(parcel, NULL, ret_wait_s, err);
    for (size_t i = 0; i < to->n; i++) {
        if (*taken & UINT64_C(1) << i)
            continue;
        const enum nta_notify_sent sent = send_to(parcel, to->item[i], ret_wait_s, err);

        if (sent == NTA_NOTIFY_LATER)
            return sent;
        if (sent == NTA_NOTIFY_SENT)
            *taken |= UINT64_C(1) << i;
        else
            all = sent;
    }
    return all;
}
