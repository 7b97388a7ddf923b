/* Element-wise: out = 1 / sqrt(x).
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_RSQRT_F32_H
#define EDGECC_RSQRT_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_rsqrt_f32(int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = 1.0f / sqrtf(x);
    }
}

#endif
