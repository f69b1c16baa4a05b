/* SPDX-License-Identifier: Apache-2.0 */

/* A backup: what is written is read again, and what was cut, damaged or made up is told. */

#include "base/own.h"
#include "record/cbor/cbor.h"
#include "store/backup/backup_item.h"
#include "store/fixture.h"
#include "unit.h"

#include <errno.h>
#include <sys/mman.h>

/** A file in memory, as it is read. */
struct source
{
    const uint8_t *ptr;
    size_t len, step; ///< Given so many bytes at a time.
};

static ssize_t pull(void *owner, void *bytes, size_t size)
{
    struct source *source = owner;
    size_t n = size < source->len ? size : source->len;

    n = n < source->step ? n : source->step;
    if (n == 0)
        return 0;
    memcpy(bytes, source->ptr, n);
    source->ptr += n;
    source->len -= n;
    return (ssize_t)n;
}

static ssize_t pull_nothing(void *owner, void *bytes, size_t size)
{
    (void)owner;
    (void)bytes;
    (void)size;
    return -EIO;
}

/** How many items there are before it is whole (0) or not. */
static int read_to_end(struct nta_span file, size_t step, unsigned *ret_n, struct nta_err *err)
{
    struct source source = {file.ptr, file.len, step};
    struct nta_backup_reader reader = {.pull = pull, .owner = &source};
    struct nta_backup_item item;
    int r;

    *ret_n = 0;
    while ((r = nta_backup_next(&reader, &item, err)) == 1)
        (*ret_n)++;
    nta_backup_reader_done(&reader);
    return r;
}

static const uint8_t words[] = "any bytes";

/** A file of a key, a state, a head and `n` batches of `body_len`; the caller frees it. */
static struct nta_buf make_file(unsigned n, size_t body_len)
{
    static struct sample sample;
    struct nta_backup_writer writer;
    struct nta_buf file = {0};
    struct nta_err err;
    const int fd = memfd_create("backup", MFD_CLOEXEC);
    const struct nta_span bytes = {words, sizeof(words)};

    assert_true(fd >= 0);
    assert_int_equal(nta_backup_begin(&writer, fd, &err), 0);
    assert_int_equal(
        nta_backup_put(&writer, &(struct nta_backup_item){NTA_BACKUP_KEY, .bytes = bytes}, &err),
        0);
    assert_int_equal(
        nta_backup_put(&writer, &(struct nta_backup_item){NTA_BACKUP_STATE, .bytes = bytes}, &err),
        0);
    for (unsigned i = 0; i <= n; i++) {
        struct nta_backup_item item = {i ? NTA_BACKUP_BATCH : NTA_BACKUP_HEAD, .n_items = 0};

        sample_make(&sample,
                    &(struct sample_plan){.sensor = 3, .number = i + 1, .body_len = body_len},
                    NULL);
        item.sealed = sample.stored.sealed;
        assert_int_equal(nta_backup_put(&writer, &item, &err), 0);
    }
    assert_int_equal(nta_backup_end(&writer, &err), 0);
    nta_backup_writer_done(&writer);
    const off_t len = lseek(fd, 0, SEEK_END);

    assert_true(len > 0);
    uint8_t *space = nta_buf_reserve(&file, (size_t)len);

    assert_non_null(space);
    assert_int_equal(pread(fd, space, (size_t)len, 0), len);
    file.len = (size_t)len;
    (void)close(fd);
    return file;
}

