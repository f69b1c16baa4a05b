/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/ntlm.h"

#include "base/bytes.h"
#include "proto/smb/smb_message.h"

#include <string.h>

enum
{
    CHALLENGE = 2,
    AUTHENTICATE = 3,
    TYPE_AT = 8,
    DOMAIN_AT = 28, ///< Length, space and place of each name.
    USER_AT = 36,
    STATION_AT = 44,
    FLAGS_AT = 60,
    UNICODE = 1,
};

static uint32_t read_le(struct nta_reader *r, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++)
        value |= (uint32_t)nta_read_u8(r) << 8 * i;
    return value;
}

static struct nta_reader reader_at(struct nta_span message, size_t offset)
{
    struct nta_reader r = nta_reader_of(message.ptr, message.len);

    nta_reader_skip(&r, offset);
    return r;
}

/** A name whose field is at `at`, as UTF-8.  Gives its length; 0: none, or it does not fit. */
static uint8_t read_name(struct nta_span message, size_t at, bool is_unicode,
                         uint8_t name[NTA_NTLM_NAME_SIZE])
{
    struct nta_reader field = reader_at(message, at);
    const uint32_t len = read_le(&field, 2);

    nta_reader_skip(&field, 2);
    struct nta_reader text = reader_at(message, read_le(&field, 4));
    const struct nta_span bytes = nta_read_span(&text, len);
    uint8_t buf[2 * NTA_NTLM_NAME_SIZE];
    size_t n = bytes.len;

    if (!nta_reader_ok(&field) || !nta_reader_ok(&text) || len == 0 || len > sizeof(buf))
        return 0;
    if (is_unicode)
        n = nta_smb_utf8(nta_span_first(bytes, len & ~1U), buf, sizeof(buf));
    else
        memcpy(buf, bytes.ptr, n);
    if (n > NTA_NTLM_NAME_SIZE)
        return 0;
    memcpy(name, buf, n);
    return (uint8_t)n;
}

/** The message in a token, if it is of this type; else nothing. */
static struct nta_span find_message(struct nta_span token, uint32_t type)
{
    static const uint8_t mark[] = "NTLMSSP"; /* with the zero behind it */
    const size_t at = nta_span_find_span(token, (struct nta_span){mark, sizeof(mark)});
    const struct nta_span message = nta_span_from(token, at);
    struct nta_reader r = reader_at(message, TYPE_AT);

    return read_le(&r, 4) == type && nta_reader_ok(&r) ? message : (struct nta_span){0};
}

bool nta_ntlm_is_challenge(struct nta_span token)
{
    return find_message(token, CHALLENGE).len > 0;
}

bool nta_ntlm_read(struct nta_span token, struct nta_ntlm *ret_ntlm)
{
    const struct nta_span message = find_message(token, AUTHENTICATE);
    struct nta_reader flags = reader_at(message, FLAGS_AT);

    const bool is_unicode = read_le(&flags, 4) & UNICODE;

    if (!nta_reader_ok(&flags))
        return false;
    ret_ntlm->domain_len = read_name(message, DOMAIN_AT, is_unicode, ret_ntlm->domain);
    ret_ntlm->user_len = read_name(message, USER_AT, is_unicode, ret_ntlm->user);
    ret_ntlm->station_len = read_name(message, STATION_AT, is_unicode, ret_ntlm->station);
    return ret_ntlm->user_len > 0;
}

void nta_ntlm_tell(const struct nta_proto_io *io, const struct nta_ntlm *ntlm, enum nta_app app)
{
    const struct nta_span user = {ntlm->user, ntlm->user_len};
    struct nta_binding binding = {
        .source = NTA_BINDING_NTLM,
        .state = NTA_BINDING_BEGIN,
        .domain = {ntlm->domain, ntlm->domain_len},
        .name = {ntlm->station, ntlm->station_len},
    };
    const struct nta_event event = {.kind = NTA_EVENT_BINDING, .app = app, .binding = &binding};

    nta_binding_of_end(&binding, &io->ends[NTA_FROM_CLIENT]);
    binding.has_mac = false;           /* a login is an address'; the frame may be a router's */
    if (user.ptr[user.len - 1] == '$') /* a computer's account */
        binding.name = nta_span_first(user, user.len - 1);
    else
        binding.login = user;
    io->emit(io->owner, &event);
}
