/* Element-wise: out = x / (1 + exp(-x)), the sigmoid linear unit.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_SILU_F32_H
#define EDGECC_SILU_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_silu_f32(
    int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = x / (1.0f + expf(-x));
    }
}

#endif
