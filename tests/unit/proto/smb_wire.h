/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SMB 2 messages for tests, made command by command in a buffer. */

#include "proto/smb/smb_message.h"

#include <string.h>

struct smb_wire
{
    size_t len, command; ///< Of all; where the command under way begins.
    uint8_t bytes[4096];
};

static inline void smb_le(struct smb_wire *wire, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        wire->bytes[wire->len++] = (uint8_t)(value >> 8 * i);
}

static inline void smb_zeros(struct smb_wire *wire, size_t n)
{
    memset(wire->bytes + wire->len, 0, n);
    wire->len += n;
}

/* A frame with nothing in it yet. */
static inline void smb_frame(struct smb_wire *wire)
{
    *wire = (struct smb_wire){.len = 4, .command = 4};
}

/* The frame is whole: its length goes in front. */
static inline void smb_close(struct smb_wire *wire)
{
    size_t len = wire->len - 4;

    wire->bytes[1] = (uint8_t)(len >> 16);
    wire->bytes[2] = (uint8_t)(len >> 8);
    wire->bytes[3] = (uint8_t)len;
}

/* Header of another command; flags: 1 response, 4 related. */
static inline void smb_header(struct smb_wire *wire, unsigned command, unsigned flags,
                              uint64_t message, uint32_t status)
{
    if (wire->len > 4) { /* the command before is told where this one begins */
        while ((wire->len - 4) % 8 != 0)
            wire->bytes[wire->len++] = 0;
        wire->bytes[wire->command + 20] = (uint8_t)(wire->len - wire->command);
        wire->bytes[wire->command + 21] = (uint8_t)((wire->len - wire->command) >> 8);
    }
    wire->command = wire->len;
    memcpy(wire->bytes + wire->len, "\xfeSMB\x40\0\0\0", 8);
    wire->len += 8;
    smb_le(wire, status, 4);
    smb_le(wire, command, 2);
    smb_le(wire, 1, 2);
    smb_le(wire, flags, 4);
    smb_le(wire, 0, 4);
    smb_le(wire, message, 8);
    smb_le(wire, 0, 4);
    smb_le(wire, 7, 4);      /* tree */
    smb_le(wire, 0x5e55, 8); /* session */
    smb_zeros(wire, 16);
}

static inline void smb_utf16(struct smb_wire *wire, const char *ascii)
{
    for (; *ascii; ascii++)
        smb_le(wire, (uint8_t)*ascii, 2);
}

static inline void smb_id(struct smb_wire *wire, uint8_t id)
{
    memset(wire->bytes + wire->len, id, NTA_SMB_ID_LEN);
    wire->len += NTA_SMB_ID_LEN;
}

static inline void smb_ask_tree(struct smb_wire *wire, uint64_t message, const char *path)
{
    smb_header(wire, NTA_SMB_TREE_CONNECT, 0, message, 0);
    smb_le(wire, 9, 4);
    smb_le(wire, NTA_SMB_HEADER_LEN + 8, 2);
    smb_le(wire, 2 * strlen(path), 2);
    smb_utf16(wire, path);
}

static inline void smb_give_tree(struct smb_wire *wire, uint64_t message, uint8_t type)
{
    smb_header(wire, NTA_SMB_TREE_CONNECT, 1, message, 0);
    smb_le(wire, 16, 2);
    smb_le(wire, type, 2);
    smb_zeros(wire, 12);
}

static inline void smb_ask_create(struct smb_wire *wire, uint64_t message, const char *name)
{
    smb_header(wire, NTA_SMB_CREATE, 0, message, 0);
    smb_le(wire, 57, 2);
    smb_zeros(wire, 42);
    smb_le(wire, NTA_SMB_HEADER_LEN + 56, 2);
    smb_le(wire, 2 * strlen(name), 2);
    smb_zeros(wire, 8);
    smb_utf16(wire, name);
}

static inline void smb_give_create(struct smb_wire *wire, uint64_t message, uint8_t id,
                                   uint32_t attributes)
{
    smb_header(wire, NTA_SMB_CREATE, 1, message, 0);
    smb_le(wire, 89, 2);
    smb_zeros(wire, 54);
    smb_le(wire, attributes, 4);
    smb_zeros(wire, 4);
    smb_id(wire, id);
    smb_zeros(wire, 8);
}

static inline void smb_ask_read(struct smb_wire *wire, uint64_t message, uint8_t id, unsigned flags,
                                uint64_t offset)
{
    smb_header(wire, NTA_SMB_READ, flags, message, 0);
    smb_le(wire, 49, 4);
    smb_le(wire, 65536, 4);
    smb_le(wire, offset, 8);
    smb_id(wire, id);
    smb_zeros(wire, 17);
}

static inline void smb_give_read(struct smb_wire *wire, uint64_t message, const void *content,
                                 size_t len)
{
    smb_header(wire, NTA_SMB_READ, 1, message, 0);
    smb_le(wire, 17, 2);
    smb_le(wire, NTA_SMB_HEADER_LEN + 16, 2);
    smb_le(wire, len, 4);
    smb_zeros(wire, 8);
    memcpy(wire->bytes + wire->len, content, len);
    wire->len += len;
}

static inline void smb_ask_write(struct smb_wire *wire, uint64_t message, uint8_t id,
                                 uint64_t offset, const void *content, size_t len)
{
    smb_header(wire, NTA_SMB_WRITE, 0, message, 0);
    smb_le(wire, 49, 2);
    smb_le(wire, NTA_SMB_HEADER_LEN + 48, 2);
    smb_le(wire, len, 4);
    smb_le(wire, offset, 8);
    smb_id(wire, id);
    smb_zeros(wire, 16);
    memcpy(wire->bytes + wire->len, content, len);
    wire->len += len;
}

static inline void smb_ask_close(struct smb_wire *wire, uint64_t message, uint8_t id,
                                 unsigned flags)
{
    smb_header(wire, NTA_SMB_CLOSE, flags, message, 0);
    smb_le(wire, 24, 2);
    smb_zeros(wire, 6);
    smb_id(wire, id);
}

static inline void smb_give_close(struct smb_wire *wire, uint64_t message)
{
    smb_header(wire, NTA_SMB_CLOSE, 1, message, 0);
    smb_le(wire, 60, 2);
    smb_zeros(wire, 58);
}
