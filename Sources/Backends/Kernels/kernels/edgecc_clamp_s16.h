/* Clamping of an int16 tensor: out[i] = min(max(in[i], low), high). Layout: any. Exact. */
#ifndef EDGECC_CLAMP_S16_H
#define EDGECC_CLAMP_S16_H

#include "edgecc_common.h"
#include <stdint.h>

static inline void edgecc_clamp_s16(
    int32_t count, int32_t low, int32_t high, const int16_t *input, int16_t *output)
{
    for (int32_t i = 0; i < count; i++) {
        output[i] = (int16_t)edgecc_clamp_s32(input[i], low, high);
    }
}

#endif
