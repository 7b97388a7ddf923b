/* The larger of two int16 tensors with broadcasting; both and the output share their scale and
 * zero point.
 *
 *   out = max(a, b)
 *
 * Layout: any; the walk is edgecc_broadcast's. Exact.
 */
#ifndef EDGECC_MAX_S16_H
#define EDGECC_MAX_S16_H

#include "edgecc_common.h"
#include <stdint.h>

static inline void edgecc_max_s16(
    const edgecc_broadcast *shape, const int16_t *a, const int16_t *b, int16_t *output)
{
    const int32_t rows = edgecc_broadcast_rows(shape);
    const int32_t length = shape->dims[EDGECC_RANK - 1];
    const int32_t a_step = shape->a_strides[EDGECC_RANK - 1];
    const int32_t b_step = shape->b_strides[EDGECC_RANK - 1];
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *left = a + edgecc_row_offset(shape->dims, shape->a_strides, row);
        const int16_t *right = b + edgecc_row_offset(shape->dims, shape->b_strides, row);
        for (int32_t i = 0; i < length; i++) {
            const int16_t x = left[i * a_step];
            const int16_t y = right[i * b_step];
            output[i] = x > y ? x : y;
        }
        output += length;
    }
}

#endif
