/* Element-wise: out = the nearest integer, ties to even.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_ROUND_F32_H
#define EDGECC_ROUND_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_round_f32(int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = rintf(x);
    }
}

#endif
