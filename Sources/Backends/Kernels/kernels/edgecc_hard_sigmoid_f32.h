/* Element-wise: out = min(max(alpha · x + beta, 0), 1). ONNX HardSigmoid; PyTorch's has
 * alpha = 1/6, beta = 1/2.
 *
 * Layout: any; `input` and `output` may be the same.
 */
#ifndef EDGECC_HARD_SIGMOID_F32_H
#define EDGECC_HARD_SIGMOID_F32_H

#include <stdint.h>

static inline void edgecc_hard_sigmoid_f32(
    int32_t count, float alpha, float beta, const float *input, float *output)
{
    for (int32_t i = 0; i < count; i++) {
        const float y = alpha * input[i] + beta;
        output[i] = y < 0.0f ? 0.0f : y > 1.0f ? 1.0f : y;
    }
}

#endif
