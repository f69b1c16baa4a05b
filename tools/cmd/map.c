/* SPDX-License-Identifier: Apache-2.0 */
/* nta map: where it was, for Google Earth and for whatever reads GeoJSON. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "cmd/cmd.h"
#include "export/map/geojson.h"
#include "export/map/kml.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/fresh.h"
#include "pages/note.h"
#include "view/about.h"
#include "view/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char help[] =
    "usage: nta map -o FILE.kml|.kmz|.geojson [OPTIONS]\n\n"
    "Write a map of who went where.  KML and KMZ (OGC KML 2.3) are for Google Earth:\n"
    "folders by user and by list, lines from users to servers, a time slider, a tour\n"
    "through the incidents.  GeoJSON (RFC 7946) is for everything else.  Where only\n"
    "the country is known, it is an area, not a pin.  Needs the auditor's key.\n\n"
    "  -o, --output FILE     the file; its name says which form; replaced when the\n"
    "                        new one is whole\n"
    "  -t, --title TEXT      its name; default: Network map\n"
    "  -n, --rows N          incidents in it at most, the weightiest; default\n"
    "                        2000\n"
    "      --live            make FILE.kml a link that Google Earth loads again and\n"
    "                        again, and write FILE.live.kmz beside it every so often\n"
    "                        until Ctrl-C\n"
    "      --every SECONDS   how often that is; default 30\n"
    "      --kml-2.2         in the namespace of KML 2.2, for programs that know no\n"
    "                        later one\n"
    "  -h, --help            this text\n\n" NTA_FILTER_HELP "\n"
    "examples:\n"
    "  nta map -o yesterday.kmz --since yesterday --until today\n"
    "  nta map -o live.kml --live --since today\n"
    "  nta map -o forbidden.geojson --matched\n";

enum form
{
    FORM_KML,
    FORM_KMZ,
    FORM_GEOJSON,
    FORM_OTHER
};

struct mapping
{
    struct nta_filters filters;
    struct nta_gathered gathered;
    struct nta_about_options about;
    const char *output;
    uint64_t every_s;
    uint64_t n_shown; ///< Things that do not hold, as was said last.
    bool is_live, is_2_2;
};

enum
{
    OPT_LIVE = NTA_OPT_ABOUT_OWN,
    OPT_EVERY,
    OPT_KML_2_2
};

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    NTA_ABOUT_OPTIONS,
    {"live", no_argument, NULL, OPT_LIVE},
    {"every", required_argument, NULL, OPT_EVERY},
    {"kml-2.2", no_argument, NULL, OPT_KML_2_2},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct mapping *mapping = owner;

    switch (option) {
    case 'o': mapping->output = optarg; return 0;
    case OPT_LIVE: mapping->is_live = true; return 0;
    case OPT_EVERY: return nta_options_number("--every", optarg, 1, 86400, &mapping->every_s, err);
    case OPT_KML_2_2: mapping->is_2_2 = true; return 0;
    default: return nta_about_take(&mapping->about, option, err);
    }
}

static enum form form_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (!dot)
        return FORM_OTHER;
    if (strcasecmp(dot, ".kml") == 0)
        return FORM_KML;
    if (strcasecmp(dot, ".kmz") == 0)
        return FORM_KMZ;
    return strcasecmp(dot, ".geojson") == 0 || strcasecmp(dot, ".json") == 0 ? FORM_GEOJSON
                                                                             : FORM_OTHER;
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    const struct mapping *mapping = owner;

    (void)arguments;
    (void)n_arguments;
    if (!mapping->output[0])
        return nta_err_set(err, -EINVAL, "which file? -o FILE.kml, .kmz or .geojson");
    if (form_of(mapping->output) == FORM_OTHER)
        return nta_err_set(err, -EINVAL, "the file's name must end in .kml, .kmz or .geojson");
    if (mapping->is_live && form_of(mapping->output) != FORM_KML)
        return nta_err_set(err, -EINVAL, "--live: the file's name must end in .kml");
    return 0;
}

static const struct nta_options options = {
    .command = "map",
    .known = known_options,
    .letters = NTA_FILTER_LETTERS NTA_ABOUT_LETTERS "o:h",
    .help = help,
    .take = take_option,
    .check = check_options,
};

static int write_form(struct mapping *mapping, const struct nta_view_about *about, enum form form,
                      FILE *out, struct nta_err *err)
{
    const struct nta_kml_options kml = {.about = about, .is_2_2 = mapping->is_2_2};

    return form == FORM_GEOJSON ? nta_geojson_write(out, mapping->gathered.view, about, err)
                                : nta_kml_write(out, mapping->gathered.view, &kml, err);
}

/** A KMZ is packed from a file without a name. */
static int write_kmz(struct mapping *mapping, const struct nta_view_about *about, const char *path,
                     struct nta_err *err)
{
    NTA_AUTO_FILE FILE *kml = tmpfile();

    if (!kml)
        return nta_err_sys(err, -errno, "a temporary file");
    int r = write_form(mapping, about, FORM_KMZ, kml, err);

    if (r < 0)
        return r;
    mode_t mask = umask(077); /* for the owner only, as with the other forms */

    r = nta_kmz_pack(NTA_TAKE(kml), path, err);
    (void)umask(mask);
    return r;
}

static enum nta_fresh_kind kind_of(const char *path)
{
    const enum form form = form_of(path);

    return form == FORM_KML ? NTA_FRESH_KML : form == FORM_KMZ ? NTA_FRESH_KMZ : NTA_FRESH_GEOJSON;
}

