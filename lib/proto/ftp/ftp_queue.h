/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * FTP commands whose replies did not come yet, oldest first: a client may send several before it
 * reads.  Replies come in the order of the commands (RFC 959 section 5.4), and some codes belong to
 * one command only, so replies that were lost are noticed.  Private to ftp.c.
 */

#include "proto/ftp/ftp_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_FTP_QUEUE_MAX = 32,
    NTA_FTP_OPENING_AGAIN = 125,
    NTA_FTP_OPENING = 150,
    NTA_FTP_GREETING = 220,
    NTA_FTP_TRANSFERRED = 226,
    NTA_FTP_PASSIVE = 227,
    NTA_FTP_EXTENDED_PASSIVE = 229,
    NTA_FTP_LOGGED_IN = 230,
    NTA_FTP_SECURED = 234,
    NTA_FTP_PATH_NAME = 257,
    NTA_FTP_NEED_PASSWORD = 331,
    NTA_FTP_NEED_ACCOUNT = 332,
    NTA_FTP_PENDING = 350,
};

struct nta_ftp_queue
{
    uint8_t verbs[NTA_FTP_QUEUE_MAX]; ///< enum nta_ftp_verb.
    uint8_t n;
};

/** Whether the command moves a file or gives a listing. */
bool nta_ftp_is_transfer(enum nta_ftp_verb verb);

/** At the end; where it is full, nothing. */
void nta_ftp_queue_push(struct nta_ftp_queue *queue, enum nta_ftp_verb verb);

/** NTA_FTP_UNKNOWN: there is none. */
enum nta_ftp_verb nta_ftp_queue_oldest(const struct nta_ftp_queue *queue);

/** The oldest `n`, at most as many as there are, are gone. */
void nta_ftp_queue_drop(struct nta_ftp_queue *queue, size_t n);

/** Whether one asks for another directory. */
bool nta_ftp_queue_moves(const struct nta_ftp_queue *queue);

/**
 * How many stand before the first that a reply with this code can only belong to; 0 if there is no
 * such.
 */
size_t nta_ftp_queue_before(const struct nta_ftp_queue *queue, uint16_t code);

/** Where the newest transfer stands, or the length of the queue. */
size_t nta_ftp_queue_last_transfer(const struct nta_ftp_queue *queue);

/**
 * Where the transfer stands for which the oldest, PASV, was sent.  The length of the queue: it was
 * not asked for yet.  0: none will be, another PASV stands behind it.
 */
size_t nta_ftp_queue_served(const struct nta_ftp_queue *queue);
