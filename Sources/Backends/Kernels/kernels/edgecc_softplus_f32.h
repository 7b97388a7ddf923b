/* Element-wise: out = log(1 + exp(x)), as max(x, 0) + log(1 + exp(-|x|)).
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_SOFTPLUS_F32_H
#define EDGECC_SOFTPLUS_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_softplus_f32(int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = (x > 0.0f ? x : 0.0f) + logf(1.0f + expf(-fabsf(x)));
    }
}

#endif
