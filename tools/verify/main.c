/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta-verify: `nta verify CASE.zip` alone, as one static program that can be carried anywhere.  It
 * reads that one file, opens no other, and needs no secret.
 */
#include "base/version.h"
#include "cases/show.h"
#include "output/fail.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: nta-verify CASE.zip --key KEY [--witness KEY] [--json]\n\n"
    "Check a case that `nta evidence` made, line by line: by itself, offline,\n"
    "without any secret.  The codes of a sheet, as `zbarimg --raw -Sbinary` reads\n"
    "them, too.\n\n"
    "  -k, --key KEY   the sensor's key (nta-sensor-...), or its fingerprint of 32\n"
    "                  digits, as somebody noted it on paper when the sensor was set\n"
    "                  up; can be said again\n"
    "  -w, --witness KEY  the key of a witness, as it prints it: it must have\n"
    "                  cosigned a head of the log that lies behind the records; can be\n"
    "                  said again\n"
    "  -j, --json      the result as one JSON object\n"
    "  -V, --version   which version this is\n"
    "  -h, --help      this text\n\n"
    "Exit status: 0 HOLDS, 1 WRONG, 2 wrong usage, 3 UNPROVED, or it could not run.\n";

static const struct option options[] = {
    {"key", required_argument, NULL, 'k'}, {"witness", required_argument, NULL, 'w'},
    {"json", no_argument, NULL, 'j'},      {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},      {NULL, 0, NULL, 0},
};

enum
{
    KEYS_MAX = 64
};

/** True: it is a witness's key. */
static bool take_witness(struct nta_note_key *keys, size_t *n)
{
    return *n < KEYS_MAX && nta_note_key_parse(nta_span_of(optarg), &keys[*n]) &&
           keys[(*n)++].algorithm == NTA_NOTE_COSIGNATURE;
}

static int usage(void)
{
    (void)fputs("Try 'nta-verify --help'.\n", stderr);
    return NTA_EXIT_USAGE;
}

/** All of it went out. */
static int say(const char *text)
{
    return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? NTA_EXIT_FAILURE : NTA_EXIT_OK;
}

int main(int argc, char **argv)
{
    const char *keys[KEYS_MAX];
    struct nta_note_key witnesses[KEYS_MAX];
    struct nta_case_question question = {.keys = keys, .witnesses = {.keys = witnesses}};
    int c;

    /* a configuration of OpenSSL may name modules, which a static program cannot load */
    if (setenv("OPENSSL_CONF", "/dev/null", 1) < 0) // NOLINT(concurrency-mt-unsafe): one thread
        return NTA_EXIT_FAILURE;
    while ((c = getopt_long(argc, argv, "k:w:jVh", options, NULL)) != -1)
        switch (c) {
        case 'k':
            if (question.n_keys == KEYS_MAX)
                return usage();
            keys[question.n_keys++] = optarg;
            break;
        case 'w':
            if (!take_witness(witnesses, &question.witnesses.n)) {
                (void)nta_cmd_fail(NTA_EXIT_USAGE,
                                   "--witness: %.200s is no key of a witness "
                                   "(NAME+ID+BASE64), or one too many",
                                   optarg);
                return usage();
            }
            break;
        case 'j': question.json = true; break;
        case 'V': return say(nta_version_named()) || say("\n") ? NTA_EXIT_FAILURE : NTA_EXIT_OK;
        case 'h': return say(help);
        default: return usage();
        }
    if (argc - optind != 1) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, argc == optind ? "which file?" : "one file at a time");
        return usage();
    }
    question.path = argv[optind];
    return nta_case_show(&question);
}
