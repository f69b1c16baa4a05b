/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/http.h"

#include "base/addr.h"
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "fetch/public.h"
#include "output/term.h"
#include "transfer/transfer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

enum
{
    REDIRECTS = 3,
    CONNECT_S = 30,
    SHOWN_SIZE = 256,
};

#define PROGRESS_NS (NTA_NS_PER_S / 5)

/** One transfer. */
struct transfer
{
    const struct nta_http_ask *ask;
    struct nta_http_answer *answer;
    int fd;
    int write_error; ///< Negative errno of the file; 0: none.
    bool is_too_large;
    char refused[NTA_ADDR_TEXT_SIZE]; ///< An address that is not to be connected to.
    int64_t shown_ns;
    char text[CURL_ERROR_SIZE];
};

const char *nta_http_host(const char *url, char buf[NTA_HTTP_HOST_SIZE])
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    return nta_text_escape_to(buf, NTA_HTTP_HOST_SIZE,
                              (struct nta_span){(const uint8_t *)host, strcspn(host, "/?#")});
}

static bool address_of(const struct curl_sockaddr *address, struct nta_addr *ret_addr)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (address->family == AF_INET)
        (void)inet_ntop(AF_INET,
                        &((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr, text,
                        sizeof(text));
    else if (address->family == AF_INET6)
        (void)inet_ntop(AF_INET6,
                        &((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr,
                        text, sizeof(text));
    return nta_addr_parse(text, strlen(text), ret_addr) == 0;
}

/** The socket for a connection to this address, or none. */
static curl_socket_t on_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = owner;
    struct nta_addr addr;

    (void)purpose;
    if (!transfer->ask->is_private && (!address_of(address, &addr) || !nta_addr_is_public(&addr))) {
        if (address_of(address, &addr))
            (void)nta_addr_text(&addr, transfer->refused);
        else
            (void)snprintf(transfer->refused, sizeof(transfer->refused), "?");
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *owner)
{
    struct transfer *transfer = owner;
    const size_t len = size * n;

    if (len > transfer->ask->max_bytes - transfer->answer->bytes) {
        transfer->is_too_large = true;
        return 0;
    }
    transfer->write_error = nta_write_all(transfer->fd, bytes, len);
    if (transfer->write_error < 0)
        return 0;
    transfer->answer->bytes += len;
    return len;
}

/** Keep a field's value if it fits and is plain text. */
static void keep_field(struct nta_span line, const char *name, char field[NTA_HTTP_FIELD_SIZE])
{
    const size_t name_len = strlen(name);
    struct nta_span value;

    if (!nta_span_starts(line, name))
        return;
    value = nta_span_from(line, name_len);
    while (value.len && (value.ptr[0] == ' ' || value.ptr[0] == '\t'))
        value = nta_span_from(value, 1);
    while (value.len && value.ptr[value.len - 1] <= ' ')
        value.len--;
    field[0] = '\0';
    if (value.len >= NTA_HTTP_FIELD_SIZE)
        return;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < ' ' || value.ptr[i] > '~')
            return;
    }
    memcpy(field, value.ptr, value.len);
    field[value.len] = '\0';
}

/** Fields of the last answer: each begins with its status. */
static size_t on_header(char *bytes, // NOLINT(readability-non-const-parameter): of libcurl
                        size_t size, size_t n, void *owner)
{
    struct transfer *transfer = owner;
    const struct nta_span line = {(const uint8_t *)bytes, size * n};

    if (nta_span_starts(line, "HTTP/"))
        transfer->answer->etag[0] = transfer->answer->modified[0] = '\0';
    keep_field(line, "etag:", transfer->answer->etag);
    keep_field(line, "last-modified:", transfer->answer->modified);
    return size * n;
}

static int on_progress(void *owner, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up)
{
    struct transfer *transfer = owner;
    const int64_t mono_ns = nta_clock_mono_ns();

    (void)up_total;
    (void)up;
    if (mono_ns - transfer->shown_ns < PROGRESS_NS)
        return 0;
    transfer->shown_ns = mono_ns;
    if (total > 0)
        nta_progress_show("%s: %.1f of %.1f MiB", transfer->ask->shown, (double)now / (1 << 20),
                          (double)total / (1 << 20));
    else
        nta_progress_show("%s: %.1f MiB", transfer->ask->shown, (double)now / (1 << 20));
    return 0;
}

/** What is spoken with whom, and how much of it. */
static bool set_rules(CURL *curl, const struct nta_http_ask *ask)
{
    const struct nta_transfer_rules rules = {
        .url = ask->url,
        .protocols = "https",
        .ca = ask->ca_path,
        .seconds = (long)ask->seconds,
        .connect_s = CONNECT_S,
        .redirects = REDIRECTS,
    };
    bool ok = nta_transfer_rule(curl, &rules);

    NTA_TRANSFER_SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)ask->max_bytes);
    NTA_TRANSFER_SET(CURLOPT_USERAGENT, "nta");
    return ok;
}

