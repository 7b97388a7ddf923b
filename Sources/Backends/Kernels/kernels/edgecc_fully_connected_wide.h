/* Fully connected layer, s8 or s16 activations, s8 weights.
 *
 *   out[r,o] = clamp(requantise(bias[o] + sum over i of (in[r,i] - zx) · w[o,i]) + zy, low, high)
 *
 * Layout: input [rows, in], weights [out, in] with zero point 0, output [rows, out].
 * Widths and rounding: edgecc_wide.h.
 *
 * Source: TFLite int8 and 16x8 quantisation specifications.
 */
#ifndef EDGECC_FULLY_CONNECTED_WIDE_H
#define EDGECC_FULLY_CONNECTED_WIDE_H

#include "edgecc_wide.h"
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t in_features, out_features;
    edgecc_wide numbers;
} edgecc_fully_connected_wide_params;

static inline void edgecc_fully_connected_wide(const edgecc_fully_connected_wide_params *p,
    const void *input, const int8_t *weights, const int32_t *bias, const int64_t *wide_bias,
    void *output)
{
    const edgecc_wide_bias offsets = {bias, wide_bias};
    for (int32_t r = 0; r < p->rows; r++) {
        for (int32_t o = 0; o < p->out_features; o++) {
            const int64_t sum = edgecc_wide_dot(&p->numbers, input, r * p->in_features,
                weights + o * p->in_features, p->in_features);
            edgecc_wide_store(&p->numbers, sum + edgecc_wide_bias_at(offsets, o), o, output,
                r * p->out_features + o);
        }
    }
}

#endif