static void what_is_written_is_read_again(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf file = make_file(5, 70000);
    static struct sample sample;
    struct source source = {file.ptr, file.len, 1000};
    struct nta_backup_reader reader = {.pull = pull, .owner = &source};
    struct nta_backup_item item;
    struct nta_stored row;
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_backup_next(&reader, &item, &err), 1);
    assert_int_equal(item.kind, NTA_BACKUP_KEY);
    assert_int_equal(item.bytes.len, sizeof(words));
    assert_memory_equal(item.bytes.ptr, words, sizeof(words));
    assert_int_equal(nta_backup_next(&reader, &item, &err), 1);
    assert_int_equal(item.kind, NTA_BACKUP_STATE);
    for (unsigned i = 0; i <= 5; i++) {
        const struct nta_sealed *wanted = &sample.stored.sealed;

        sample_make(&sample, &(struct sample_plan){.sensor = 3, .number = i + 1, .body_len = 70000},
                    NULL);
        assert_int_equal(nta_backup_next(&reader, &item, &err), 1);
        nta_backup_row(&item, &row);
        assert_int_equal(row.faults, i ? 0 : NTA_ROW_ABSENT);
        assert_int_equal(row.is_whole, i > 0);
        assert_int_equal(row.header.number, i + 1);
        assert_true(nta_span_equal(row.sealed.header, wanted->header));
        assert_true(nta_span_equal(row.sealed.signature, wanted->signature));
        assert_int_equal(row.sealed.body.len, i ? 70000 : 0);
        assert_true(i == 0 || nta_span_equal(row.sealed.body, wanted->body));
        assert_true(i == 0 || nta_span_equal(row.sealed.tokens, wanted->tokens));
    }
    assert_int_equal(nta_backup_next(&reader, &item, &err), 0);
    assert_int_equal(nta_backup_next(&reader, &item, &err), 0); /* and so it stays */
    assert_int_equal(reader.place.n_bytes, file.len);
    nta_backup_reader_done(&reader);
}

static void a_file_that_was_cut_is_never_whole(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf file = make_file(2, 50);
    struct nta_err err;
    unsigned n, most = 0;

    (void)state;
    for (size_t len = 0; len < file.len; len++) {
        uint8_t *copy = malloc(len ? len : 1);

        assert_non_null(copy);
        memcpy(copy, file.ptr, len);
        assert_int_equal(read_to_end((struct nta_span){copy, len}, 7, &n, &err), -EBADMSG);
        assert_true(n >= most); /* what was before the cut is given */
        most = n;
        free(copy);
    }
    assert_int_equal(most, 5);
    assert_int_equal(read_to_end(nta_buf_span(&file), SIZE_MAX, &n, &err), 0);
    assert_int_equal(n, 5);
}

static void no_byte_can_be_changed(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf file = make_file(2, 50);
    struct nta_err err;
    unsigned n;

    (void)state;
    for (size_t i = 0; i < file.len; i++) {
        file.ptr[i] ^= (uint8_t)(1U << (i % 8));
        assert_int_equal(read_to_end(nta_buf_span(&file), SIZE_MAX, &n, &err), -EBADMSG);
        file.ptr[i] ^= (uint8_t)(1U << (i % 8));
    }
}

/** The sentence that a file of these items gets. */
static void expect(const char *sentence, const struct nta_buf *items, size_t n_items,
                   const char *behind)
{
    NTA_AUTO(nta_buf_done) struct nta_buf file = {0};
    struct nta_err err = {0};
    unsigned n;

    for (size_t i = 0; i < n_items; i++)
        nta_cbor_put_bytes(&file, nta_buf_span(&items[i]));
    nta_buf_puts(&file, behind);
    assert_int_equal(read_to_end(nta_buf_span(&file), SIZE_MAX, &n, &err), -EBADMSG);
    assert_string_equal(err.text, sentence);
}

static struct nta_buf encoded(const struct nta_backup_item *item)
{
    struct nta_buf bytes = {0};

    nta_backup_encode(item, &bytes);
    assert_false(bytes.failed);
    return bytes;
}

