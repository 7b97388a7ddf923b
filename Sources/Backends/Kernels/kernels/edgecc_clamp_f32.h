/* Element-wise: out = min(max(x, low), high); NaN passes.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_CLAMP_F32_H
#define EDGECC_CLAMP_F32_H

#include <stdint.h>

static inline void edgecc_clamp_f32(
    int32_t count, float low, float high, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = x < low ? low : x > high ? high : x;
    }
}

#endif
