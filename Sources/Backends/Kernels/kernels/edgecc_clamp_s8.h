/* Clamping of an int8 tensor: out[i] = min(max(in[i], low), high). Layout: any. Exact. */
#ifndef EDGECC_CLAMP_S8_H
#define EDGECC_CLAMP_S8_H

#include "edgecc_common.h"
#include <stdint.h>

static inline void edgecc_clamp_s8(
    int32_t count, int32_t low, int32_t high, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < count; i++) {
        output[i] = (int8_t)edgecc_clamp_s32(input[i], low, high);
    }
}

#endif
