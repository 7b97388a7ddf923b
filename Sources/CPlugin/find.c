#include "edgecc_find.h"

#include <string.h>

size_t edgecc_find(const void *bytes, size_t count, const char *text)
{
    const char *begin = bytes;
    size_t length = strlen(text);
    const char *place = begin;
    while (place && (size_t)(place - begin) + length <= count) {
        if (memcmp(place, text, length) == 0) return (size_t)(place - begin);
        place = memchr(place + 1, text[0], count - (size_t)(place + 1 - begin));
    }
    return count;
}
