/* The last step of int8 layers: accumulators of neighbouring channels to int8.
 *
 *   out[j] = clamp(requantise(acc[j], factor[channel + j]) + zero_point, low, high)
 *
 * One loop per rounding mode, over arrays that nothing aliases, so that compilers vectorise it.
 */
#ifndef EDGECC_FINISH_S8_H
#define EDGECC_FINISH_S8_H

#include "edgecc_requantise.h"
#include <stdint.h>

/* Layers accumulate and finish this many channels at a time; gcc unrolls a loop of 16 or fewer and
 * then fails to vectorise it. */
enum { EDGECC_FINISH_S8_BLOCK = 32 };

typedef struct {
    int32_t zero_point;
    int32_t low, high;
} edgecc_output_s8;

static inline void edgecc_finish_s8(const edgecc_requant *requant, edgecc_output_s8 to,
    const int32_t *restrict acc, int32_t channel, int32_t count, int8_t *restrict output)
{
    const int32_t low = to.low - to.zero_point;
    const int32_t high = to.high - to.zero_point;
    if (requant->rounding == EDGECC_ROUND_FLOAT_EVEN) {
        for (int32_t j = 0; j < count; j++) {
            const float scale =
                requant->scales ? requant->scales[channel + j] : requant->tensor.scale;
            const int32_t value = edgecc_round_even((float)acc[j] * scale);
            output[j] = (int8_t)(edgecc_clamp_s32(value, low, high) + to.zero_point);
        }
        return;
    }
    for (int32_t j = 0; j < count; j++) {
        const edgecc_multiplier factor = edgecc_channel_multiplier(requant, channel + j);
        const int32_t value = requant->rounding == EDGECC_ROUND_DOUBLE
            ? edgecc_requantise_double(acc[j], factor.mantissa, factor.exponent)
            : edgecc_requantise_single(acc[j], factor.mantissa, factor.exponent);
        output[j] = (int8_t)(edgecc_clamp_s32(value, low, high) + to.zero_point);
    }
}

#endif
