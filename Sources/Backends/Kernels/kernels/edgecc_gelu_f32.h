/* Element-wise Gaussian error linear unit.
 *
 *   exact:        out = x/2 · (1 + erf(x / sqrt(2)))
 *   approximate:  out = x/2 · (1 + tanh(sqrt(2/pi) · (x + 0.044715 · x^3)))
 *
 * Layout: any; `input` and `output` may be the same.
 * Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).
 */
#ifndef EDGECC_GELU_F32_H
#define EDGECC_GELU_F32_H

#include <math.h>
#include <stdint.h>

static inline void edgecc_gelu_f32(
    int32_t count, int32_t approximate, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float x = input[i];
        if (approximate) {
            const float inner = 0.7978845608f * (x + 0.044715f * x * x * x);
            output[i] = 0.5f * x * (1.0f + tanhf(inner));
        } else {
            output[i] = 0.5f * x * (1.0f + erff(x * 0.7071067812f));
        }
    }
}

#endif
