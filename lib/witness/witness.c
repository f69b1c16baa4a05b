/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/witness.h"

#include "base/file/newfile.h"
#include "base/file/path.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "vault/checkpoint.h"
#include "witness/request.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum
{
    DIR_SIZE = 4096,
    PATH_SIZE = DIR_SIZE + 64
};

/** A log, and the newest head of it that was cosigned; `n` 0: none. */
struct log
{
    struct nta_note_key key;
    uint8_t sensor[NTA_SENSOR_ID_LEN], root[NTA_HASH_LEN];
    uint64_t n;
};

struct nta_witness
{
    char dir[DIR_SIZE];
    struct nta_cosigner *cosigner; ///< Owned.
    struct log *logs;              ///< Owned.
    size_t n_logs;
    int lock_fd; ///< Owned: the folder is ours while it is open.
    pthread_mutex_t mutex;
};

const struct nta_note_key *nta_witness_key(const struct nta_witness *witness)
{
    return nta_cosigner_key(witness->cosigner);
}

void nta_witness_close(struct nta_witness **witness)
{
    struct nta_witness *dead = NTA_TAKE(*witness);

    if (!dead)
        return;
    nta_cosigner_free(&dead->cosigner);
    free(dead->logs);
    if (dead->lock_fd >= 0)
        (void)close(dead->lock_fd);
    (void)pthread_mutex_destroy(&dead->mutex);
    free(dead);
}

/* ---- what it keeps ---- */

static void path_of(const struct nta_witness *witness, const struct log *log, char path[PATH_SIZE])
{
    char hex[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];

    (void)snprintf(path, PATH_SIZE, "%s/%s.checkpoint", witness->dir,
                   nta_hex_text(log->sensor, sizeof(log->sensor), hex));
}

static int read_whole(const char *path, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO_FD int fd = nta_plainfile_open(path, NTA_CHECKPOINT_MAX, NTA_PLAIN_NO_LINK, err);
    ssize_t n = 1;

    if (fd < 0)
        return fd;
    while (n > 0 && out->len <= NTA_CHECKPOINT_MAX) {
        uint8_t *space = nta_buf_reserve(out, 4096);

        if (!space)
            return nta_err_sys(err, -ENOMEM, "%s", path);
        n = read(fd, space, 4096);
        if (n < 0)
            return nta_err_sys(err, -errno, "%s", path);
        out->len += (size_t)n;
    }
    return 0;
}

/** What it cosigned when it last ran.  A file that it did not write would have it forget. */
static int recall(const struct nta_witness *witness, struct log *log, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    struct nta_checkpoint kept;
    char path[PATH_SIZE];
    uint64_t time_s;

    path_of(witness, log, path);
    int r = read_whole(path, &note, err);

    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    if (!nta_cosign_check(nta_buf_span(&note), nta_witness_key(witness), &time_s) ||
        !nta_checkpoint_read(nta_buf_span(&note), log->key.public_key, &kept) ||
        memcmp(kept.sensor, log->sensor, sizeof(kept.sensor)) != 0)
        return nta_err_set(err, -EBADMSG,
                           "%s is not what this witness cosigned: put back what was there, since "
                           "without it a past that was changed would be signed",
                           path);
    log->n = kept.n;
    memcpy(log->root, kept.root, sizeof(log->root));
    return 0;
}

static int keep(const struct nta_witness *witness, const struct log *log, struct nta_span note,
                const struct nta_buf *line)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    char path[PATH_SIZE];

    path_of(witness, log, path);
    int r = nta_newfile_open(&file, path, 0600);

    if (r == 0)
        r = nta_write_all(file.fd, note.ptr, note.len);
    if (r == 0)
        r = nta_write_all(file.fd, line->ptr, line->len);
    return r == 0 ? nta_newfile_commit(&file, true) : r;
}

/* ---- opening ---- */

/** Its name is that of a sensor's log, and its key signs checkpoints. */
static int take_log(struct nta_witness *witness, const char *text, struct nta_err *err)
{
    struct log log = {.n = 0};

    if (!nta_note_key_parse(nta_span_of(text), &log.key) || log.key.algorithm != NTA_NOTE_ED25519 ||
        !nta_log_name_parse(nta_span_of(log.key.name), log.sensor))
        return nta_err_set(err, -EINVAL,
                           "%.120s: is no key of a sensor's log (nta/…+…+…, which nta keys show "
                           "prints behind `witness`)",
                           text);
    for (size_t i = 0; i < witness->n_logs; i++)
        if (memcmp(witness->logs[i].sensor, log.sensor, sizeof(log.sensor)) == 0)
            return nta_err_set(err, -EINVAL, "%.120s: this log was given twice", text);
    int r = recall(witness, &log, err);

    if (r == 0)
        witness->logs[witness->n_logs++] = log;
    return r;
}

