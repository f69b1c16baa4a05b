/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ftp/ftp_queue.h"

#include <string.h>

static enum nta_ftp_verb verb_at(const struct nta_ftp_queue *queue, size_t i)
{
    return (enum nta_ftp_verb)queue->verbs[i];
}

bool nta_ftp_is_transfer(enum nta_ftp_verb verb)
{
    return verb == NTA_FTP_APPE || verb == NTA_FTP_LIST || verb == NTA_FTP_RETR ||
           verb == NTA_FTP_STOR || verb == NTA_FTP_STOU;
}

void nta_ftp_queue_push(struct nta_ftp_queue *queue, enum nta_ftp_verb verb)
{
    if (queue->n < NTA_FTP_QUEUE_MAX)
        queue->verbs[queue->n++] = (uint8_t)verb;
}

enum nta_ftp_verb nta_ftp_queue_oldest(const struct nta_ftp_queue *queue)
{
    return queue->n > 0 ? verb_at(queue, 0) : NTA_FTP_UNKNOWN;
}

void nta_ftp_queue_drop(struct nta_ftp_queue *queue, size_t n)
{
    if (n > queue->n)
        n = queue->n;
    queue->n = (uint8_t)(queue->n - n);
    memmove(queue->verbs, queue->verbs + n, queue->n);
}

bool nta_ftp_queue_moves(const struct nta_ftp_queue *queue)
{
    for (size_t i = 0; i < queue->n; i++) {
        if (verb_at(queue, i) == NTA_FTP_CWD || verb_at(queue, i) == NTA_FTP_CDUP)
            return true;
    }
    return false;
}

static bool answers(uint16_t code, enum nta_ftp_verb verb)
{
    switch (code) {
    case NTA_FTP_PASSIVE:
    case NTA_FTP_EXTENDED_PASSIVE: return verb == NTA_FTP_PASV;
    case NTA_FTP_OPENING:
    case NTA_FTP_OPENING_AGAIN:
    case NTA_FTP_TRANSFERRED: return nta_ftp_is_transfer(verb);
    case NTA_FTP_PATH_NAME: return verb == NTA_FTP_PWD;
    case NTA_FTP_SECURED: return verb == NTA_FTP_AUTH;
    default: return false;
    }
}

size_t nta_ftp_queue_before(const struct nta_ftp_queue *queue, uint16_t code)
{
    for (size_t i = 0; i < queue->n; i++) {
        if (answers(code, verb_at(queue, i)))
            return i;
    }
    return 0;
}

size_t nta_ftp_queue_last_transfer(const struct nta_ftp_queue *queue)
{
    for (size_t i = queue->n; i > 0; i--) {
        if (nta_ftp_is_transfer(verb_at(queue, i - 1)))
            return i - 1;
    }
    return queue->n;
}

size_t nta_ftp_queue_served(const struct nta_ftp_queue *queue)
{
    for (size_t i = 1; i < queue->n; i++) {
        if (nta_ftp_is_transfer(verb_at(queue, i)))
            return i;
        if (verb_at(queue, i) == NTA_FTP_PASV)
            return 0;
    }
    return queue->n;
}
