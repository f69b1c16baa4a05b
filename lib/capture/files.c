/* SPDX-License-Identifier: Apache-2.0 */
/* Files in order; what kind each one is. */
#include "capture/input.h"
#include "capture/state.h"

#include <errno.h>
#include <string.h>

enum
{
    MAGIC_LEN = 4,
    PCAP_HEADER_LEN = 24
};

static const struct
{
    uint8_t magic[MAGIC_LEN];
    const char *what;
} others[] = {
    {{0x1f, 0x8b, 0x08}, "gzip"},  {{0x28, 0xb5, 0x2f, 0xfd}, "zstd"},
    {{0xfd, '7', 'z', 'X'}, "xz"}, {{'B', 'Z', 'h'}, "bzip2"},
    {{'P', 'K', 3, 4}, "zip"},     {{0x04, 0x22, 0x4d, 0x18}, "lz4"},
};

static int refuse(const struct nta_capture *capture, const uint8_t *start, size_t len,
                  const char *name, struct nta_err *err)
{
    if (nta_capture_stopped(capture))
        return 0;
    if (capture->input.error < 0)
        return nta_err_sys(err, capture->input.error, "%s: cannot be read", name);
    if (len == 0)
        return nta_err_set(err, -EBADMSG, "%s: empty, without a capture file's header", name);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        size_t magic_len = others[i].magic[MAGIC_LEN - 1] ? MAGIC_LEN : MAGIC_LEN - 1;

        if (len >= magic_len && memcmp(start, others[i].magic, magic_len) == 0)
            return nta_err_set(err, -EBADMSG, "%s: compressed with %s: unpack it first", name,
                               others[i].what);
    }
    return nta_err_set(err, -EBADMSG, "%s: not a capture file (neither pcap nor pcapng)", name);
}

/** True if the first four bytes are a pcap magic number of any kind, in either byte order. */
static bool is_pcap(const uint8_t *start)
{
    static const uint8_t magics[][MAGIC_LEN] = {
        {0xa1, 0xb2, 0xc3, 0xd4}, {0xa1, 0xb2, 0x3c, 0x4d}, {0xa1, 0xb2, 0xcd, 0x34}};

    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const uint8_t turned[MAGIC_LEN] = {magics[i][3], magics[i][2], magics[i][1], magics[i][0]};

        if (memcmp(start, magics[i], MAGIC_LEN) == 0 || memcmp(start, turned, MAGIC_LEN) == 0)
            return true;
    }
    return false;
}

static int read_file(struct nta_capture *capture, const char *name, struct nta_err *err)
{
    static const uint8_t pcapng_magic[MAGIC_LEN] = {0x0a, 0x0d, 0x0d, 0x0a};
    size_t len;
    const uint8_t *start = nta_input_peek(capture, &capture->input, PCAP_HEADER_LEN, &len);

    if (len >= MAGIC_LEN && memcmp(start, pcapng_magic, MAGIC_LEN) == 0)
        return nta_pcapng_read(capture, name, err);
    if (len < MAGIC_LEN || !is_pcap(start))
        return refuse(capture, start, len, name, err);
    if (len < PCAP_HEADER_LEN)
        return nta_err_set(err, -ENODATA, "%s: cut off inside its header", name);
    return nta_pcapfile_reads(start) ? nta_pcapfile_read(capture, name, err)
                                     : nta_pcapodd_read(capture, name, err);
}

static const char *shown_name(const char *path, char buf[NTA_NAME_SHOWN])
{
    return strcmp(path, "-") == 0 ? "standard input" : nta_capture_shown(path, buf);
}

int nta_files_open(struct nta_capture *capture, size_t i, struct nta_err *err)
{
    const char *path = capture->options.files[i];
    char shown[NTA_NAME_SHOWN];
    int rc = nta_input_open(&capture->input, path);

    return rc < 0 ? nta_err_sys(err, rc, "cannot open %s", shown_name(path, shown)) : 0;
}

/**
 * File number `i`; the first one may be open from the start.  0, or negative errno with the
 * sentence in `err`.
 */
static int run_file(struct nta_capture *capture, size_t i, struct nta_err *err)
{
    char shown[NTA_NAME_SHOWN];
    int rc = capture->input.fd < 0 ? nta_files_open(capture, i, err) : 0;

    capture->paced = false;
    if (rc == 0)
        rc = read_file(capture, shown_name(capture->options.files[i], shown), err);
    nta_input_close(&capture->input);
    return rc;
}

int nta_files_run(struct nta_capture *capture, struct nta_err *err)
{
    const struct nta_capture_options *options = &capture->options;
    int first_rc = 0;

    for (size_t i = 0; i < options->n_files && !nta_capture_stopped(capture); i++) {
        struct nta_err file_err = {0};
        int rc = run_file(capture, i, &file_err);

        if (rc == 0)
            continue;
        if (options->complain)
            options->complain(options->owner, file_err.text);
        if (first_rc == 0) {
            first_rc = rc;
            if (err)
                *err = file_err;
        }
    }
    return first_rc;
}
