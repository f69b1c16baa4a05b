/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of SMB 2 messages that are looked at (MS-SMB2 section 2.2).  Numbers are little-endian.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_SMB_HEADER_LEN = 64,
    NTA_SMB_ID_LEN = 16,     ///< Of an open file.
    NTA_SMB_FIXED_LEN = 176, ///< Header and all fixed parts that are looked at.
};

enum nta_smb_command
{
    NTA_SMB_SESSION_SETUP = 1,
    NTA_SMB_TREE_CONNECT = 3,
    NTA_SMB_CREATE = 5,
    NTA_SMB_CLOSE = 6,
    NTA_SMB_READ = 8,
    NTA_SMB_WRITE = 9,
};

/** One command of a message, its offsets counted from its first byte; spans borrow. */
struct nta_smb_header
{
    uint16_t command; ///< enum nta_smb_command, or another.
    uint32_t status;  ///< Of a response; in a request another field stands there.
    bool is_response, is_related;
    uint32_t next; ///< Length of the command if another one follows, else 0.
    uint64_t id, session;
    uint32_t tree;
};

/** The header.  OK; MORE: cut off; BAD: none. */
enum nta_parse nta_smb_header_read(struct nta_span bytes, struct nta_smb_header *ret_header);

/**
 * Text that a request carries: TREE_CONNECT's path, CREATE's name; UTF-16.  Empty: none, or not
 * inside `bytes`.
 */
struct nta_span nta_smb_text(const struct nta_smb_header *header, struct nta_span bytes);

/**
 * What SESSION_SETUP's request carries: a token of whatever kind of login.  Empty: none, or not
 * inside `bytes`.
 */
struct nta_span nta_smb_token(const struct nta_smb_header *header, struct nta_span bytes);

/** SESSION_SETUP's response: the account is the one that the client named, and no guest's. */
bool nta_smb_is_account(const struct nta_smb_header *header, struct nta_span bytes);

/** How many bytes of a command must be there before its text, or token, can be given. */
size_t nta_smb_text_end(const struct nta_smb_header *header, struct nta_span bytes);

/**
 * The id of the file that a request is about (READ, WRITE, CLOSE) or that CREATE's response opens;
 * NULL: cut off.
 */
const uint8_t *nta_smb_file_id(const struct nta_smb_header *header, struct nta_span bytes);

/**
 * Content of READ's response and WRITE's request: where it begins, how long it is.  False: it has
 * none.
 */
bool nta_smb_content(const struct nta_smb_header *header, struct nta_span bytes,
                     uint32_t *ret_offset, uint32_t *ret_len);

/** A READ or WRITE request's offset in the file. */
uint64_t nta_smb_file_offset(struct nta_span bytes);

/** TREE_CONNECT's response: it is a pipe's share.  CREATE's response: it is a folder. */
bool nta_smb_is_pipe(struct nta_span bytes);
/** CREATE's response: it is a folder. */
bool nta_smb_is_folder(struct nta_span bytes);

/** Of the answer to CREATE: the size of the file; 0: it does not say. */
uint64_t nta_smb_file_size(struct nta_span bytes);

/**
 * UTF-16 to UTF-8 with slashes for backslashes into `buf`; cut at a whole character.  Gives the
 * length.
 */
size_t nta_smb_utf8(struct nta_span utf16, uint8_t *buf, size_t size);