static int write_map(struct mapping *mapping, const char *path, struct nta_err *err)
{
    struct nta_gathered *gathered = &mapping->gathered;
    NTA_AUTO(nta_fresh_drop) struct nta_fresh_file fresh = NTA_FRESH_NONE;
    struct nta_about_buf buf;
    struct nta_view_about about =
        nta_about(&mapping->about, &mapping->filters, gathered->search, &buf);

    if (!about.title)
        about.title = "Network map";
    int r = nta_fresh_is_ours(path, kind_of(path), err);

    if (r == 0 && form_of(path) == FORM_KMZ)
        return write_kmz(mapping, &about, path, err);
    if (r == 0)
        r = nta_fresh_open(&fresh, path, err);
    if (r == 0)
        r = write_form(mapping, &about, form_of(path), fresh.file, err);
    return r < 0 ? r : nta_fresh_commit(&fresh, true, err);
}

/** Read and write once; "2h" is counted from now on each time. */
static int map_once(struct mapping *mapping, const char *path, struct nta_err *err)
{
    int r = nta_filters_finish(&mapping->filters, nta_clock_wall_ns(), err);

    nta_view_free(&mapping->gathered.view);
    if (r == 0)
        r = nta_gather(&mapping->filters, &mapping->gathered, err);
    return r < 0 ? r : write_map(mapping, path, err);
}

/** For nta verify; not each time of a map that is live. */
static int note(const struct mapping *mapping, struct nta_err *err)
{
    NTA_AUTO_FD int fd = open(mapping->output, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    return fd < 0 ? nta_err_sys(err, -errno, "%.300s", mapping->output)
                  : nta_page_note_file(fd, mapping->gathered.state.n_found, err);
}

/** X.kml is the link, X.live.kmz what it loads. */
static int write_link(struct mapping *mapping, char data_path[4096], struct nta_err *err)
{
    NTA_AUTO(nta_fresh_drop) struct nta_fresh_file fresh = NTA_FRESH_NONE;
    size_t len = strlen(mapping->output) - strlen(".kml");
    int r = nta_fresh_is_ours(mapping->output, NTA_FRESH_KML, err);

    if (r == 0)
        r = nta_fresh_open(&fresh, mapping->output, err);
    if (r == 0 && snprintf(data_path, 4096, "%.*s.live.kmz", (int)len, mapping->output) >= 4096)
        r = nta_err_sys(err, -ENAMETOOLONG, "%.200s", mapping->output);
    if (r == 0) {
        const char *slash = strrchr(data_path, '/');

        r = nta_kml_write_link(
            fresh.file, mapping->about.title ? mapping->about.title : "Network map, live",
            slash ? slash + 1 : data_path, (unsigned)mapping->every_s, mapping->is_2_2, err);
    }
    return r < 0 ? r : nta_fresh_commit(&fresh, true, err);
}

/** What does not hold is said when it is found, not each half minute. */
static void report_once(struct mapping *mapping)
{
    struct nta_search_proof proof;
    struct nta_proof_shown shown = {.n = 0};

    nta_search_get_proof(mapping->gathered.search, &proof);
    if (proof.n_wrong != mapping->n_shown)
        (void)nta_proof_conclude(mapping->gathered.search, mapping->filters.quiet, &shown);
    mapping->n_shown = proof.n_wrong;
}

static int map_live(struct mapping *mapping, struct nta_err *err)
{
    const struct timespec pause = {.tv_sec = (time_t)mapping->every_s};
    char data_path[4096];
    int r = write_link(mapping, data_path, err);

    bool any = false;

    while (r == 0) {
        r = map_once(mapping, data_path, err);
        if (r == 0)
            (void)printf("%s: %" PRIu64 " records; open %s in Google Earth; Ctrl-C ends\n",
                         data_path, mapping->gathered.state.n_found, mapping->output);
        (void)fflush(stdout);
        if (r == 0)
            report_once(mapping);
        if (r < 0 && any) { /* it may pass: the file is as it was */
            nta_prose_print(stderr, "nta: %s; trying again\n", err->text);
            r = 0;
        }
        any = true;
        if (r == 0 && !nta_gather_interrupted())
            (void)nanosleep(&pause, NULL); /* Ctrl-C ends it, too */
        if (nta_gather_interrupted())
            break;
    }
    return r;
}

static int map(struct mapping *mapping)
{
    struct nta_err err = {0};
    int r = mapping->is_live ? map_live(mapping, &err) : map_once(mapping, mapping->output, &err);

    if (r == 0 && !mapping->is_live)
        r = note(mapping, &err);
    if (r < 0)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    if (mapping->is_live)
        return nta_proof_state(mapping->gathered.search) == NTA_PROOF_BROKEN ? NTA_EXIT_INPUT
                                                                             : NTA_EXIT_OK;
    nta_gather_print(&mapping->gathered, mapping->output);
    (void)printf("%" PRIu64 " records are without a place\n", mapping->gathered.view->n_unplaced);
    return nta_gather_status(&mapping->filters, &mapping->gathered);
}

int nta_cmd_map(int argc, char **argv)
{
    struct mapping mapping = {.output = "", .every_s = 30};
    int status = nta_options_parse(&options, &mapping.filters, &mapping, argc, argv);

    if (status < 0)
        status = map(&mapping);
    nta_gathered_done(&mapping.gathered);
    nta_filters_done(&mapping.filters);
    return status;
}
