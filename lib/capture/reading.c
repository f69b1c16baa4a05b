/* SPDX-License-Identifier: Apache-2.0 */
/* What kind a file is of, and the next packet of it. */
#include "capture/reading.h"

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
    {{'B', 'Z', 'h'}, "bzip2"},
    {{'P', 'K', 3, 4}, "zip"},
};

static int refuse(struct nta_reading *reading, const uint8_t *start, size_t len)
{
    struct nta_err *err = &reading->err;
    const char *name = reading->name;

    if (nta_capture_stopped(reading->capture))
        return 0;
    if (reading->input.error < 0)
        return nta_err_set(err, reading->input.error, "%s: cannot be read: %s", name,
                           nta_input_why(&reading->input));
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

/** 1: its kind is known, and begun; 0: told to stop; negative errno: it is none. */
static int begin(struct nta_reading *reading)
{
    static const uint8_t pcapng_magic[MAGIC_LEN] = {0x0a, 0x0d, 0x0d, 0x0a};
    const struct nta_file_kind *kind = &nta_pcapng;
    size_t len;
    const uint8_t *start = nta_input_peek(&reading->input, PCAP_HEADER_LEN, &len);

    if (len < MAGIC_LEN || memcmp(start, pcapng_magic, MAGIC_LEN) != 0) {
        if (len < MAGIC_LEN || !is_pcap(start))
            return refuse(reading, start, len);
        if (len < PCAP_HEADER_LEN)
            return nta_err_set(&reading->err, -ENODATA, "%s: cut off inside its header",
                               reading->name);
        kind = nta_pcapfile_reads(start) ? &nta_pcapfile : &nta_pcapodd;
    }
    reading->kind = kind;
    int rc = kind->begin(reading);

    return rc < 0 ? rc : 1;
}

int nta_reading_open(struct nta_reading *reading, struct nta_capture *capture, size_t number)
{
    const char *path = capture->options.files[number];

    *reading = (struct nta_reading){.capture = capture, .number = number, .input.fd = -1};
    (void)nta_capture_shown(strcmp(path, "-") == 0 ? "standard input" : path, reading->name);
    int rc = nta_input_open(&reading->input, capture, path);

    return rc < 0 ? nta_err_sys(&reading->err, rc, "cannot open %s", reading->name) : 0;
}

int nta_reading_next(struct nta_reading *reading)
{
    int rc = reading->kind ? 1 : begin(reading);

    if (rc > 0)
        rc = reading->kind->next(reading);
    if (rc > 0 && reading->capture->options.n_files > 1) /* nobody asks of one alone */
        (void)nta_order_step(&reading->order, reading->frame.wall_ns);
    return rc;
}

void nta_reading_close(struct nta_reading *reading)
{
    if (reading->kind)
        reading->kind->end(reading);
    reading->kind = NULL;
    if (reading->capture)
        nta_input_close(&reading->input);
}
