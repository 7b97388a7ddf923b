/* Fully connected layer, float32 with weights stored in fewer bits (edgecc_stored_weights.h).
 *
 *   out[r,o] = act(bias[o] + sum over i of in[r,i] · w[o,i] + residual[r,o])
 *
 * Layout: input [rows, in], weights [out, in], output [rows, out]. `bias` and `residual` may be
 * null.
 */
#ifndef EDGECC_FULLY_CONNECTED_STORED_H
#define EDGECC_FULLY_CONNECTED_STORED_H

#include "edgecc_activation_f32.h"
#include "edgecc_common.h"
#include "edgecc_stored_weights.h"
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t in_features, out_features;
    edgecc_stored stored;
    edgecc_activation_f32 activation;
} edgecc_fully_connected_stored_params;

static inline void edgecc_fully_connected_stored(const edgecc_fully_connected_stored_params *p,
    const float *input, const void *weights, const float *bias, const float *residual,
    float *restrict output)
{
    for (int32_t o = 0; o < p->out_features; o++) {
        for (int32_t r = 0; r < p->rows; r++) {
            output[r * p->out_features + o] = bias ? bias[o] : 0.0f;
        }
        for (int32_t i = 0; i < p->in_features; i += EDGECC_STORED_RUN) {
            const int32_t count = edgecc_min_s32(p->in_features - i, EDGECC_STORED_RUN);
            float run[EDGECC_STORED_RUN];
            edgecc_stored_run(&p->stored, weights, o * p->in_features + i, count, o, run);
            for (int32_t r = 0; r < p->rows; r++) {
                const float *x = input + r * p->in_features + i;
                float sum = 0.0f;
                for (int32_t k = 0; k < count; k++) {
                    sum += x[k] * run[k];
                }
                output[r * p->out_features + o] += sum;
            }
        }
        for (int32_t r = 0; r < p->rows; r++) {
            const int32_t place = r * p->out_features + o;
            const float total = residual ? output[place] + residual[place] : output[place];
            output[place] = edgecc_activate_f32(&p->activation, total);
        }
    }
}

#endif
