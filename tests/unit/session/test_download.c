/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads: what is one, what belongs to it, what is none. */
#include "base/hex.h"
#include "blacklist/marks.h"
#include "pipeline/kit.h"
#include "session/state/download_table.h"

#define ANN      "10.0.0.5"
#define BOB      "10.0.0.6"
#define SITE     "198.51.100.7"
#define DOWNLOAD "\"event\":\"download\""

enum
{
    LEAST = 1000,
    SEGMENT = 1000,
    FILE_SIZE = 10000,
    CONTENT_SIZE = 40000
};

static struct kit kit;
static char line[8192];
static uint16_t client_port = 41000;
static const struct nta_span none;
static uint8_t content[CONTENT_SIZE];
static char sha256[2 * 32 + 1]; ///< Of the first FILE_SIZE bytes of it, in hex.

static int setup(void **state)
{
    struct nta_file_hash hash;
    uint8_t bytes[32];

    (void)state;
    for (size_t i = 0; i < CONTENT_SIZE; i++)
        content[i] = (uint8_t)(i * 31 + i / 256);
    nta_file_hash_begin(&hash);
    nta_file_hash_put(&hash, (struct nta_span){content, FILE_SIZE});
    nta_file_hash_end(&hash, bytes);
    (void)nta_hex_text(bytes, sizeof(bytes), sha256);
    kit_init(&kit);
    kit.config->alert.download_bytes = LEAST;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static struct wire_tcp open_from(const char *client, uint16_t port)
{
    struct wire_tcp tcp = {{client, client_port++}, {SITE, port}, {1000, 2000}};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, none);
    return tcp;
}

static void say(struct wire_tcp *tcp, unsigned side, const char *text)
{
    wire_segment(&kit.wire, tcp, side, WIRE_ACK, nta_span_of(text));
}

/** So many bytes of the file that everybody fetches here, and that they came. */
static void give_from(struct wire_tcp *tcp, unsigned side, size_t at, size_t len)
{
    for (size_t end = at + len; at < end; at += nta_smaller(end - at, SEGMENT))
        wire_segment(&kit.wire, tcp, side, WIRE_ACK,
                     (struct nta_span){content + at, nta_smaller(end - at, SEGMENT)});
    wire_segment(&kit.wire, tcp, 1 - side, WIRE_ACK, none);
}

static void give(struct wire_tcp *tcp, unsigned side, size_t len)
{
    give_from(tcp, side, 0, len);
}

static void close_tcp(struct wire_tcp *tcp)
{
    wire_segment(&kit.wire, tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, tcp, 1, WIRE_ACK, none);
}

/** A GET of bytes from `first` on of a file of `total`: request and the answer's head. */
static void ask(struct wire_tcp *tcp, const char *path, size_t first, size_t len, size_t total)
{
    char text[400];

    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: files.bad.example\r\n\r\n", path);
    say(tcp, 0, text);
    if (len < total)
        (void)snprintf(text, sizeof(text),
                       "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %zu-%zu/%zu\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       first, first + len - 1, total, len);
    else
        (void)snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
    say(tcp, 1, text);
}

/** A whole connection with one answer, of which `come` bytes come. */
static void fetch(const char *client, const char *path, size_t first, size_t len, size_t total,
                  size_t come)
{
    struct wire_tcp tcp = open_from(client, 80);

    ask(&tcp, path, first, len, total);
    give_from(&tcp, 1, first, come);
    close_tcp(&tcp);
}

static size_t n_downloads(void)
{
    return kit_find(&kit, DOWNLOAD, "", line, sizeof(line));
}

static void assert_one(const char *expected)
{
    kit_says(&kit, DOWNLOAD, "", expected, line, sizeof(line));
}

/** In four parts at once, the last one first. */
static void fetch_in_parts(void)
{
    struct wire_tcp tcp[4];

    for (size_t i = 0; i < 4; i++) {
        tcp[i] = open_from(ANN, 80);
        ask(&tcp[i], "/film.mkv", 2500 * i, 2500, FILE_SIZE);
    }
    for (size_t i = 4; i-- > 0;) {
        give_from(&tcp[i], 1, 2500 * i, 2500);
        close_tcp(&tcp[i]);
    }
}

/** The only download has this hash. */
static void assert_hashed(void)
{
    char text[100];

    (void)snprintf(text, sizeof(text), "\"sha256\":\"%s\"", sha256);
    assert_one(text);
}

static void ranges_over_several_connections_are_one(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch_in_parts();
    kit_run(&kit);
    assert_hashed();
    assert_one("\"kind\":\"video\",\"expected\":10000,\"seen\":10000,\"complete\":true,"
               "\"parts\":4}");
    assert_one("\"rule\":\"bytes\"");
    assert_one("\"download\":true");
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "film.mkv", NULL, 0), 4);
    const char *requests = strstr(line, "\"requests\":[");

    assert_non_null(requests);
    for (unsigned i = 0; i < 3; i++)
        assert_non_null(requests = strchr(requests + 1, ','));
}

