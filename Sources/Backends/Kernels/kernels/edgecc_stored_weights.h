/* Float weights stored in fewer bits, and how they are read.
 *
 *   half   IEEE 754 binary16
 *   s8     value · scale of the output channel
 *   s4     the same with two values of four bits in a byte, the first in the low half; two's
 *          complement
 *
 * Layers read a run of weights into floats, use it for everything it is needed for, and go on: each
 * weight is read once, and no more than a run of them is in memory.
 */
#ifndef EDGECC_STORED_WEIGHTS_H
#define EDGECC_STORED_WEIGHTS_H

#include <stdint.h>
#include <string.h>

enum { EDGECC_STORED_HALF = 0, EDGECC_STORED_S8 = 1, EDGECC_STORED_S4 = 2 };

/* Weights in a run. */
enum { EDGECC_STORED_RUN = 64 };

typedef struct {
    int32_t format;
    /* Scales run along the output channels; otherwise there is one. Null for halves. */
    int32_t per_channel;
    const float *scales;
} edgecc_stored;

/* A finite binary16 as float32; exact. */
static inline float edgecc_half_to_f32(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 31u;
    const uint32_t fraction = half & 0x3ffu;
    if (exponent == 0) {
        const float magnitude = (float)fraction * 5.9604644775390625e-8f;
        return sign ? -magnitude : magnitude;
    }
    const uint32_t bits = sign | ((exponent + 112u) << 23) | (fraction << 13);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The weight at `index` of those of output channel `channel`. */
static inline float edgecc_stored_at(
    const edgecc_stored *p, const void *weights, int32_t index, int32_t channel)
{
    if (p->format == EDGECC_STORED_HALF) {
        return edgecc_half_to_f32((uint16_t)((const int16_t *)weights)[index]);
    }
    const float scale = p->scales[p->per_channel ? channel : 0];
    if (p->format == EDGECC_STORED_S8) {
        return (float)((const int8_t *)weights)[index] * scale;
    }
    const uint8_t pair = (uint8_t)((const int8_t *)weights)[index >> 1];
    const int32_t nibble = index & 1 ? pair >> 4 : pair & 15;
    return (float)(nibble - ((nibble & 8) << 1)) * scale;
}

/* `count` weights from `first` on. */
static inline void edgecc_stored_run(const edgecc_stored *p, const void *weights, int32_t first,
    int32_t count, int32_t channel, float run[EDGECC_STORED_RUN])
{
    for (int32_t i = 0; i < count; i++) {
        run[i] = edgecc_stored_at(p, weights, first + i, channel);
    }
}

#endif
