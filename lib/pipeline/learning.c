/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/learning.h"

#include "session/who/bindings.h"
#include "who/beside/say.h"

enum
{
    SAVED_AT_ONCE = 256 ///< Places of the table looked at in one turn.
};

static void learn(struct nta_learning *learning, struct nta_session_parts *parts,
                  const struct nta_who_posted *posted)
{
    struct nta_who_news news;

    nta_who_learn(learning->table, &posted->fact, &news);
    if (learning->tells && posted->is_told && news.is_new)
        nta_bindings_tell(parts, &posted->fact, &news);
}

static void put_line(void *owner, const struct nta_who_fact *fact)
{
    nta_who_put_line(owner, fact);
}

static void save(struct nta_learning *learning, int64_t wall_ns)
{
    learning->saved = nta_who_each(learning->table, learning->saved, SAVED_AT_ONCE, wall_ns,
                                   put_line, &learning->lines);
    if (learning->saved == 0)
        atomic_store_explicit(&learning->saving, NTA_SAVING_DONE, memory_order_release);
}

/** All tables lose the same: one of them counts it. */
static void count_evicted(struct nta_learning *learning, struct nta_counters *counters)
{
    uint64_t n_evicted;

    (void)nta_who_count(learning->table, &n_evicted);
    if (n_evicted != learning->n_evicted)
        nta_count(counters, NTA_COUNTER_WHO_EVICTED, n_evicted - learning->n_evicted);
    learning->n_evicted = n_evicted;
}

void nta_learning_turn(struct nta_learning *learning, struct nta_session_parts *parts,
                       int64_t wall_ns)
{
    const struct nta_who_sheet *sheet;

    while (learning->board && (sheet = nta_who_board_next(learning->board, &learning->place))) {
        for (size_t i = 0; i < sheet->n; i++)
            learn(learning, parts, &sheet->posted[i]);
    }
    if (learning->tells)
        count_evicted(learning, &parts->counters);
    if (atomic_load_explicit(&learning->saving, memory_order_acquire) == NTA_SAVING_ASKED)
        save(learning, wall_ns);
}

void nta_learning_ask(struct nta_learning *learning)
{
    if (atomic_load_explicit(&learning->saving, memory_order_acquire) == NTA_SAVING_ASKED)
        return;
    nta_buf_clear(&learning->lines);
    learning->saved = 0;
    atomic_store_explicit(&learning->saving, NTA_SAVING_ASKED, memory_order_release);
}

struct nta_span nta_learning_take(struct nta_learning *learning)
{
    if (atomic_load_explicit(&learning->saving, memory_order_acquire) != NTA_SAVING_DONE)
        return (struct nta_span){0};
    atomic_store_explicit(&learning->saving, NTA_SAVING_NOT, memory_order_relaxed);
    return learning->lines.failed ? (struct nta_span){0} : nta_buf_span(&learning->lines);
}

void nta_learning_put(const struct nta_learning *learning, int64_t wall_ns, struct nta_buf *out)
{
    size_t at = 0;

    do
        at = nta_who_each(learning->table, at, SAVED_AT_ONCE, wall_ns, put_line, out);
    while (at > 0);
}