static void a_list_has_the_hash_of_what_came_in_parts(void **state)
{
    char text[100];

    (void)state;
    (void)snprintf(text, sizeof(text), "%s\n", sha256);
    kit_list(&kit, text, false);
    fetch_in_parts();
    kit_run(&kit);
    assert_hashed();
    assert_one("\"kind\":\"hash\"");
    assert_one("\"download\":true");
    kit_says(&kit, "\"event\":\"alert\"", "film.mkv", "\"kind\":\"hash\"", line, sizeof(line));
}

static void parts_that_need_more_memory_than_there_is_have_no_hash(void **state)
{
    (void)state;
    kit.config->record.hash_memory = 0;
    kit_list(&kit, "bad.example\n", false);
    fetch_in_parts();
    kit_run(&kit);
    assert_one("\"complete\":true,\"parts\":4,\"no_hash\":\"memory\"");
}

static void files_of_any_site_are_hashed_where_that_is_wanted(void **state)
{
    (void)state;
    free(kit.config->record.hash);
    kit.config->record.hash = strdup("all");
    fetch(ANN, "/film.mkv", 0, FILE_SIZE, FILE_SIZE, FILE_SIZE);
    kit_run(&kit);
    assert_hashed();
}

static void no_file_is_hashed_where_none_is_wanted(void **state)
{
    (void)state;
    free(kit.config->record.hash);
    kit.config->record.hash = strdup("none");
    kit_list(&kit, "bad.example\n", false);
    fetch_in_parts();
    kit_run(&kit);
    assert_one("\"parts\":4,\"no_hash\":\"off\"");
}

static void a_hole_is_why_there_is_no_hash(void **state)
{
    struct wire_tcp tcp = open_from(ANN, 80);

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    ask(&tcp, "/film.mkv", 0, FILE_SIZE, FILE_SIZE);
    give_from(&tcp, 1, 0, 5000);
    tcp.seq[1] += 1000;
    give_from(&tcp, 1, 6000, 4000);
    close_tcp(&tcp);
    kit_run(&kit);
    assert_one("\"seen\":9000,\"lost\":1000,\"complete\":true,\"parts\":1,\"no_hash\":\"lost\"");
}

static void parts_that_are_done_long_before_others_belong_to_the_same(void **state)
{
    struct wire_tcp slow = open_from(ANN, 80);

    (void)state;
    ask(&slow, "/film.mkv", 5000, 5000, 10000);
    fetch(ANN, "/film.mkv", 0, 5000, 10000, 5000);
    for (unsigned i = 0; i < 5; i++) {
        kit.wire.second += 40;
        give(&slow, 1, 1000);
    }
    close_tcp(&slow);
    kit_run(&kit);
    assert_one("\"complete\":true,\"parts\":2");
}

static void what_broke_off_is_told_with_what_came(void **state)
{
    (void)state;
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    kit_run(&kit);
    assert_one("\"bytes\":6000,\"kind\":\"video\",\"expected\":10000,\"seen\":6000,"
               "\"complete\":false,\"parts\":1,\"no_hash\":\"off\"}");
}

static void a_retry_makes_good_what_broke_off(void **state)
{
    (void)state;
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    fetch(ANN, "/film.mkv", 5000, 5000, 10000, 5000); /* some of it a second time */
    kit_run(&kit);
    assert_one("\"bytes\":10000,\"kind\":\"video\",\"expected\":10000,\"seen\":10000,"
               "\"complete\":true,\"parts\":2");
}

