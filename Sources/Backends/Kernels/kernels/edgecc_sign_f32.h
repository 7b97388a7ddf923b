/* Element-wise: out = 1, 0 or -1.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_SIGN_F32_H
#define EDGECC_SIGN_F32_H

#include <stdint.h>

static inline void edgecc_sign_f32(int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = (float)((x > 0.0f) - (x < 0.0f));
    }
}

#endif
