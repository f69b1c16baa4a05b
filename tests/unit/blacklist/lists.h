/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Small lists for tests: texts -> files -> a set. */

#include "base/own.h"
#include "base/text.h"
#include "blacklist/blacklist.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/** A list file of a test; gives its path (static, good until the next eight calls). */
static inline const char *list_file(const char *text, size_t len)
{
    static char paths[8][64];
    static unsigned n;
    char *path = paths[n++ % 8];
    int fd;

    (void)snprintf(path, sizeof(paths[0]), "/tmp/nta-list-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    return path;
}

/** Add a text as a list; the file is gone afterwards. */
static inline int add_text(struct nta_blacklist_builder *builder, const char *text, bool allow,
                           struct nta_buf *complaints, struct nta_err *err)
{
    const char *path = list_file(text, strlen(text));
    struct nta_list_source source = {
        .path = path, .name = allow ? "allow" : "deny", .category = "test", .allow = allow};
    int r = nta_blacklist_builder_add(builder, &source, complaints, err);

    assert_int_equal(unlink(path), 0);
    return r;
}

/** A set of a deny list and perhaps an allow list. */
static inline struct nta_blacklist *set_of(const char *deny, const char *allow)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    if (add_text(builder, deny, false, NULL, &err) < 0)
        fail_msg("%s", err.text);
    if (allow && add_text(builder, allow, true, NULL, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    return set;
}

/** "entry@line" of the verdict for a name, "-" if it is not denied (static). */
static inline const char *verdict(const struct nta_blacklist *set, const char *name)
{
    static char text[NTA_NAME_SIZE + 16];
    char normal[NTA_NAME_SIZE], buf[NTA_NAME_SIZE];
    size_t len = nta_blacklist_name(nta_span_of(name), normal);
    struct nta_hit hit;

    if (!nta_blacklist_match_name(set, normal, len, buf, &hit))
        return "-";
    (void)snprintf(text, sizeof(text), "%.*s@%u", (int)hit.entry.len, (const char *)hit.entry.ptr,
                   (unsigned)hit.line);
    return text;
}

/** The same for an address. */
static inline const char *verdict_addr(const struct nta_blacklist *set, const char *addr_text)
{
    static char text[NTA_NAME_SIZE + 16];
    char buf[NTA_NAME_SIZE];
    struct nta_addr addr;
    struct nta_hit hit;

    assert_int_equal(nta_addr_parse(addr_text, strlen(addr_text), &addr), 0);
    if (!nta_blacklist_match_addr(set, &addr, buf, &hit))
        return "-";
    assert_true(hit.weak);
    (void)snprintf(text, sizeof(text), "%.*s@%u", (int)hit.entry.len, (const char *)hit.entry.ptr,
                   (unsigned)hit.line);
    return text;
}

/** The same for an address at a port. */
static inline const char *verdict_port(const struct nta_blacklist *set, const char *addr_text,
                                       uint16_t port)
{
    static char text[NTA_NAME_SIZE + 16];
    char buf[NTA_NAME_SIZE];
    struct nta_addr addr;
    struct nta_hit hit;

    assert_int_equal(nta_addr_parse(addr_text, strlen(addr_text), &addr), 0);
    if (!nta_blacklist_match_server(set, &addr, port, buf, &hit))
        return nta_blacklist_allows_server(set, &addr, port, buf, &hit) ? "allowed" : "-";
    assert_true(hit.weak);
    (void)snprintf(text, sizeof(text), "%.*s@%u", (int)hit.entry.len, (const char *)hit.entry.ptr,
                   (unsigned)hit.line);
    return text;
}

/** The same for a URL's host and target. */
static inline const char *verdict_url(const struct nta_blacklist *set, const char *host,
                                      const char *target)
{
    static char text[1024];
    struct nta_hit hit;

    if (!nta_blacklist_match_url(set, nta_span_of(host), nta_span_of(target), &hit))
        return "-";
    assert_int_equal(hit.kind, NTA_HIT_URL);
    (void)snprintf(text, sizeof(text), "%.*s@%u", (int)hit.entry.len, (const char *)hit.entry.ptr,
                   (unsigned)hit.line);
    return text;
}
