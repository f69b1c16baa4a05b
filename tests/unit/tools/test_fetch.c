/* SPDX-License-Identifier: Apache-2.0 */
/* What fetching is made of: public addresses, published sums, what is kept, unpacking. */
#include "fetch/checksum.h"
#include "fetch/gunzip.h"
#include "fetch/public.h"
#include "fetch/state.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

static bool is_public(const char *text)
{
    struct nta_addr addr;

    assert_int_equal(nta_addr_parse(text, strlen(text), &addr), 0);
    return nta_addr_is_public(&addr);
}

static void only_addresses_of_the_public_internet_are_public(void **state)
{
    static const char *const public[] = {
        "1.2.3.4",    "8.8.8.8",     "100.63.255.255",   "100.128.0.0", "172.15.0.1",
        "172.32.0.1", "192.0.3.1",   "198.17.0.1",       "198.20.0.1",  "223.255.255.255",
        "2600::1",    "2a00:1450::", "64:ff9b::102:304",
    };
    static const char *const others[] = {
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd00::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "3fff::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(public) / sizeof(public[0]); i++) {
        if (!is_public(public[i]))
            fail_msg("%s", public[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (is_public(others[i]))
            fail_msg("%s", others[i]);
    }
}

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "BBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void a_published_sum_is_the_one_of_the_file(void **state)
{
    static const struct
    {
        const char *text, *url;
        int first; ///< Byte of the sum; -1: none.
    } rows[] = {
        {A64 "\n", "https://x.example/list.txt", 0xaa},
        {A64, "https://x.example/list.txt?key=list", 0xaa},
        {A64 "  other.txt\n" B64 "  list.txt\n", "https://x.example/a/list.txt", 0xbb},
        {A64 "  list.txt\n" B64 " *b.txt\n", "https://x.example/a/list.txt#x", 0xaa},
        {A64 "  my-list.txt\n" B64 "  ./list.txt\r\n", "https://x.example/list.txt", 0xbb},
        {"SHA256 (list.txt) = " B64 "\n", "https://x.example/list.txt", 0xbb},
        {"# sums\n\n" A64 "\n", "https://x.example/", 0xaa},
        /* two sums, and none of them is the file's */
        {A64 "  other.txt\n" B64 "  third.txt\n", "https://x.example/list.txt", -1},
        {A64 "\n" B64 "\n", "https://x.example/", -1},
        {"", "https://x.example/list.txt", -1},
        {"no sum here", "https://x.example/list.txt", -1},
        {"aaaa", "https://x.example/list.txt", -1},
        {A64 "a", "https://x.example/list.txt", -1}, /* longer: another hash */
        {"x" A64, "https://x.example/list.txt", -1},
        {A64 A64, "https://x.example/list.txt", -1}, /* SHA-512 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t sum[32] = {0};
        bool found = nta_checksum_find(rows[i].text, rows[i].url, sum);

        if (found != (rows[i].first >= 0) || (found && sum[31] != rows[i].first))
            fail_msg("row %zu: %d %02x", i, found, sum[31]);
    }
}

static void what_is_kept_comes_back_and_nothing_else_is_believed(void **state)
{
    char folder[] = "/tmp/nta-fetch-state-XXXXXX", path[64], kept[80];
    struct nta_fetch_state one = {.etag = "\"abc def\"",
                                  .modified = "Sun, 29 Nov 2026 10:00:00 GMT"};
    struct nta_fetch_state two = {0};
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/list.txt", folder);
    (void)snprintf(kept, sizeof(kept), "%s.fetch", path);
    nta_fetch_hash("url", 3, one.url_sha256);
    nta_fetch_hash("file", 4, one.file_sha256);
    nta_fetch_hash("kept", 4, one.kept_sha256);
    assert_false(nta_fetch_state_read(path, &two));
    assert_int_equal(nta_fetch_state_write(path, &one), 0);
    assert_true(nta_fetch_state_read(path, &two));
    assert_memory_equal(&one, &two, sizeof(one));
    /* cut: a hash is missing */
    assert_int_equal(truncate(kept, 100), 0);
    assert_false(nta_fetch_state_read(path, &two));
    file = fopen(kept, "we");
    assert_true(fputs("url\nfile x\nkept \n\n \n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_false(nta_fetch_state_read(path, &two));
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(symlink("/dev/zero", kept), 0);
    assert_false(nta_fetch_state_read(path, &two));
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(rmdir(folder), 0);
}

/** A file of these bytes. */
static int file_of(const void *bytes, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    return fd;
}

static int unpack(const void *bytes, size_t len, uint64_t max_bytes, char *buf, size_t size,
                  struct nta_err *err)
{
    int from = file_of(bytes, len), to = file_of("", 0);
    int r = nta_gunzip(from, to, max_bytes, err);

    memset(buf, 0, size);
    assert_true(pread(to, buf, size - 1, 0) >= 0);
    (void)close(from);
    (void)close(to);
    return r;
}

static void what_is_packed_is_unpacked_whole_or_not_at_all(void **state)
{
    uint8_t packed[256];
    z_stream stream = {.next_in = (uint8_t[]){"hello, hello, hello, database"},
                       .avail_in = 29,
                       .next_out = packed,
                       .avail_out = sizeof(packed)};
    struct nta_err err = {0};
    char buf[64];
    size_t len;

    (void)state;
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    len = sizeof(packed) - stream.avail_out;
    (void)deflateEnd(&stream);
    assert_int_equal(unpack(packed, len, 1000, buf, sizeof(buf), &err), 0);
    assert_string_equal(buf, "hello, hello, hello, database");
    assert_int_equal(unpack("plain", 5, 1000, buf, sizeof(buf), &err), 0);
    assert_string_equal(buf, "plain");
    assert_int_equal(unpack(packed, len, 28, buf, sizeof(buf), &err), -EFBIG);
    assert_non_null(strstr(err.text, "unpacks to more than 28 bytes"));
    for (size_t n = 3; n < len; n++)
        assert_int_equal(unpack(packed, n, 1000, buf, sizeof(buf), &err), -EBADMSG);
    packed[len - 6] ^= 1;
    assert_int_equal(unpack(packed, len, 1000, buf, sizeof(buf), &err), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_addresses_of_the_public_internet_are_public),
        cmocka_unit_test(a_published_sum_is_the_one_of_the_file),
        cmocka_unit_test(what_is_kept_comes_back_and_nothing_else_is_believed),
        cmocka_unit_test(what_is_packed_is_unpacked_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
