/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ftp/ftp_text.h"

#include <ctype.h>

enum
{
    TELNET_FIRST = 240, ///< Commands of telnet, RFC 854.
    VERB_MIN = 3,
    VERB_MAX = 4,
    NUMBER_MAX = 18, ///< Digits of a size.
};

/* Letters of a command as one number, so that the table is gone through quickly. */
#define VERB(a, b, c, d)                                                                           \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct
{
    uint32_t letters;
    enum nta_ftp_verb verb;
} verbs[] = {
    {VERB('A', 'B', 'O', 'R'), NTA_FTP_OTHER}, {VERB('A', 'C', 'C', 'T'), NTA_FTP_OTHER},
    {VERB('A', 'D', 'A', 'T'), NTA_FTP_OTHER}, {VERB('A', 'L', 'L', 'O'), NTA_FTP_OTHER},
    {VERB('A', 'P', 'P', 'E'), NTA_FTP_APPE},  {VERB('A', 'U', 'T', 'H'), NTA_FTP_AUTH},
    {VERB('C', 'C', 'C', 0), NTA_FTP_OTHER},   {VERB('C', 'D', 'U', 'P'), NTA_FTP_CDUP},
    {VERB('C', 'L', 'N', 'T'), NTA_FTP_OTHER}, {VERB('C', 'W', 'D', 0), NTA_FTP_CWD},
    {VERB('D', 'E', 'L', 'E'), NTA_FTP_OTHER}, {VERB('E', 'P', 'R', 'T'), NTA_FTP_EPRT},
    {VERB('E', 'P', 'S', 'V'), NTA_FTP_PASV},  {VERB('F', 'E', 'A', 'T'), NTA_FTP_OTHER},
    {VERB('H', 'E', 'L', 'P'), NTA_FTP_OTHER}, {VERB('H', 'O', 'S', 'T'), NTA_FTP_OTHER},
    {VERB('L', 'A', 'N', 'G'), NTA_FTP_OTHER}, {VERB('L', 'I', 'S', 'T'), NTA_FTP_LIST},
    {VERB('M', 'D', 'T', 'M'), NTA_FTP_OTHER}, {VERB('M', 'F', 'M', 'T'), NTA_FTP_OTHER},
    {VERB('M', 'K', 'D', 0), NTA_FTP_OTHER},   {VERB('M', 'L', 'S', 'D'), NTA_FTP_LIST},
    {VERB('M', 'L', 'S', 'T'), NTA_FTP_OTHER}, {VERB('M', 'O', 'D', 'E'), NTA_FTP_OTHER},
    {VERB('N', 'L', 'S', 'T'), NTA_FTP_LIST},  {VERB('N', 'O', 'O', 'P'), NTA_FTP_OTHER},
    {VERB('O', 'P', 'T', 'S'), NTA_FTP_OTHER}, {VERB('P', 'A', 'S', 'S'), NTA_FTP_OTHER},
    {VERB('P', 'A', 'S', 'V'), NTA_FTP_PASV},  {VERB('P', 'B', 'S', 'Z'), NTA_FTP_OTHER},
    {VERB('P', 'O', 'R', 'T'), NTA_FTP_PORT},  {VERB('P', 'R', 'O', 'T'), NTA_FTP_OTHER},
    {VERB('P', 'W', 'D', 0), NTA_FTP_PWD},     {VERB('Q', 'U', 'I', 'T'), NTA_FTP_OTHER},
    {VERB('R', 'E', 'I', 'N'), NTA_FTP_OTHER}, {VERB('R', 'E', 'S', 'T'), NTA_FTP_REST},
    {VERB('R', 'E', 'T', 'R'), NTA_FTP_RETR},  {VERB('R', 'M', 'D', 0), NTA_FTP_OTHER},
    {VERB('R', 'N', 'F', 'R'), NTA_FTP_OTHER}, {VERB('R', 'N', 'T', 'O'), NTA_FTP_OTHER},
    {VERB('S', 'I', 'T', 'E'), NTA_FTP_OTHER}, {VERB('S', 'I', 'Z', 'E'), NTA_FTP_OTHER},
    {VERB('S', 'M', 'N', 'T'), NTA_FTP_OTHER}, {VERB('S', 'T', 'A', 'T'), NTA_FTP_OTHER},
    {VERB('S', 'T', 'O', 'R'), NTA_FTP_STOR},  {VERB('S', 'T', 'O', 'U'), NTA_FTP_STOU},
    {VERB('S', 'T', 'R', 'U'), NTA_FTP_OTHER}, {VERB('S', 'Y', 'S', 'T'), NTA_FTP_OTHER},
    {VERB('T', 'Y', 'P', 'E'), NTA_FTP_TYPE},  {VERB('U', 'S', 'E', 'R'), NTA_FTP_OTHER},
    {VERB('X', 'C', 'U', 'P'), NTA_FTP_CDUP},  {VERB('X', 'C', 'W', 'D'), NTA_FTP_CWD},
    {VERB('X', 'P', 'W', 'D'), NTA_FTP_PWD},
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static enum nta_ftp_verb find_verb(struct nta_span name)
{
    uint8_t upper[VERB_MAX] = {0};

    for (size_t i = 0; i < name.len; i++)
        upper[i] = (uint8_t)toupper(name.ptr[i]);
    const uint32_t letters = VERB(upper[0], upper[1], upper[2], upper[3]);

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (verbs[i].letters == letters)
            return verbs[i].verb;
    }
    return NTA_FTP_UNKNOWN;
}