static int lock_folder(struct nta_witness *witness, struct nta_err *err)
{
    witness->lock_fd = open(witness->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (witness->lock_fd < 0)
        return nta_err_sys(err, -errno, "%s", witness->dir);
    if (flock(witness->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return nta_err_set(err, -EBUSY, "%s: another witness is at it", witness->dir);
    return 0;
}

int nta_witness_open(const struct nta_witness_options *options, struct nta_witness **ret_witness,
                     struct nta_err *err)
{
    NTA_AUTO(nta_witness_close) struct nta_witness *witness = calloc(1, sizeof(*witness));

    if (!witness)
        return nta_err_sys(err, -ENOMEM, "witness");
    witness->lock_fd = -1;
    if (pthread_mutex_init(&witness->mutex, NULL) != 0)
        return nta_err_sys(err, -ENOMEM, "witness");
    if (strlen(options->dir) >= sizeof(witness->dir) || options->n_logs > NTA_WITNESS_LOGS)
        return nta_err_set(err, -EINVAL,
                           "the folder's name is too long, or there are more than %d "
                           "logs",
                           NTA_WITNESS_LOGS);
    (void)snprintf(witness->dir, sizeof(witness->dir), "%s", options->dir);
    int r = nta_cosigner_open(options->dir, options->name, &witness->cosigner, err);

    if (r == 0)
        r = lock_folder(witness, err);
    witness->logs = calloc(options->n_logs ? options->n_logs : 1, sizeof(*witness->logs));
    if (r == 0 && !witness->logs)
        r = nta_err_sys(err, -ENOMEM, "witness");
    for (size_t i = 0; i < options->n_logs && r == 0; i++)
        r = take_log(witness, options->logs[i], err);
    if (r == 0)
        *ret_witness = NTA_TAKE(witness);
    return r;
}

/* ---- a request ---- */

static unsigned refuse(struct nta_buf *answer, unsigned status, const char *text)
{
    nta_buf_printf(answer, "%s\n", text);
    return status;
}

/** The size that it keeps, so that whoever asked can make a proof from there. */
static unsigned conflict(struct nta_buf *answer, const struct log *log)
{
    nta_buf_printf(answer, "%" PRIu64 "\n", log->n);
    return 409;
}

static struct log *find_log(struct nta_witness *witness, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < witness->n_logs; i++)
        if (memcmp(witness->logs[i].sensor, sensor, NTA_SENSOR_ID_LEN) == 0)
            return &witness->logs[i];
    return NULL;
}

static bool continues(const struct log *log, const struct nta_witness_request *request,
                      const struct nta_checkpoint *next)
{
    const struct nta_span path = {request->path[0], request->n_path * NTA_HASH_LEN};

    if (log->n == 0 || log->n == next->n)
        return request->n_path == 0;
    return nta_log_check_consistency(log->n, log->root, next->n, next->root, path);
}

/** It is the log's own; the lock is held. */
static unsigned cosign(struct nta_witness *witness, struct log *log,
                       const struct nta_witness_request *request, const struct nta_checkpoint *next,
                       uint64_t time_s, struct nta_buf *answer)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    struct nta_span text, lines;

    if (request->old > next->n)
        return refuse(answer, 400, "old is larger than the checkpoint");
    if (request->old != log->n ||
        (next->n == log->n && memcmp(next->root, log->root, NTA_HASH_LEN) != 0))
        return conflict(answer, log);
    if (!continues(log, request, next))
        return refuse(answer, 422, "the proof does not show that this continues what was cosigned");
    if (!nta_note_split(request->note, &text, &lines) ||
        nta_cosigner_sign(witness->cosigner, text, time_s, &line) < 0 ||
        keep(witness, log, request->note, &line) < 0)
        return refuse(answer, 500, "it could not be kept, so it is not cosigned");
    log->n = next->n;
    memcpy(log->root, next->root, sizeof(log->root));
    nta_buf_put(answer, line.ptr, line.len);
    return 200;
}

unsigned nta_witness_add(struct nta_witness *witness, struct nta_span body, uint64_t time_s,
                         struct nta_buf *answer)
{
    struct nta_witness_request request;
    struct nta_checkpoint next;
    struct nta_span text, lines;

    if (!nta_witness_request_read(body, &request) || !nta_note_split(request.note, &text, &lines) ||
        !nta_checkpoint_text(text, &next) || next.n == 0)
        return refuse(answer, 400, "not a request of add-checkpoint, or not of a sensor's log");
    struct log *log = find_log(witness, next.sensor);

    if (!log)
        return refuse(answer, 404, "this witness does not know that log");
    if (!nta_checkpoint_read(request.note, log->key.public_key, &next))
        return refuse(answer, 403, "the checkpoint is not signed by its log");
    (void)pthread_mutex_lock(&witness->mutex);
    const unsigned status = cosign(witness, log, &request, &next, time_s, answer);

    (void)pthread_mutex_unlock(&witness->mutex);
    return answer->failed ? 500 : status;
}
