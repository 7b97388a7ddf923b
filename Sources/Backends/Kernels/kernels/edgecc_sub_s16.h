/* Subtraction of two int16 tensors with broadcasting.
 *
 *   sa = requantise((a - za) · 2^left_shift, factor_a), sb likewise
 *   out = clamp(requantise(sa - sb, factor_out) + zy, low, high)
 *
 * With s = 2·max(scale_a, scale_b): factor_a = scale_a / s, factor_b = scale_b / s,
 * factor_out = s / (2^left_shift · scale_out); left_shift = 15.
 * Layout: any; the walk is edgecc_broadcast's. Rounding: `rounding`; TFLite's SUB is
 * double. With float even the inputs' factors round as single and only the last one in float.
 *
 * Source: TFLite int16 quantisation specification; Jacob et al. (2018), appendix A.2.
 */
#ifndef EDGECC_SUB_S16_H
#define EDGECC_SUB_S16_H

#include "edgecc_common.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    edgecc_broadcast shape;
    int32_t a_zero_point, b_zero_point, out_zero_point;
    int32_t left_shift;
    int32_t act_min, act_max;
    int32_t rounding;
    edgecc_multiplier a_factor, b_factor, out_factor;
} edgecc_sub_s16_params;

static inline int16_t edgecc_sub_s16_value(const edgecc_sub_s16_params *p, int32_t a, int32_t b)
{
    const int32_t unit = (int32_t)1 << p->left_shift;
    const int32_t inner =
        p->rounding == EDGECC_ROUND_DOUBLE ? EDGECC_ROUND_DOUBLE : EDGECC_ROUND_SINGLE;
    const int32_t left = edgecc_requantise((a - p->a_zero_point) * unit, inner, p->a_factor);
    const int32_t right = edgecc_requantise((b - p->b_zero_point) * unit, inner, p->b_factor);
    const int32_t value = edgecc_requantise(left - right, p->rounding, p->out_factor);
    return (int16_t)edgecc_offset_clamp(value, p->out_zero_point, p->act_min, p->act_max);
}

static inline void edgecc_sub_s16(
    const edgecc_sub_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const int32_t rows = edgecc_broadcast_rows(&p->shape);
    const int32_t length = p->shape.dims[EDGECC_RANK - 1];
    const int32_t a_step = p->shape.a_strides[EDGECC_RANK - 1];
    const int32_t b_step = p->shape.b_strides[EDGECC_RANK - 1];
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *left = a + edgecc_row_offset(p->shape.dims, p->shape.a_strides, row);
        const int16_t *right = b + edgecc_row_offset(p->shape.dims, p->shape.b_strides, row);
        for (int32_t i = 0; i < length; i++) {
            output[i] = edgecc_sub_s16_value(p, left[i * a_step], right[i * b_step]);
        }
        output += length;
    }
}

#endif
