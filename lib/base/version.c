/* SPDX-License-Identifier: Apache-2.0 */
#include "base/version.h"

#include "base/hex.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/** Notes are padded to this. */
#define NOTE_ALIGN 4U

const char *nta_version(void)
{
    return NTA_VERSION;
}

const char *nta_version_named(void)
{
    return "nta " NTA_VERSION;
}

static size_t padded(size_t len)
{
    return (len + NOTE_ALIGN - 1) & ~(size_t)(NOTE_ALIGN - 1);
}

/** Look for the build ID in one segment of notes.  True: `ret_text` is filled. */
static bool find_in_notes(const uint8_t *notes, size_t len, char *ret_text)
{
    ElfW(Nhdr) note;

    while (len >= sizeof(note)) {
        memcpy(&note, notes, sizeof(note));
        size_t data_off = sizeof(note) + padded(note.n_namesz);
        size_t whole = data_off + padded(note.n_descsz);

        if (whole > len)
            return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
            memcmp(notes + sizeof(note), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0 &&
            note.n_descsz <= NTA_BUILD_ID_MAX) {
            (void)nta_hex_text(notes + data_off, note.n_descsz, ret_text);
            return true;
        }
        notes += whole;
        len -= whole;
    }
    return false;
}

/** The first object is the program itself; the others are its libraries. */
static int look_at_object(struct dl_phdr_info *object, size_t size, void *ret_text)
{
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the loader has addresses as numbers */
        const uint8_t *start = (const uint8_t *)(object->dlpi_addr + segment->p_vaddr);

        if (segment->p_type == PT_NOTE && find_in_notes(start, segment->p_memsz, ret_text))
            break;
    }
    return 1;
}

const char *nta_build_id(char ret_text[NTA_BUILD_ID_SIZE])
{
    ret_text[0] = '\0';
    (void)dl_iterate_phdr(look_at_object, ret_text);
    return ret_text;
}

void nta_version_print(const char *program)
{
    char build_id[NTA_BUILD_ID_SIZE];

    if (nta_build_id(build_id)[0])
        (void)printf("%s %s (build %s)\n", program, nta_version(), build_id);
    else
        (void)printf("%s %s\n", program, nta_version());
}
