/* Element-wise: out = |x|.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_ABS_F32_H
#define EDGECC_ABS_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_abs_f32(
    int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = fabsf(x);
    }
}

#endif
