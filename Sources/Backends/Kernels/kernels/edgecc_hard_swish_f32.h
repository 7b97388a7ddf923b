/* Element-wise: out = x · min(max(x + 3, 0), 6) / 6.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_HARD_SWISH_F32_H
#define EDGECC_HARD_SWISH_F32_H

#include <stdint.h>

static inline void edgecc_hard_swish_f32(int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        const float y = x + 3.0f;
        const float gate = y < 0.0f ? 0.0f : y > 6.0f ? 6.0f : y;
        output[i] = x * gate / 6.0f;
    }
}

#endif
