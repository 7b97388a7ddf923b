/* Fills a tensor with one element: out[i] = *value. Elements of any size. */
#ifndef EDGECC_FILL_H
#define EDGECC_FILL_H

#include <stdint.h>
#include <string.h>

static inline void edgecc_fill(
    int32_t count, int32_t element_size, const void *value, void *output)
{
    char *target = (char *)output;
    for (int32_t i = 0; i < count; i++) {
        memcpy(target + i * element_size, value, (size_t)element_size);
    }
}

#endif
