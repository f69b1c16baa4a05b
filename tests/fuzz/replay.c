/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-in for libFuzzer's main: runs a fuzz target over each file named, or each file in each
 * folder named, from an exact heap copy, so that sanitizers and valgrind see a read past the end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned long n_inputs;

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat st;

    if (!file || fstat(fileno(file), &st) != 0) {
        perror(path);
        exit(1);
    }
    size_t len = (size_t)st.st_size;
    uint8_t *data = malloc(len ? len : 1);

    if (!data || fread(data, 1, len, file) != len) {
        perror(path);
        exit(1);
    }
    fclose(file);
    (void)LLVMFuzzerTestOneInput(data, len);
    free(data);
    n_inputs++;
}

static void run_dir(const char *path, DIR *dir)
{
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char name[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        run_file(name);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);

        if (dir)
            run_dir(argv[i], dir);
        else
            run_file(argv[i]);
    }
    printf("%lu inputs replayed\n", n_inputs);
    return n_inputs ? 0 : 1;
}
