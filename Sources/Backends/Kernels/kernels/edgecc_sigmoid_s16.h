/* The logistic function and the hyperbolic tangent of int16 values, results of scale 2^-15.
 *
 * One table of 2^16 / (1 + e^(-i/24)), 256 entries, with interpolation; tanh x = 2·sigmoid(2x) - 1.
 * Inputs are brought to 1/(3 · 4096) by (x·multiplier + half) >> shift; zero point 0. Layout: any.
 *
 * Source: TFLite reference/integer_ops/logistic.h and tanh.h.
 */
#ifndef EDGECC_SIGMOID_S16_H
#define EDGECC_SIGMOID_S16_H

#include <stdint.h>

typedef struct {
    int32_t multiplier, shift;
    int32_t hyperbolic;
    const uint16_t *table;
} edgecc_sigmoid_s16_params;

/* The table at magnitude / 2^bits with `bits` more bits; `end` behind its end. */
static inline int32_t edgecc_sigmoid_s16_at(
    const uint16_t *table, int32_t magnitude, int32_t bits, int32_t end)
{
    const int32_t index = magnitude >> bits;
    if (index >= 255) {
        return end << bits;
    }
    const int32_t rest = magnitude & (((int32_t)1 << bits) - 1);
    return ((int32_t)table[index] << bits) + rest * ((int32_t)table[index + 1] - table[index]);
}

static inline void edgecc_sigmoid_s16(const edgecc_sigmoid_s16_params *p, int32_t count,
    const int16_t *input, int16_t *output)
{
    const int32_t half = p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0;
    for (int32_t i = 0; i < count; i++) {
        const int32_t scaled = (input[i] * p->multiplier + half) >> p->shift;
        const int32_t magnitude = scaled < 0 ? -scaled : scaled;
        int32_t result;
        if (p->hyperbolic) {
            const int32_t centred =
                edgecc_sigmoid_s16_at(p->table, magnitude, 8, 0xffff) - (1 << 23);
            result = (scaled >= 0 ? centred + (1 << 7) : -centred + (1 << 7) - 1) >> 8;
        } else {
            const int32_t positive = edgecc_sigmoid_s16_at(p->table, magnitude, 9, 0x7fff << 1);
            result = (scaled >= 0 ? positive + (1 << 9) : (1 << 25) - positive + (1 << 9) - 1)
                >> 10;
        }
        output[i] = (int16_t)(result > 32767 ? 32767 : result < -32768 ? -32768 : result);
    }
}

#endif