static void a_retry_that_repeats_the_same_bytes_has_their_hash(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    fetch(ANN, "/film.mkv", 5000, 5000, 10000, 5000);
    kit_run(&kit);
    assert_hashed();
    assert_one("\"complete\":true,\"parts\":2");
}

/** The server has another file there, of the same length, and says nothing of it. */
static void readings_that_differ_where_they_overlap_are_no_one_file(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    content[5500] ^= 1;
    fetch(ANN, "/film.mkv", 5000, 5000, 10000, 5000);
    kit_run(&kit);
    assert_one("\"complete\":false,\"parts\":2,\"no_hash\":\"overlap\"");
    assert_one("\"disagrees\":[\"overlap\"]");
}

static void who_begins_anew_has_the_hash_of_the_second_reading(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    content[100] ^= 1;
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    content[100] ^= 1;
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 10000);
    kit_run(&kit);
    assert_hashed();
    assert_one("\"complete\":true,\"parts\":2");
    assert_int_equal(kit_find(&kit, DOWNLOAD, "\"disagrees\"", NULL, 0), 0);
}

/** What the first connection still brings is not of the reading that began after it. */
static void a_reading_that_goes_on_beside_a_newer_one_is_not_mixed_with_it(void **state)
{
    struct wire_tcp slow = open_from(ANN, 80);

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    ask(&slow, "/film.mkv", 0, 10000, 10000);
    give_from(&slow, 1, 0, 6000);
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    give_from(&slow, 1, 6000, 4000);
    close_tcp(&slow);
    kit_run(&kit);
    assert_one("\"complete\":true,\"parts\":2,\"no_hash\"");
}

static void a_hole_in_a_reading_is_no_hole_in_the_next(void **state)
{
    struct wire_tcp tcp = open_from(ANN, 80);

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    ask(&tcp, "/film.mkv", 0, FILE_SIZE, FILE_SIZE);
    give_from(&tcp, 1, 0, 3000);
    tcp.seq[1] += 1000;
    give_from(&tcp, 1, 4000, 3000);
    close_tcp(&tcp);
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 10000);
    kit_run(&kit);
    assert_hashed();
}

/** The first bytes of a file of 10,000, with this field; `come` of them from `first` on. */
static void fetch_version(const char *etag, size_t first, size_t come)
{
    struct wire_tcp tcp = open_from(ANN, 80);
    char text[400];

    say(&tcp, 0, "GET /film.mkv HTTP/1.1\r\nHost: files.bad.example\r\n\r\n");
    (void)snprintf(text, sizeof(text),
                   "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %zu-9999/10000\r\n"
                   "ETag: %s\r\nContent-Length: %zu\r\n\r\n",
                   first, etag, 10000 - first);
    say(&tcp, 1, text);
    give_from(&tcp, 1, first, come);
    close_tcp(&tcp);
}

static void parts_of_two_versions_are_of_two_files(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch_version("\"one\"", 0, 5000);
    fetch_version("\"two\"", 5000, 5000);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 2);
    assert_int_equal(kit_find(&kit, DOWNLOAD, "\"complete\":false", NULL, 0), 2);
}

static void parts_of_one_version_are_of_one_file(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch_version("\"one\"", 0, 5000);
    fetch_version("\"one\"", 5000, 5000);
    kit_run(&kit);
    assert_hashed();
    assert_one("\"complete\":true,\"parts\":2");
}

/** A part whose length is another one than it says lies nobody knows where. */
static void a_range_that_its_length_contradicts_has_no_place(void **state)
{
    struct wire_tcp tcp;

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch(ANN, "/film.mkv", 0, 10000, 10000, 6000);
    tcp = open_from(ANN, 80);
    say(&tcp, 0, "GET /film.mkv HTTP/1.1\r\nHost: files.bad.example\r\n\r\n");
    say(&tcp, 1,
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 6000-9999/10000\r\n"
        "Content-Length: 5000\r\n\r\n");
    give_from(&tcp, 1, 6000, 5000);
    close_tcp(&tcp);
    kit_run(&kit);
    assert_one("\"complete\":false,\"parts\":2,\"no_hash\":\"lost\"");
}