static void what_is_no_backup_is_told_and_so_is_a_newer_one(void **state)
{
    struct nta_buf begin = encoded(&(struct nta_backup_item){.kind = NTA_BACKUP_BEGIN});
    struct nta_buf end = encoded(&(struct nta_backup_item){.kind = NTA_BACKUP_END, .n_items = 1});
    struct nta_buf both[] = {begin, end}, twice[] = {begin, begin};
    struct nta_err err = {0};
    unsigned n;

    (void)state;
    expect("not a backup of nta", NULL, 0, "");
    expect("not a backup of nta", NULL, 0, "SQLite format 3");
    expect("not a backup of nta", &end, 1, "");
    expect("it is cut short behind item 1", &begin, 1, "");
    expect("it is cut short or damaged behind item 1", &begin, 1, "x");
    expect("item 2 is not of its form", twice, 2, "");
    expect("it is damaged: its end is that of another file", both, 2, "");
    nta_hash_of((struct nta_span){NULL, 0}, both[1].ptr + 5); /* another hash */
    expect("it is damaged: its end is that of another file", both, 2, "");
    begin.ptr[begin.len - 1]++;
    expect("a newer nta made it: read it with that", &begin, 1, "");
    nta_buf_done(&begin);
    nta_buf_done(&end);

    NTA_AUTO(nta_buf_done) struct nta_buf file = make_file(0, 0);

    assert_int_equal(read_to_end(nta_buf_span(&file), SIZE_MAX, &n, &err), 0);
    nta_buf_put_u8(&file, 0);
    assert_int_equal(read_to_end(nta_buf_span(&file), SIZE_MAX, &n, &err), -EBADMSG);
    assert_string_equal(err.text, "there is something behind its end");
}

static void lengths_are_in_their_shortest_form_and_bounded(void **state)
{
    static const uint8_t rows[][8] = {
        {0x58, 0x01, 0x00},             /* one byte in two */
        {0x59, 0x00, 0xff},             /* 255 in three */
        {0x5a, 0x00, 0x00, 0xff, 0xff}, /* 65,535 in five */
        {0x5a, 0xff, 0xff, 0xff, 0xff}, /* 4 GiB */
        {0x5b, 0, 0, 0, 0, 0, 0, 0},    /* eight bytes of length */
        {0x5f},                         /* no length at all */
        {0x43, 0x83, 0x00, 0x60},       /* an array that ends early */
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf file = {0};
        struct nta_buf begin = encoded(&(struct nta_backup_item){.kind = NTA_BACKUP_BEGIN});
        struct nta_err err;
        unsigned n;

        nta_cbor_put_bytes(&file, nta_buf_span(&begin));
        nta_buf_put(&file, rows[i], sizeof(rows[i]));
        assert_int_equal(read_to_end(nta_buf_span(&file), SIZE_MAX, &n, &err), -EBADMSG);
        nta_buf_done(&begin);
    }
}

static void parts_longer_than_a_store_takes_are_refused(void **state)
{
    static uint8_t much[NTA_STORE_BODY_MAX + 1];
    const struct nta_span header = {much, 100}, signature = {much, NTA_SIGNATURE_LEN};
    const struct nta_backup_item good = {
        .kind = NTA_BACKUP_BATCH,
        .sealed = {header, signature, {much, 8}, {much, NTA_STORE_BODY_MAX}}};
    struct nta_backup_item bad[] = {good, good, good}, ret;

    (void)state;
    bad[0].sealed.body.len++;
    bad[1].sealed.signature.len--;
    bad[2].sealed.header.len = NTA_STORE_HEADER_MAX + 1;
    for (size_t i = 0; i <= NTA_N_ELEMENTS(bad); i++) {
        struct nta_buf bytes = encoded(i ? &bad[i - 1] : &good);

        assert_int_equal(nta_backup_decode(nta_buf_span(&bytes), &ret), i == 0);
        nta_buf_done(&bytes);
    }
}

static void what_the_disk_fails_with_is_given(void **state)
{
    struct nta_backup_reader reader = {.pull = pull_nothing};
    struct nta_backup_writer writer;
    struct nta_backup_item item;
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_backup_next(&reader, &item, &err), -EIO);
    assert_int_equal(nta_backup_begin(&writer, -1, &err), -EBADF);
    nta_backup_reader_done(&reader);
    nta_backup_writer_done(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_file_that_was_cut_is_never_whole),
        cmocka_unit_test(no_byte_can_be_changed),
        cmocka_unit_test(what_is_no_backup_is_told_and_so_is_a_newer_one),
        cmocka_unit_test(lengths_are_in_their_shortest_form_and_bounded),
        cmocka_unit_test(parts_longer_than_a_store_takes_are_refused),
        cmocka_unit_test(what_the_disk_fails_with_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
