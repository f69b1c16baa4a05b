/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/input.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "unpack/unpack.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    READ_MAX = 256 * 1024, ///< At once: what is read next is still in the second-level cache.
    FIRST_MAX = 4096,      ///< Before it is known whether it is packed.
    MAGIC_LEN = 8,         ///< So many bytes tell.
    PEEK_MAX = 16 * 1024,  ///< While only the first packet is looked for.
};

static void stop_unpacking(struct nta_input *input)
{
    nta_unpack_free(&input->unpack);
    free(input->packed_buf);
    input->packed_buf = NULL;
    input->packed = (struct nta_span){0};
}

/* Without waiting: for who writes into a pipe that has a name, await() does, and can be stopped. */
int nta_input_open(struct nta_input *input, struct nta_capture *capture, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct stat st = {0};
    int rc = 0;

    if (!input->own)
        input->own = malloc(NTA_INPUT_SIZE);
    if (!input->own)
        return -ENOMEM;
    input->capture = capture;
    input->buf = input->own;
    input->size = NTA_INPUT_SIZE;
    input->n_read = 0;
    input->fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                         : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (input->fd < 0 || fstat(input->fd, &st) < 0)
        rc = -errno;
    else if (S_ISDIR(st.st_mode))
        rc = -EISDIR;
    if (rc < 0) {
        nta_own_close(&input->fd);
        input->fd = -1;
        return rc;
    }
    input->is_file = S_ISREG(st.st_mode);
    input->ended = input->begun = false;
    input->error = 0;
    stop_unpacking(input);
    input->pos = input->len = 0;
    if (input->is_file)
        (void)posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return 0;
}

void nta_input_unread(struct nta_input *input)
{
    atomic_fetch_sub_explicit(&input->capture->bytes_done, input->n_read, memory_order_relaxed);
    input->n_read = 0;
}

void nta_input_close(struct nta_input *input)
{
    nta_own_close(&input->fd);
    input->fd = -1;
    stop_unpacking(input);
    free(input->own);
    input->own = input->buf = NULL;
    input->pos = input->len = 0;
}

const char *nta_input_why(const struct nta_input *input)
{
    if (input->unpack && input->error == -ENODATA)
        return "what is packed in it is cut off";
    if (input->unpack && input->error == -EBADMSG)
        return "what is packed in it is broken";
    if (input->unpack && input->error == -ENOMEM)
        return "it takes more memory to unpack than it is given";
    return strerror(-input->error); /* NOLINT(concurrency-mt-unsafe) */
}

uint64_t nta_input_bytes(const struct nta_input *input)
{
    struct stat st;

    if (!input->is_file || fstat(input->fd, &st) < 0)
        return 0;
    return (uint64_t)st.st_size;
}

/** Wait until a pipe has bytes; false if told to stop. */
static bool await(const struct nta_input *input)
{
    struct nta_capture *capture = input->capture;
    struct pollfd pollfd = {.fd = input->fd, .events = POLLIN};

    while (!nta_capture_stopped(capture)) {
        if (poll(&pollfd, 1, (int)(NTA_FLUSH_NS / NTA_NS_PER_MS)) != 0)
            break; /* ready, or an error that read() will name */
        nta_capture_idle(capture, capture->last_wall_ns);
    }
    capture->mono_ns = nta_clock_mono_ns();
    return !nta_capture_stopped(capture);
}

static void end(struct nta_input *input, int error)
{
    input->error = error;
    input->ended = true;
}

/** Read once; gives how many bytes came, perhaps none. */
static size_t read_once(struct nta_input *input, uint8_t *place, size_t size)
{
    struct nta_capture *capture = input->capture;
    const size_t most = capture->peeks ? PEEK_MAX : READ_MAX;
    ssize_t n;

    if (input->is_file ? nta_capture_stopped(capture) : !await(input)) {
        input->ended = true;
        return 0;
    }
    n = read(input->fd, place, size < most ? size : most);
    if (n > 0) {
        input->n_read += (uint64_t)n;
        atomic_fetch_add_explicit(&capture->bytes_done, (uint64_t)n, memory_order_relaxed);
        return (size_t)n;
    }
    if (n == 0)
        input->ended = true;
    else if (errno != EINTR && errno != EAGAIN)
        end(input, -errno);
    return 0;
}

