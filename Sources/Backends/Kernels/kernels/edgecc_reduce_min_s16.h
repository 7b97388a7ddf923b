/* The minimum of an int16 tensor over any axes; input and output share scale and zero point.
 *
 *   out = min of the reduced elements
 *
 * Layout: any, see edgecc_reduction. Every reduced axis has at least one element. Exact.
 */
#ifndef EDGECC_REDUCE_MIN_S16_H
#define EDGECC_REDUCE_MIN_S16_H

#include "edgecc_reduction.h"
#include <stdint.h>

static inline void edgecc_reduce_min_s16(
    const edgecc_reduction *r, const int16_t *input, int16_t *output)
{
    const int32_t rows = edgecc_reduction_rows(r);
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *first = input + edgecc_reduction_row_offset(r, row);
        for (int32_t e = 0; e < r->kept[2]; e++) {
            output[e] = first[e * r->kept_strides[2]];
        }
        for (int32_t i = 0; i < r->reduced[0]; i++) {
            for (int32_t j = 0; j < r->reduced[1]; j++) {
                for (int32_t k = 0; k < r->reduced[2]; k++) {
                    const int16_t *source = first + i * r->reduced_strides[0]
                        + j * r->reduced_strides[1] + k * r->reduced_strides[2];
                    for (int32_t e = 0; e < r->kept[2]; e++) {
                        const int16_t value = source[e * r->kept_strides[2]];
                        output[e] = value < output[e] ? value : output[e];
                    }
                }
            }
        }
        output += r->kept[2];
    }
}

#endif
