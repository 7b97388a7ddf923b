/* Product of two int16 tensors with broadcasting.
 *
 *   out = clamp(requantise((a - za) · (b - zb), factor) + zy, low, high)
 *
 * factor = scale_a · scale_b / scale_out. Layout: any; the walk is edgecc_broadcast's.
 * Rounding: `rounding`; TFLite's MUL is double.
 *
 * Source: TFLite int16 quantisation specification.
 */
#ifndef EDGECC_MUL_S16_H
#define EDGECC_MUL_S16_H

#include "edgecc_common.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    edgecc_broadcast shape;
    int32_t a_zero_point, b_zero_point, out_zero_point;
    int32_t act_min, act_max;
    int32_t rounding;
    edgecc_multiplier factor;
} edgecc_mul_s16_params;

static inline void edgecc_mul_s16(
    const edgecc_mul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const int32_t rows = edgecc_broadcast_rows(&p->shape);
    const int32_t length = p->shape.dims[EDGECC_RANK - 1];
    const int32_t a_step = p->shape.a_strides[EDGECC_RANK - 1];
    const int32_t b_step = p->shape.b_strides[EDGECC_RANK - 1];
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *left = a + edgecc_row_offset(p->shape.dims, p->shape.a_strides, row);
        const int16_t *right = b + edgecc_row_offset(p->shape.dims, p->shape.b_strides, row);
        for (int32_t i = 0; i < length; i++) {
            const int32_t product =
                (left[i * a_step] - p->a_zero_point) * (right[i * b_step] - p->b_zero_point);
            const int32_t value = edgecc_requantise(product, p->rounding, p->factor);
            output[i] =
                (int16_t)edgecc_offset_clamp(value, p->out_zero_point, p->act_min, p->act_max);
        }
        output += length;
    }
}

#endif
