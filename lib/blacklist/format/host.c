/* SPDX-License-Identifier: Apache-2.0 */
/* Host names of lists, and which of them would cover everybody's. */
#include "blacklist/format/line.h"
#include "blacklist/name/norm.h"

#include <libpsl.h>

/** True if `label` is one of the `n` labels of `len` bytes each that stand in `all`. */
static bool is_in(const char *all, size_t n, const char *label, size_t len)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(all + i * len, label, len) == 0)
            return true;
    }
    return false;
}

/**
 * True if a name of two or more labels that ends in this one cannot be a registry's suffix, so that
 * the list of suffixes need not be asked (which takes as long as all the rest of a line): the new
 * generic top-level domains have no suffixes below them, and neither have these country codes.
 */
static bool is_flat(const char *label, size_t len)
{
    switch (len) {
    case 2: return is_in("rutvdeccnltkcfsugqgaeuczdkskchli", 16, label, len);
    case 3: return !is_in("edugovintmilpro", 5, label, len);
    case 4: return !is_in("aeroarpacoopjobsname", 5, label, len);
    case 6: return !is_in("museumtravel", 2, label, len);
    default: return len > 1 && memcmp(label, "xn", 2) != 0;
    }
}

/**
 * The same for names of three or more labels: only these country codes have suffixes of so many.
 */
static bool is_shallow(const char *label, size_t len)
{
    if (len != 2)
        return true;
    if (memcmp(label, "uk", 2) == 0)
        return memcmp(label - 4, "sch.", 4) != 0; /* three labels: there are four bytes before */
    return !is_in("jpusplnobrauimattr", 9, label, len);
}

/**
 * True for "com" and "co.uk": names under which everybody registers.  Private suffixes (of hosters)
 * are none.
 */
static bool is_suffix(const char *name, const struct nta_norm *norm)
{
    const char *label = name + norm->last_label;
    size_t len = norm->len - norm->last_label;

    if ((norm->n_labels > 1 && is_flat(label, len)) ||
        (norm->n_labels > 2 && is_shallow(label, len)))
        return false;
    return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

enum nta_line nta_list_name(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    enum nta_line outcome = nta_list_plain(reader, text, flags);

    return outcome == NTA_LINE_OTHER ? nta_list_bad(reader, "not a host name") : outcome;
}

enum nta_line nta_list_plain(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    struct nta_norm norm = nta_norm_name(text, reader->buf);
    struct nta_list_entry entry = {.what = NTA_ENTRY_NAME, .flags = flags};

    if (norm.len == 0)
        return NTA_LINE_OTHER;
    if ((flags & NTA_VALUE_SUBS) && !reader->force) {
        if (is_suffix(reader->buf, &norm))
            return nta_list_refuse(
                reader, "a public suffix: it would cover everybody's names below it (key force)");
        if (norm.n_labels == 1)
            return nta_list_skip(
                reader, "a name without a dot (=name is exactly it, key force takes all below)");
    }
    entry.name = (struct nta_span){.ptr = (const uint8_t *)reader->buf, .len = norm.len};
    entry.n_labels = norm.n_labels;
    if (norm.symbols)
        reader->note = "taken: a name with symbols, which IDNA 2008 does not have (UTS #46)";
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}
