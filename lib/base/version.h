/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this program is.  The version is set in one place, the project's CMakeLists.txt.  The build
 * ID is the linker's (NT_GNU_BUILD_ID): a hash over the whole program, the same for the same
 * sources, compiler and flags, so that two builds of one version can be told apart.  It is read
 * from the program's own notes in memory, not from a file.  Pure, any thread; nothing is kept.
 */

#include <stddef.h>

enum
{
    NTA_BUILD_ID_MAX = 32, ///< Bytes; the linker makes 20 unless told otherwise.
    NTA_BUILD_ID_SIZE = 2 * NTA_BUILD_ID_MAX + 1 ///< Of its text.
};

/** Three numbers with dots: "0.1.0".  Static. */
const char *nta_version(void);

/**
 * The same with the name in front, as files and protocols name their maker: "nta 0.1.0".  Static.
 */
const char *nta_version_named(void);

/**
 * The build ID as hexadecimal digits into `ret_text`, "" if the program was linked without one.
 * Gives `ret_text`.
 */
const char *nta_build_id(char ret_text[NTA_BUILD_ID_SIZE]);

/**
 * One line on standard output: "nta 0.1.0 (build b5989e…)", without the brackets if there is no
 * build ID.
 */
void nta_version_print(const char *program);
