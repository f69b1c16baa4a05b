/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb_old.h"

#include "base/bytes.h"

#include <string.h>

enum
{
    COMMAND_AT = 4,
    STATUS_AT = 5,
    FLAGS2_AT = 10,
    NUMBER_AT = 30, ///< MID: the answer has the request's.
    WORDS_AT = NTA_SMB_OLD_HEADER_LEN,
    NEGOTIATE = 0x72,
    SETUP = 0x73,
    WORDS_NEGOTIATED = 17,
    MODE_AT = WORDS_AT + 1 + 2,
    MODE_CHALLENGE = 2, ///< Passwords are not sent, but answers to a challenge.
    KEY_LEN_AT = WORDS_AT + 1 + 33,
    KEY_LEN = 8,
    FLAG_UNICODE = 0x8000,
    WORDS_PLAIN = 13, ///< Without an NTLM message: answers to the challenge, then names.
    PLAIN_LENS_AT = WORDS_AT + 1 + 14,
    PLAIN_BYTES_AT = WORDS_AT + 1 + 2 * WORDS_PLAIN + 2,
    ACTION_AT = WORDS_AT + 1 + 4,
    ACTION_GUEST = 1
};

static uint32_t read_le(struct nta_span message, size_t at, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n && at + i < message.len; i++)
        value |= (uint32_t)message.ptr[at + i] << 8 * i;
    return value;
}

bool nta_smb_old_is_setup(struct nta_span message)
{
    return message.len > COMMAND_AT &&
           (message.ptr[COMMAND_AT] == SETUP || message.ptr[COMMAND_AT] == NEGOTIATE);
}

/** What the server wants to be answered by logins without an NTLM message (MS-CIFS 2.2.4.52.2). */
static bool has_key(struct nta_span message)
{
    return read_le(message, STATUS_AT, 4) == 0 && message.len > KEY_LEN_AT &&
           message.ptr[WORDS_AT] == WORDS_NEGOTIATED && (message.ptr[MODE_AT] & MODE_CHALLENGE) &&
           message.ptr[KEY_LEN_AT] == KEY_LEN;
}

/** A text with a zero behind it, as UTF-8; what follows is left.  0: none, or it does not fit. */
static uint8_t take_name(struct nta_reader *r, bool is_unicode, uint8_t name[NTA_NTLM_NAME_SIZE])
{
    const struct nta_span rest = nta_reader_rest(r);
    const size_t step = is_unicode ? 2 : 1;
    uint8_t buf[2 * NTA_NTLM_NAME_SIZE];
    size_t len = 0, n;

    while (len + step <= rest.len && (rest.ptr[len] || (is_unicode && rest.ptr[len + 1])))
        len += step;
    nta_reader_skip(r, nta_smaller(len + step, rest.len));
    if (len == 0 || len > sizeof(buf))
        return 0;
    if (is_unicode) {
        n = nta_smb_utf8(nta_span_first(rest, len), buf, sizeof(buf));
    } else {
        memcpy(buf, rest.ptr, len);
        n = len;
    }
    if (n > NTA_NTLM_NAME_SIZE)
        return 0;
    memcpy(name, buf, n);
    return (uint8_t)n;
}

/** Account and domain behind both answers to the challenge, which are passed over. */
static bool read_plain(struct nta_span message, struct nta_ntlm *login)
{
    const bool is_unicode = read_le(message, FLAGS2_AT, 2) & FLAG_UNICODE;
    const size_t proofs =
        read_le(message, PLAIN_LENS_AT, 2) + read_le(message, PLAIN_LENS_AT + 2, 2);
    struct nta_reader r = nta_reader_of(message.ptr, message.len);

    if (message.len <= WORDS_AT || message.ptr[WORDS_AT] != WORDS_PLAIN || proofs == 0)
        return false;
    nta_reader_skip(&r, PLAIN_BYTES_AT + proofs);
    if (is_unicode && (PLAIN_BYTES_AT + proofs) % 2)
        nta_reader_skip(&r, 1);
    if (!nta_reader_ok(&r))
        return false;
    login->user_len = take_name(&r, is_unicode, login->user);
    login->domain_len = take_name(&r, is_unicode, login->domain);
    return login->user_len > 0;
}

static void ask_login(struct nta_smb_state *state, struct nta_span message)
{
    struct nta_ntlm login = {.message = read_le(message, NUMBER_AT, 2)};

    if (state->is_challenged && nta_ntlm_read(message, &login))
        state->is_challenged = false;
    else if (!state->has_key || !read_plain(message, &login))
        return;
    login.waits = true;
    state->login = login;
}

void nta_smb_old_take(struct nta_smb_state *state, const struct nta_proto_io *io,
                      struct nta_span message, bool from_server)
{
    const bool is_setup = message.len > WORDS_AT && message.ptr[COMMAND_AT] == SETUP;

    if (from_server && !is_setup)
        state->has_key = has_key(message);
    if (!from_server && is_setup)
        ask_login(state, message);
    if (!from_server || !is_setup)
        return;
    state->is_challenged |= read_le(message, STATUS_AT, 4) == NTA_SMB_STATUS_MORE;
    if (!state->login.waits || state->login.message != read_le(message, NUMBER_AT, 2))
        return;
    state->login.waits = false;
    if (read_le(message, STATUS_AT, 4) == 0 && message.len >= ACTION_AT + 2 &&
        !(read_le(message, ACTION_AT, 2) & ACTION_GUEST))
        nta_ntlm_tell(io, &state->login, NTA_APP_SMB);
}
