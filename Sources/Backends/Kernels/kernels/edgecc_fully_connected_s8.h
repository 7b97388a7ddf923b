/* Fully connected layer, int8 activations and weights, int32 accumulator.
 *
 *   out[r,o] = clamp(requantise(bias[o] + sum over i of (in[r,i] - zx) · w[o,i]) + zy, low, high)
 *
 * Layout: input [rows, in], weights [out, in] with zero point 0, output [rows, out].
 * Rounding: `requant.rounding`; TFLite's FULLY_CONNECTED is single. `bias` may be null.
 *
 * Source: TFLite int8 quantisation specification.
 */
#ifndef EDGECC_FULLY_CONNECTED_S8_H
#define EDGECC_FULLY_CONNECTED_S8_H

#include "edgecc_common.h"
#include "edgecc_dot_s8.h"
#include "edgecc_finish_s8.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t in_features, out_features;
    int32_t in_zero_point, out_zero_point;
    int32_t act_min, act_max;
    edgecc_requant requant;
} edgecc_fully_connected_s8_params;

static inline void edgecc_fully_connected_s8(const edgecc_fully_connected_s8_params *p,
    const int8_t *input, const int8_t *weights, const int32_t *bias, int8_t *restrict output)
{
    const edgecc_output_s8 to = {p->out_zero_point, p->act_min, p->act_max};
    for (int32_t r = 0; r < p->rows; r++) {
        for (int32_t o = 0; o < p->out_features; o += EDGECC_FINISH_S8_BLOCK) {
            const int32_t count = edgecc_min_s32(p->out_features - o, EDGECC_FINISH_S8_BLOCK);
            int32_t acc[EDGECC_FINISH_S8_BLOCK] = {0};
            if (bias) {
                for (int32_t j = 0; j < count; j++) {
                    acc[j] = bias[o + j];
                }
            }
            for (int32_t j = 0; j < count; j += 4) {
                edgecc_dot4_s8(input, weights + (o + j) * p->in_features, p->in_features,
                    edgecc_min_s32(count - j, 4), p->in_features, p->in_zero_point, acc + j);
            }
            edgecc_finish_s8(&p->requant, to, acc, o, count, output + o);
        }
        input += p->in_features;
        output += p->out_features;
    }
}

#endif