static void who_fetches_a_file_twice_has_two_downloads(void **state)
{
    (void)state;
    fetch(ANN, "/film.mkv", 0, 2000, 2000, 2000);
    fetch(ANN, "/film.mkv", 0, 2000, 2000, 2000);
    fetch(ANN, "/broken.mkv", 0, 9000, 9000, 2000);
    kit.wire.second += 2 * (uint32_t)(NTA_DOWNLOAD_WAIT_NS / NTA_NS_PER_S);
    fetch(ANN, "/broken.mkv", 0, 9000, 9000, 3000);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 4);
}

static void two_users_have_a_download_each(void **state)
{
    (void)state;
    fetch(ANN, "/film.mkv", 0, 5000, 10000, 5000);
    fetch(BOB, "/film.mkv", 5000, 5000, 10000, 5000);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 2);
    assert_int_equal(kit_find(&kit, DOWNLOAD, "\"complete\":false", NULL, 0), 2);
}

static void little_content_is_none_unless_it_is_a_program(void **state)
{
    struct wire_tcp tcp;

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    fetch(ANN, "/page.html", 0, LEAST - 1, LEAST - 1, LEAST - 1);
    fetch(ANN, "/tool.exe", 0, 9, 9, 9);
    tcp = open_from(ANN, 80);
    say(&tcp, 0, "GET /plain HTTP/1.1\r\nHost: files.bad.example\r\n\r\n");
    say(&tcp, 1,
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x7f"
        "ELF");
    close_tcp(&tcp);
    tcp = open_from(ANN, 80); /* large, and not what was asked for */
    say(&tcp, 0, "GET /no HTTP/1.1\r\nHost: files.bad.example\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 404 No\r\nContent-Length: 5000\r\n\r\n");
    give(&tcp, 1, 5000);
    close_tcp(&tcp);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 2);
    kit_says(&kit, DOWNLOAD, "tool.exe", "\"rule\":\"kind\"", line, sizeof(line));
    kit_says(&kit, DOWNLOAD, "/plain", "\"kind\":\"program\"", line, sizeof(line));
    kit_says(&kit, "\"event\":\"request\"", "page.html", "\"act\":\"contacted\"", line,
             sizeof(line));
    assert_non_null(strstr(line, "\"download\":false"));
}

/** A file of `len` bytes that begins with that mark. */
static void fetch_marked(const char *path, const char *mark, size_t len)
{
    struct wire_tcp tcp = open_from(ANN, 80);

    ask(&tcp, path, 0, len, len);
    say(&tcp, 1, mark);
    give(&tcp, 1, len - strlen(mark));
    close_tcp(&tcp);
}

static void a_small_archive_or_document_is_one_and_text_is_none(void **state)
{
    (void)state;
    kit.config->alert.download_bytes = 5000;
    kit_list(&kit, "bad.example\n", false);
    fetch_marked("/bill.pdf", "%PDF-1.7\n", 1024);
    fetch_marked("/all.rar", "Rar!\x1a\a\1", 1024);
    fetch_marked("/short.pdf", "%PDF-1.7\n", 1023);
    fetch_marked("/notes.txt", "notes\n", 1024);
    fetch_marked("/face.png", "\x89PNG\r\n\x1a\n", 1024);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 2);
    kit_says(&kit, DOWNLOAD, "bill.pdf", "\"rule\":\"kind\"", line, sizeof(line));
    kit_says(&kit, DOWNLOAD, "all.rar", "\"rule\":\"kind\"", line, sizeof(line));
}

static void an_upload_with_a_short_answer_is_none(void **state)
{
    struct wire_tcp tcp = open_from(ANN, 80);

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    say(&tcp, 0, "POST /in HTTP/1.1\r\nHost: files.bad.example\r\nContent-Length: 5000\r\n\r\n");
    give(&tcp, 0, 5000);
    say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n0123456789012345678901");
    close_tcp(&tcp);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 0);
    kit_says(&kit, "\"event\":\"request\"", "/in", "\"act\":\"uploaded\"", line, sizeof(line));
}

static void connections_that_cannot_be_read_are_one_visit(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\n", false);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 3000);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 4000);
    kit_run(&kit);
    assert_one("\"bytes\":7000,\"seen\":7000,\"parts\":2,\"no_hash\":\"unread\"");
    assert_one("\"download\":false"); /* by its address alone */
    assert_one("\"act\":\"downloaded\"");
}

