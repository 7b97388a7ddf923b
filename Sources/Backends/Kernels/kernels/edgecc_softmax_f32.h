/* Softmax or log-softmax over one axis, float32.
 *
 *   out[c] = exp(beta · (x[c] - max)) / sum over d of exp(beta · (x[d] - max))
 *   with `log`: out[c] = beta · (x[c] - max) - log(sum)
 *
 * Layout: [outer, length, inner], over the middle axis.
 */
#ifndef EDGECC_SOFTMAX_F32_H
#define EDGECC_SOFTMAX_F32_H

#include <math.h>
#include <stdint.h>

typedef struct {
    int32_t outer, length, inner;
    float beta;
    int32_t log;
} edgecc_softmax_f32_params;

static inline void edgecc_softmax_f32(
    const edgecc_softmax_f32_params *p, const float *input, float *output)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->inner; i++) {
            const float *x = input + o * p->length * p->inner + i;
            float *y = output + o * p->length * p->inner + i;
            float largest = x[0];
            float sum = 0.0f;
            for (int32_t c = 1; c < p->length; c++) {
                largest = x[c * p->inner] > largest ? x[c * p->inner] : largest;
            }
            for (int32_t c = 0; c < p->length; c++) {
                const float shifted = p->beta * (x[c * p->inner] - largest);
                const float power = expf(shifted);
                y[c * p->inner] = p->log ? shifted : power;
                sum += power;
            }
            const float logarithm = p->log ? logf(sum) : 0.0f;
            for (int32_t c = 0; c < p->length; c++) {
                const float value = y[c * p->inner];
                y[c * p->inner] = p->log ? value - logarithm : value / sum;
            }
        }
    }
}

#endif