static bool set_calls(CURL *curl, struct transfer *transfer)
{
    bool ok = true;

    NTA_TRANSFER_SET(CURLOPT_ERRORBUFFER, transfer->text);
    NTA_TRANSFER_SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    NTA_TRANSFER_SET(CURLOPT_OPENSOCKETDATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_WRITEFUNCTION, on_body);
    NTA_TRANSFER_SET(CURLOPT_WRITEDATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_HEADERFUNCTION, on_header);
    NTA_TRANSFER_SET(CURLOPT_HEADERDATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    NTA_TRANSFER_SET(CURLOPT_XFERINFODATA, transfer);
    NTA_TRANSFER_SET(CURLOPT_NOPROGRESS, 0L);
    return ok;
}

/** "Name: value" behind the headers that are there; false: no memory, or too long. */
static bool add_header(struct curl_slist **headers, const char *name, const char *value)
{
    char line[NTA_HTTP_FIELD_SIZE + 64];
    const int n = snprintf(line, sizeof(line), "%s: %s", name, value);

    return n > 0 && (size_t)n < sizeof(line) && nta_transfer_append(headers, line);
}

/** Why it failed, as far as we know better than libcurl. */
static int explain(const struct transfer *transfer, CURLcode code, struct nta_err *err)
{
    char shown[SHOWN_SIZE];

    if (transfer->refused[0] && code == CURLE_COULDNT_CONNECT)
        return nta_err_set(err, -EPERM,
                           "%s is no address of the public Internet (private = true allows it)",
                           transfer->refused);
    if (transfer->write_error < 0)
        return nta_err_sys(err, transfer->write_error, "cannot be written");
    if (transfer->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
        return nta_err_set(err, -EFBIG, "larger than %" PRIu64 " bytes (max_size)",
                           transfer->ask->max_bytes);
    if (code == CURLE_UNSUPPORTED_PROTOCOL)
        return nta_err_set(err, -EPERM, "the server sends us on to something that is not https");
    if (code == CURLE_TOO_MANY_REDIRECTS)
        return nta_err_set(err, -ELOOP, "the server sends us on more than %d times",
                           (int)REDIRECTS);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return nta_err_set(err, -ETIMEDOUT, "not here within %" PRIu64 " seconds",
                           transfer->ask->seconds);
    if (code == CURLE_PARTIAL_FILE)
        return nta_err_set(err, -EPIPE, "cut off: it ended too early");
    return nta_err_set(
        err, -EIO, "%s",
        nta_text_escape_to(
            shown, sizeof(shown),
            nta_span_of(transfer->text[0] ? transfer->text : curl_easy_strerror(code))));
}

int nta_http_get(const struct nta_http_ask *ask, int fd, struct nta_http_answer *ret_answer,
                 struct nta_err *err)
{
    struct transfer transfer = {.ask = ask, .answer = ret_answer, .fd = fd};
    NTA_AUTO(nta_transfer_free) CURL *curl = curl_easy_init();
    NTA_AUTO(nta_transfer_free_list) struct curl_slist *headers = NULL;
    bool ok = curl != NULL;
    long status = 0;

    *ret_answer = (struct nta_http_answer){0};
    if (ok && ask->etag)
        ok = add_header(&headers, "If-None-Match", ask->etag);
    if (ok && ask->modified)
        ok = add_header(&headers, "If-Modified-Since", ask->modified);
    if (!ok || !set_rules(curl, ask) || !set_calls(curl, &transfer) ||
        (headers && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK))
        return nta_err_set(err, -ENOMEM, "libcurl cannot be used for it");
    const CURLcode code = curl_easy_perform(curl);

    nta_progress_wipe();
    if (code != CURLE_OK)
        return explain(&transfer, code, err);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    ret_answer->is_unchanged = status == 304 && (ask->etag || ask->modified);
    if (status != 200 && !ret_answer->is_unchanged)
        return nta_err_set(err, -ENOENT, "the server answers with status %ld", status);
    return 0;
}
