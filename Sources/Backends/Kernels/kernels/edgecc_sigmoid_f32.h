/* Element-wise: out = 1 / (1 + exp(-x)).
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_SIGMOID_F32_H
#define EDGECC_SIGMOID_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_sigmoid_f32(
    int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = 1.0f / (1.0f + expf(-x));
    }
}

#endif
