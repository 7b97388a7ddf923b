/* Element-wise: out = sin(x), x in radians.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_SIN_F32_H
#define EDGECC_SIN_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_sin_f32(int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = sinf(x);
    }
}

#endif
