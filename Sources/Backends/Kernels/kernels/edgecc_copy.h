/* A dense copy: reshape, identity. `bytes` bytes from `input` to `output`, which may be equal. */
#ifndef EDGECC_COPY_H
#define EDGECC_COPY_H

#include <stdint.h>
#include <string.h>

static inline void edgecc_copy(int32_t bytes, const void *input, void *output)
{
    if (input != output) {
        memcpy(output, input, (size_t)bytes);
    }
}

#endif
