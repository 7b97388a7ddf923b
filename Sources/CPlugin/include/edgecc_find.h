/* Looking for text in bytes. */
#ifndef EDGECC_FIND_H
#define EDGECC_FIND_H

#include <stddef.h>

/* Where `text` first stands in `bytes`; `count` where it does not. */
size_t edgecc_find(const void *bytes, size_t count, const char *text);

#endif
