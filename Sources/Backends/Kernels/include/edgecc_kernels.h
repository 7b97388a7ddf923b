/* Source files of generated programs, embedded in the compiler: kernels and firmware. */
#ifndef EDGECC_KERNELS_H
#define EDGECC_KERNELS_H

#include <stddef.h>

/* One kernel file: its name ("edgecc_conv2d_s8.h") and its UTF-8 text, not null-terminated. The
 * files a kernel needs are the `#include "…"` lines of its text. */
typedef struct {
    const char *name;
    const char *text;
    size_t size;
} edgecc_kernel_file;

/* The number of kernel files. */
size_t edgecc_kernel_file_count(void);

/* The kernel file at an index below the count; empty past it. Sorted by name. */
edgecc_kernel_file edgecc_kernel_file_at(size_t index);

/* The same for the microcontroller firmware around a model ("startup.c"). */
size_t edgecc_firmware_file_count(void);
edgecc_kernel_file edgecc_firmware_file_at(size_t index);

#endif
