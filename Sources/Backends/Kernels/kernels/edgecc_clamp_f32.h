/* Element-wise: out = min(max(x, low), high), each bound if it is there; NaN passes.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_CLAMP_F32_H
#define EDGECC_CLAMP_F32_H

#include "edgecc_activation_f32.h"
#include <stdint.h>

static inline void edgecc_clamp_f32(
    const edgecc_activation_f32 *bounds, int32_t count, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        output[i] = edgecc_activate_f32(bounds, input[i]);
    }
}

#endif