static void what_went_out_over_a_connection_that_cannot_be_read_is_an_upload(void **state)
{
    struct wire_tcp tcp = open_from(ANN, 9999);

    (void)state;
    say(&tcp, 0, "\x01\x02\x03\x04");
    give(&tcp, 0, 30000);
    give(&tcp, 1, 2000);
    close_tcp(&tcp);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 0);
    kit_says(&kit, "\"event\":\"flow\"", "", "\"act\":\"uploaded\"", line, sizeof(line));
}

static void what_others_fetch_from_us_is_no_download_of_ours(void **state)
{
    struct wire_tcp tcp = {{SITE, 50000}, {ANN, 80}, {1000, 2000}};

    (void)state;
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, none);
    ask(&tcp, "/film.mkv", 0, 5000, 5000);
    give(&tcp, 1, 5000);
    close_tcp(&tcp);
    kit_run(&kit);
    assert_int_equal(n_downloads(), 0);
}

static void more_than_are_kept_are_told_early(void **state)
{
    char path[32];

    (void)state;
    for (unsigned i = 0; i < NTA_DOWNLOADS_MAX + 2; i++) {
        (void)snprintf(path, sizeof(path), "/%u.mkv", i);
        fetch(ANN, path, 0, 5000, 5000, LEAST);
        kit.wire.second = 1770000000;
    }
    kit_run(&kit);
    assert_int_equal(n_downloads(), NTA_DOWNLOADS_MAX + 2);
    assert_int_equal(kit.counters[NTA_COUNTER_DOWNLOAD_LIMIT], 2);
}

static void none_that_no_list_forbids_where_they_are_not_wanted(void **state)
{
    (void)state;
    kit.config->record.downloads = kit.config->record.requests = false;
    kit_list(&kit, "bad.example\n", false);
    fetch(ANN, "/film.mkv", 0, 5000, 5000, 5000);
    wire_connection(&kit.wire, ANN, "198.51.100.8", 9999, nta_span_of("\x01\x02\x03\x04"), 3000);
    kit_run(&kit);
    assert_one("film.mkv");
}

#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_KIT(ranges_over_several_connections_are_one),
        IN_KIT(a_list_has_the_hash_of_what_came_in_parts),
        IN_KIT(parts_that_need_more_memory_than_there_is_have_no_hash),
        IN_KIT(files_of_any_site_are_hashed_where_that_is_wanted),
        IN_KIT(no_file_is_hashed_where_none_is_wanted),
        IN_KIT(a_hole_is_why_there_is_no_hash),
        IN_KIT(parts_that_are_done_long_before_others_belong_to_the_same),
        IN_KIT(what_broke_off_is_told_with_what_came),
        IN_KIT(a_retry_makes_good_what_broke_off),
        IN_KIT(a_retry_that_repeats_the_same_bytes_has_their_hash),
        IN_KIT(readings_that_differ_where_they_overlap_are_no_one_file),
        IN_KIT(who_begins_anew_has_the_hash_of_the_second_reading),
        IN_KIT(a_reading_that_goes_on_beside_a_newer_one_is_not_mixed_with_it),
        IN_KIT(a_hole_in_a_reading_is_no_hole_in_the_next),
        IN_KIT(parts_of_two_versions_are_of_two_files),
        IN_KIT(parts_of_one_version_are_of_one_file),
        IN_KIT(a_range_that_its_length_contradicts_has_no_place),
        IN_KIT(who_fetches_a_file_twice_has_two_downloads),
        IN_KIT(two_users_have_a_download_each),
        IN_KIT(little_content_is_none_unless_it_is_a_program),
        IN_KIT(a_small_archive_or_document_is_one_and_text_is_none),
        IN_KIT(an_upload_with_a_short_answer_is_none),
        IN_KIT(connections_that_cannot_be_read_are_one_visit),
        IN_KIT(what_went_out_over_a_connection_that_cannot_be_read_is_an_upload),
        IN_KIT(what_others_fetch_from_us_is_no_download_of_ours),
        IN_KIT(more_than_are_kept_are_told_early),
        IN_KIT(none_that_no_list_forbids_where_they_are_not_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
