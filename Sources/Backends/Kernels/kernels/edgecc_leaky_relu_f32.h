/* Element-wise: out = x for x >= 0, else alpha · x.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_LEAKY_RELU_F32_H
#define EDGECC_LEAKY_RELU_F32_H

#include <stdint.h>

static inline void edgecc_leaky_relu_f32(
    int32_t count, float alpha, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = x < 0.0f ? alpha * x : x;
    }
}

#endif
