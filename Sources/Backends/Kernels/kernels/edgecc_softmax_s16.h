/* Softmax over rows of int16 values, results of scale 2^-15.
 *
 * Differences from the row's largest value are brought to steps of 10/65535; e^x on [-10, 0] and
 * 1 / (1 + x) on [0, 1] are tables of 513 entries (edgecc_lookup_s16.h).
 *
 * Source: TFLite reference_ops/softmax.h, SoftmaxInt16.
 */
#ifndef EDGECC_SOFTMAX_S16_H
#define EDGECC_SOFTMAX_S16_H

#include "edgecc_common.h"
#include "edgecc_lookup_s16.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    int32_t rows, length;
    edgecc_multiplier factor;
    const int16_t *exponential, *reciprocal;
} edgecc_softmax_s16_params;

/* e^(x - largest), stored. */
static inline int32_t edgecc_softmax_s16_term(
    const edgecc_softmax_s16_params *p, int32_t value, int32_t largest)
{
    const int32_t scaled = edgecc_requantise_double(
        value - largest, p->factor.mantissa, p->factor.exponent);
    const int32_t place = edgecc_max_s32(scaled, -65535) + 32767;
    return edgecc_lookup_s16_value(p->exponential, edgecc_min_s32(place, 32767));
}

static inline void edgecc_softmax_s16(
    const edgecc_softmax_s16_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t r = 0; r < p->rows; r++) {
        int32_t largest = input[0];
        for (int32_t i = 1; i < p->length; i++) {
            largest = edgecc_max_s32(largest, input[i]);
        }
        int32_t sum = 0;
        for (int32_t i = 0; i < p->length; i++) {
            sum += edgecc_softmax_s16_term(p, input[i], largest);
        }
        int32_t headroom = 0;
        for (uint32_t bits = (uint32_t)edgecc_max_s32(sum, 1); !(bits >> 31); bits <<= 1) {
            headroom++;
        }
        const int64_t shifted = (((int64_t)sum << (headroom - 1)) + (1 << 13)) >> 14;
        const int32_t place = (int32_t)(shifted - 98304);
        const int64_t factor =
            edgecc_lookup_s16_value(p->reciprocal, edgecc_clamp_s32(place, -32768, 32767));
        const int32_t shift = 31 - headroom;
        for (int32_t i = 0; i < p->length; i++) {
            const int64_t term = edgecc_softmax_s16_term(p, input[i], largest);
            const int64_t product = (term * factor + ((int64_t)1 << (shift - 1))) >> shift;
            output[i] = (int16_t)(product > 32767 ? 32767 : product < 0 ? 0 : product);
        }
        input += p->length;
        output += p->length;
    }
}

#endif