/** What is packed is read into its own place; nothing may come of it. */
static void unpack_some(struct nta_input *input)
{
    const ssize_t n = nta_unpack_more(input->unpack, &input->packed, input->buf + input->len,
                                      input->size - input->len);

    if (n > 0)
        input->len += (size_t)n;
    if (n < 0)
        end(input, (int)n);
    if (n != 0)
        return;
    input->packed = (struct nta_span){input->packed_buf,
                                      read_once(input, input->packed_buf, NTA_INPUT_PACKED_SIZE)};
    if (input->ended && input->error == 0 && !nta_unpack_is_whole(input->unpack) &&
        !nta_capture_stopped(input->capture))
        input->error = -ENODATA; /* cut off */
}

/** The first bytes say that it is packed: they are the first of what is unpacked. */
static void begin_unpacking(struct nta_input *input)
{
    const struct nta_span start = {input->buf, input->len};
    const enum nta_packing packing = nta_packing_of(start);

    input->begun = true;
    if (packing == NTA_PACKING_NONE || packing == NTA_PACKING_OTHER)
        return;
    input->packed_buf = malloc(NTA_INPUT_PACKED_SIZE);
    if (!input->packed_buf || nta_unpack_new(packing, &input->unpack) < 0) {
        end(input, -ENOMEM);
        return;
    }
    memcpy(input->packed_buf, input->buf, input->len);
    input->packed = (struct nta_span){input->packed_buf, input->len};
    input->len = 0;
}

/** Read once behind what is present. */
static void read_some(struct nta_input *input)
{
    if (input->unpack) {
        unpack_some(input);
        return;
    }
    /* so many first bytes that what packs has space for them */
    input->len += read_once(input, input->buf + input->len,
                            input->begun ? input->size - input->len : FIRST_MAX - input->len);
    if (!input->begun && (input->len >= MAGIC_LEN || input->ended))
        begin_unpacking(input);
}

/** A place in a block for a file's next bytes, waited for; NULL if there is none to be had. */
static uint8_t *lend(const struct nta_input *input, size_t *ret_len)
{
    struct nta_capture *capture = input->capture;
    uint8_t *place = NULL;

    if (!input->is_file || capture->peeks || capture->n_open != 1 ||
        !nta_dispatch_lends(capture->dispatch))
        return NULL;
    while (!nta_capture_stopped(capture) &&
           !(place = nta_dispatch_lend(capture->dispatch, ret_len)))
        nta_dispatch_wait_space(capture->dispatch, 0, NTA_FLUSH_NS);
    return place;
}

/** Take what is not consumed to the front of a place where `want` bytes have space. */
static void move(struct nta_input *input, size_t want)
{
    size_t left = input->len - input->pos, size = 0;
    uint8_t *place = lend(input, &size);

    if (!place || size < want) {
        place = input->own;
        size = NTA_INPUT_SIZE;
    }
    memmove(place, input->buf + input->pos, left);
    input->buf = place;
    input->size = size;
    input->len = left;
    input->pos = 0;
}

size_t nta_input_fill(struct nta_input *input, size_t want)
{
    assert(want <= NTA_INPUT_PEEK_MAX);
    if (input->len - input->pos < want && !input->ended)
        move(input, want);
    while (input->len - input->pos < want && !input->ended)
        read_some(input);
    return input->len - input->pos;
}

bool nta_input_skip(struct nta_input *input, uint64_t len)
{
    while (len > 0) {
        size_t present = nta_input_fill(input, 1);

        if (present == 0)
            return false;
        if (present > len)
            present = (size_t)len;
        nta_input_take(input, present);
        len -= present;
    }
    return true;
}