struct nta_ftp_command nta_ftp_command_read(struct nta_span line)
{
    struct nta_ftp_command command = {.verb = NTA_FTP_UNKNOWN};
    size_t len = 0;

    while (line.len > 0 && line.ptr[0] >= TELNET_FIRST)
        line = nta_span_from(line, 1);
    while (len < line.len && len <= VERB_MAX && line.ptr[len] != ' ')
        len++;
    if (len < VERB_MIN || len > VERB_MAX)
        return command;
    command.name = (struct nta_span){.ptr = line.ptr, .len = len};
    command.verb = find_verb(command.name);
    if (len < line.len)
        command.argument = nta_span_from(line, len + 1);
    return command;
}

uint16_t nta_ftp_reply_read(struct nta_span line, bool *ret_more, struct nta_span *ret_text)
{
    if (line.len < 3 || line.ptr[0] < '1' || line.ptr[0] > '5' || !is_digit(line.ptr[1]) ||
        !is_digit(line.ptr[2]) || (line.len > 3 && line.ptr[3] != ' ' && line.ptr[3] != '-'))
        return 0;
    *ret_more = line.len > 3 && line.ptr[3] == '-';
    *ret_text = nta_span_from(line, line.len > 3 ? 4 : 3);
    return (uint16_t)((line.ptr[0] - '0') * 100 + (line.ptr[1] - '0') * 10 + (line.ptr[2] - '0'));
}

size_t nta_ftp_quoted(struct nta_span text, uint8_t *buf, size_t size)
{
    const size_t begin = nta_span_find_byte(text, '"');
    size_t len = 0;

    if (begin == text.len)
        return 0;
    for (const uint8_t *c = text.ptr + begin + 1, *end = text.ptr + text.len; c < end && len < size;
         c++) {
        if (*c == '"' && (++c == end || *c != '"'))
            return len;
        buf[len++] = *c;
    }
    return 0; /* no closing quote, or too long */
}

/* Digits at the front of `text`, which they leave.  False: none, or a larger number than `max`. */
static bool take_number(struct nta_span *text, unsigned max, unsigned *ret_number)
{
    unsigned number = 0;
    size_t len = 0;

    for (; len < text->len && is_digit(text->ptr[len]); len++) {
        number = number * 10 + text->ptr[len] - '0';
        if (number > max)
            return false;
    }
    *text = nta_span_from(*text, len);
    *ret_number = number;
    return len > 0;
}

/* Six numbers, commas between them, at the front of `text`. */
static bool take_six(struct nta_span text, unsigned numbers[6])
{
    for (size_t i = 0; i < 6; i++) {
        if (i > 0 && (text.len == 0 || text.ptr[0] != ','))
            return false;
        if (i > 0)
            text = nta_span_from(text, 1);
        if (!take_number(&text, UINT8_MAX, &numbers[i]))
            return false;
    }
    return true;
}

bool nta_ftp_host_port(struct nta_span text, struct nta_transfer_data *ret_data)
{
    unsigned numbers[6];
    bool in_number = false;

    for (; text.len > 0; text = nta_span_from(text, 1)) {
        bool begins = is_digit(text.ptr[0]) && !in_number;

        in_number = is_digit(text.ptr[0]);
        if (!begins || !take_six(text, numbers))
            continue;
        const uint8_t four[4] = {(uint8_t)numbers[0], (uint8_t)numbers[1], (uint8_t)numbers[2],
                                 (uint8_t)numbers[3]};

        ret_data->addr = nta_addr_v4(four);
        ret_data->port = (uint16_t)(numbers[4] << 8 | numbers[5]);
        return ret_data->port > 0;
    }
    return false;
}

/* Up to the next `stop`, which leaves `text` too.  False: there is none. */
static bool take_part(struct nta_span *text, uint8_t stop, struct nta_span *ret_part)
{
    if (!nta_span_has(*text, stop))
        return false;
    *ret_part = nta_span_take(text, stop);
    return true;
}

bool nta_ftp_extended_port(struct nta_span text, struct nta_transfer_data *ret_data)
{
    const size_t bracket = nta_span_find_byte(text, '(');
    struct nta_span empty, family, addr, port;
    struct nta_addr parsed = {0};
    unsigned number;

    if (bracket < text.len)
        text = nta_span_from(text, bracket + 1);
    if (text.len == 0)
        return false;
    const uint8_t stop = text.ptr[0];

    if (!take_part(&text, stop, &empty) || !take_part(&text, stop, &family) ||
        !take_part(&text, stop, &addr) || !take_part(&text, stop, &port) ||
        !take_number(&port, UINT16_MAX, &number) || port.len > 0 || number == 0)
        return false;
    if (addr.len > 0 && nta_addr_parse((const char *)addr.ptr, addr.len, &parsed) < 0)
        return false;
    ret_data->addr = parsed;
    ret_data->port = (uint16_t)number;
    return true;
}

bool nta_ftp_offset(struct nta_span text, uint64_t *ret_offset)
{
    uint64_t number = 0;

    if (text.len == 0 || text.len > NUMBER_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret_offset = number;
    return true;
}

uint64_t nta_ftp_announced(struct nta_span text)
{
    const size_t end = nta_span_find(text, " bytes)");
    size_t i = end;
    uint64_t number = 0;

    while (end < text.len && i > 0 && text.ptr[i - 1] >= '0' && text.ptr[i - 1] <= '9')
        i--;
    if (end == text.len || i == 0 || text.ptr[i - 1] != '(' ||
        !nta_ftp_offset(nta_span_from(nta_span_first(text, end), i), &number))
        return 0;
    return number;
}
