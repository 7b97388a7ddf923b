/* A rectifier with slopes, over float32 tensors with broadcasting.
 *
 *   out = act(a for a >= 0, else a · b)
 *
 * Layout: any; the walk is edgecc_broadcast's.
 */
#ifndef EDGECC_PRELU_F32_H
#define EDGECC_PRELU_F32_H

#include "edgecc_activation_f32.h"
#include "edgecc_common.h"
#include <stdint.h>

typedef struct {
    edgecc_broadcast shape;
    edgecc_activation_f32 activation;
} edgecc_prelu_f32_params;

static inline void edgecc_prelu_f32(
    const edgecc_prelu_f32_params *p, const float *a, const float *b, float *output)
{
    const int32_t rows = edgecc_broadcast_rows(&p->shape);
    const int32_t length = p->shape.dims[EDGECC_RANK - 1];
    const int32_t a_step = p->shape.a_strides[EDGECC_RANK - 1];
    const int32_t b_step = p->shape.b_strides[EDGECC_RANK - 1];
    for (int32_t row = 0; row < rows; row++) {
        const float *left = a + edgecc_row_offset(p->shape.dims, p->shape.a_strides, row);
        const float *right = b + edgecc_row_offset(p->shape.dims, p->shape.b_strides, row);
        for (int32_t i = 0; i < length; i++) {
            const float x = left[i * a_step];
            const float y = right[i * b_step];
            output[i] = edgecc_activate_f32(&p->activation, x >= 0.0f ? x : x * y);
        }
        output += length;
    }
}

#endif
