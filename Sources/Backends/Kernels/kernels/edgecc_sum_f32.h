/* Sum or mean of a float32 tensor over any axes.
 *
 *   out = (sum of the reduced elements) / divisor
 *
 * divisor is 1 for a sum, the number of reduced elements for a mean. Layout: any, see
 * edgecc_reduction. Each sum runs in the order of the reduced axes.
 */
#ifndef EDGECC_SUM_F32_H
#define EDGECC_SUM_F32_H

#include "edgecc_reduction.h"
#include <stdint.h>

typedef struct {
    edgecc_reduction walk;
    float divisor;
} edgecc_sum_f32_params;

static inline void edgecc_sum_f32(
    const edgecc_sum_f32_params *p, const float *input, float *output)
{
    const edgecc_reduction *r = &p->walk;
    const int32_t rows = edgecc_reduction_rows(r);
    for (int32_t row = 0; row < rows; row++) {
        const float *first = input + edgecc_reduction_row_offset(r, row);
        for (int32_t e = 0; e < r->kept[2]; e++) {
            output[e] = 0.0f;
        }
        for (int32_t i = 0; i < r->reduced[0]; i++) {
            for (int32_t j = 0; j < r->reduced[1]; j++) {
                for (int32_t k = 0; k < r->reduced[2]; k++) {
                    const float *source = first + i * r->reduced_strides[0]
                        + j * r->reduced_strides[1] + k * r->reduced_strides[2];
                    for (int32_t e = 0; e < r->kept[2]; e++) {
                        output[e] += source[e * r->kept_strides[2]];
                    }
                }
            }
        }
        for (int32_t e = 0; e < r->kept[2]; e++) {
            output[e] /= p->divisor;
        }
        output += r->kept[2];
    }
}

#endif
