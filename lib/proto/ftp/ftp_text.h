/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts in FTP's commands and replies. */

#include "base/bytes.h"
#include "proto/event.h"

#include <stdbool.h>
#include <stdint.h>

enum nta_ftp_verb
{
    NTA_FTP_OTHER, ///< Known or not, nothing follows from it.
    NTA_FTP_APPE,
    NTA_FTP_AUTH,
    NTA_FTP_CDUP,
    NTA_FTP_CWD,
    NTA_FTP_EPRT,
    NTA_FTP_LIST, ///< And NLST, MLSD.
    NTA_FTP_PASV, ///< And EPSV.
    NTA_FTP_PORT,
    NTA_FTP_PWD,
    NTA_FTP_REST, ///< What comes next begins further on in the file (RFC 3659 section 5).
    NTA_FTP_RETR,
    NTA_FTP_STOR,
    NTA_FTP_STOU,
    NTA_FTP_TYPE,    ///< Whether files are converted on their way (RFC 959 section 3.1.1).
    NTA_FTP_UNKNOWN, ///< No command of FTP.
};

/** A command line, without its end; spans borrow. */
struct nta_ftp_command
{
    enum nta_ftp_verb verb;
    struct nta_span name, argument;
};

/** Split a command line.  Telnet signals in front of it are passed over (RFC 959 section 4.1.3). */
struct nta_ftp_command nta_ftp_command_read(struct nta_span line);

/** A reply's code, 100 to 599, and what stands behind it; 0: the line begins with none. */
uint16_t nta_ftp_reply_read(struct nta_span line, bool *ret_more, struct nta_span *ret_text);

/**
 * The file's path in a reply to PWD (RFC 959 appendix II): quoted, quotes doubled.  Gives its
 * length, 0: none.
 */
size_t nta_ftp_quoted(struct nta_span text, uint8_t *buf, size_t size);

/** A decimal number and nothing else, as of REST (RFC 3659 section 5).  False: it is none. */
bool nta_ftp_offset(struct nta_span text, uint64_t *ret_offset);

/** "h1,h2,h3,h4,p1,p2" somewhere in the text.  False: it has none. */
bool nta_ftp_host_port(struct nta_span text, struct nta_transfer_data *ret_data);

/** "|1|132.235.1.2|6275|", and in a reply "(|||6446|)" (RFC 2428). */
bool nta_ftp_extended_port(struct nta_span text, struct nta_transfer_data *ret_data);

/**
 * The size that a server tells when it begins to send, "150 Opening BINARY mode data connection for
 * x (1234 bytes)", which most do and no standard says.  0: none.
 */
uint64_t nta_ftp_announced(struct nta_span text);
