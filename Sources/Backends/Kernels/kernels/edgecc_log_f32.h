/* Element-wise: out = log(x), the natural logarithm.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_LOG_F32_H
#define EDGECC_LOG_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_log_f32(
    int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        output[i] = logf(x);
    }
}

#endif
