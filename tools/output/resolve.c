/* SPDX-License-Identifier: Apache-2.0 */
#include "output/resolve.h"

#include "base/hash.h"
#include "base/own.h"
#include "base/text.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum
{
    N_SLOTS = 131072, ///< A power of two, twice as many as
    N_KEPT = 65536,
    AT_A_TIME = 64,
    TIMEOUT_MS = 1000,
    TRIES = 2
};

struct slot
{
    struct nta_addr addr;
    char *name; ///< Owned; NULL: none, or not answered yet.
    bool is_used;
};

struct nta_resolve
{
    ares_channel channel;
    bool has_channel;
    struct nta_hash_key key;
    struct slot *slots; ///< Owned.
    size_t n_used;
    unsigned n_asked; ///< Not answered yet.
};

/** What an answer needs to find its place: slots never move while something is asked. */
struct question
{
    struct nta_resolve *resolve;
    struct slot *slot;
};

void nta_resolve_free(struct nta_resolve **resolve)
{
    struct nta_resolve *dead = NTA_TAKE(*resolve);

    if (!dead)
        return;
    if (dead->has_channel)
        ares_destroy(dead->channel); /* answers all that is asked with ARES_EDESTRUCTION */
    for (size_t i = 0; dead->slots && i < N_SLOTS; i++)
        free(dead->slots[i].name);
    free(dead->slots);
    free(dead);
    ares_library_cleanup();
}

int nta_resolve_new(const char *server, struct nta_resolve **ret_resolve, struct nta_err *err)
{
    NTA_AUTO(nta_resolve_free) struct nta_resolve *resolve = NULL;
    char lookups[] = "b"; /* DNS only: a hosts file of ours says nothing of theirs */
    struct ares_options options = {.timeout = TIMEOUT_MS, .tries = TRIES, .lookups = lookups};
    int status = ares_library_init(ARES_LIB_INIT_ALL);

    if (status != ARES_SUCCESS)
        return nta_err_set(err, -EIO, "--resolve: %s", ares_strerror(status));
    resolve = calloc(1, sizeof(*resolve));
    if (resolve)
        resolve->slots = calloc(N_SLOTS, sizeof(*resolve->slots));
    if (!resolve || !resolve->slots || nta_hash_key_random(&resolve->key) < 0)
        return nta_err_sys(err, -ENOMEM, "--resolve");
    status = ares_init_options(&resolve->channel, &options,
                               ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
    resolve->has_channel = status == ARES_SUCCESS;
    if (status == ARES_SUCCESS && server)
        status = ares_set_servers_ports_csv(resolve->channel, server);
    if (status != ARES_SUCCESS)
        return nta_err_set(err, -EINVAL, "--resolve: %s%s", ares_strerror(status),
                           server ? ": a server is ADDRESS or ADDRESS:PORT" : "");
    *ret_resolve = NTA_TAKE(resolve);
    return 0;
}

static struct slot *find_slot(const struct nta_resolve *resolve, const struct nta_addr *addr)
{
    size_t at = nta_hash_bytes(&resolve->key, addr->bytes, sizeof(addr->bytes)) & (N_SLOTS - 1);

    while (resolve->slots[at].is_used && !nta_addr_equal(&resolve->slots[at].addr, addr))
        at = (at + 1) & (N_SLOTS - 1);
    return &resolve->slots[at];
}

/** All is full: begin anew, once nothing is asked any more. */
static void forget_all(struct nta_resolve *resolve)
{
    nta_resolve_wait(resolve);
    for (size_t i = 0; i < N_SLOTS; i++)
        free(resolve->slots[i].name);
    memset(resolve->slots, 0, N_SLOTS * sizeof(*resolve->slots));
    resolve->n_used = 0;
}

static void on_answer(void *owner, int status, int n_timeouts, struct hostent *host)
{
    struct question *question = owner;

    (void)n_timeouts;
    question->resolve->n_asked--;
    if (status == ARES_SUCCESS && host && host->h_name && host->h_name[0])
        question->slot->name = strdup(host->h_name);
    free(question);
}

/** Let the sockets work for at most `most_ms`. */
static void work(struct nta_resolve *resolve, int most_ms)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd polls[ARES_GETSOCK_MAXNUM];
    struct timeval most = {.tv_sec = most_ms / 1000, .tv_usec = (long)(most_ms % 1000) * 1000};
    struct timeval space; /* `wait` may point there, or at `most` */
    const struct timeval *wait = ares_timeout(resolve->channel, &most, &space);
    int bits = ares_getsock(resolve->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t n = 0;

    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = (short)((ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
                               (ARES_GETSOCK_WRITABLE(bits, i) ? POLLOUT : 0));

        if (events)
            polls[n++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    (void)poll(polls, n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000));
    for (nfds_t i = 0; i < n; i++)
        ares_process_fd(resolve->channel,
                        polls[i].revents & ~POLLOUT ? polls[i].fd : ARES_SOCKET_BAD,
                        polls[i].revents & POLLOUT ? polls[i].fd : ARES_SOCKET_BAD);
    ares_process_fd(resolve->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what is overdue */
}

void nta_resolve_ask(struct nta_resolve *resolve, const struct nta_addr *addr)
{
    static const struct nta_addr unknown;
    bool v4 = nta_addr_is_v4(addr);
    struct question *question;

    if (nta_addr_equal(addr, &unknown) || find_slot(resolve, addr)->is_used)
        return;
    if (resolve->n_used == N_KEPT)
        forget_all(resolve);
    while (resolve->n_asked == AT_A_TIME)
        work(resolve, TIMEOUT_MS);
    question = malloc(sizeof(*question));
    if (!question)
        return;
    *question = (struct question){resolve, find_slot(resolve, addr)};
    question->slot->addr = *addr;
    question->slot->is_used = true;
    resolve->n_used++;
    resolve->n_asked++;
    ares_gethostbyaddr(resolve->channel, addr->bytes + (v4 ? 12 : 0), v4 ? 4 : 16,
                       v4 ? AF_INET : AF_INET6, on_answer, question);
}

void nta_resolve_wait(struct nta_resolve *resolve)
{
    while (resolve->n_asked > 0)
        work(resolve, TIMEOUT_MS);
}

struct nta_span nta_resolve_find(const struct nta_resolve *resolve, const struct nta_addr *addr)
{
    return nta_span_of(find_slot(resolve, addr)->name);
}
