/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_login.h"

#include "base/own.h"
#include "base/scratch.h"
#include "proto/http/http_text.h"

#include <string.h>
#include <strings.h>

enum
{
    MESSAGE_MAX = 3072, ///< Bytes of an NTLM message that are looked at.
    UNAUTHORIZED = 401,
    PROXY_UNAUTHORIZED = 407,
    ERROR = 400
};

/** RFC 4648 section 4; -1: none of its digits. */
static int digit_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/** As much of it as there is and fits. */
static size_t decode(struct nta_span text, uint8_t *bytes, size_t size)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < text.len && n < size; i++) {
        const int digit = digit_of(text.ptr[i]);

        if (digit < 0)
            break;
        bits = bits << 6 | (uint32_t)digit;
        n_bits += 6;
        if (n_bits < 8)
            continue;
        n_bits -= 8;
        bytes[n++] = (uint8_t)(bits >> n_bits);
    }
    return n;
}

/** The bytes behind the name of the scheme; 0: it is none of these. */
static size_t read_token(const struct nta_http_head *head, uint8_t message[MESSAGE_MAX])
{
    static const char *const schemes[] = {"NTLM ", "Negotiate "};

    for (size_t i = 0; i < NTA_N_ELEMENTS(schemes); i++) {
        const size_t len = strlen(schemes[i]);

        if (head->login.len > len &&
            strncasecmp((const char *)head->login.ptr, schemes[i], len) == 0)
            return decode(nta_http_trim(nta_span_from(head->login, len)), message, MESSAGE_MAX);
    }
    return 0;
}

void nta_http_login_ask(struct nta_http_login *login, const struct nta_http_head *head,
                        bool is_alone)
{
    NTA_SCRATCH uint8_t message[MESSAGE_MAX];
    struct nta_ntlm asked = {.waits = false};

    login->sent.waits &= is_alone;
    /* a proxy's: who sits behind it has not its address */
    if (head->login.len == 0 || !is_alone || !login->is_challenged || head->origin.is_forwarded)
        return;
    const size_t n = read_token(head, message);

    asked.waits = nta_ntlm_read((struct nta_span){message, n}, &asked);
    explicit_bzero(message, sizeof(message)); /* what proves a password stays nowhere */
    if (!asked.waits)
        return;
    login->sent = asked;
    login->is_challenged = false;
}

void nta_http_login_answer(struct nta_http_login *login, const struct nta_proto_io *io,
                           const struct nta_http_head *head)
{
    NTA_SCRATCH uint8_t message[MESSAGE_MAX];

    if ((head->status == UNAUTHORIZED || head->status == PROXY_UNAUTHORIZED) && head->login.len > 0)
        login->is_challenged =
            nta_ntlm_is_challenge((struct nta_span){message, read_token(head, message)});
    if (!login->sent.waits)
        return;
    login->sent.waits = false;
    if (head->status < ERROR)
        nta_ntlm_tell(io, &login->sent, NTA_APP_HTTP);
}
