/* What layers share whose activations have 16 bits on one side or on both: input s8 or s16, weights
 * s8, output s8 or s16.
 *
 * Sums of s16 inputs have 64 bits and are scaled by edgecc_requantise_wide, those of s8 inputs have
 * 32 bits and are scaled as all others. Weights have zero point 0.
 */
#ifndef EDGECC_WIDE_H
#define EDGECC_WIDE_H

#include "edgecc_common.h"
#include "edgecc_requantise.h"
#include <stdint.h>
#include <string.h>

/* The widths and the offsets of a layer's input and output. */
typedef struct {
    int32_t in_wide, out_wide;
    int32_t in_zero_point, out_zero_point;
    int32_t act_min, act_max;
    edgecc_requant requant;
} edgecc_wide;

/* The bias in either width; both null where there is none. */
typedef struct {
    const int32_t *narrow;
    const int64_t *wide;
} edgecc_wide_bias;

static inline int64_t edgecc_wide_bias_at(edgecc_wide_bias bias, int32_t channel)
{
    if (bias.wide) {
        return bias.wide[channel];
    }
    return bias.narrow ? bias.narrow[channel] : 0;
}

/* 2^exponent, for exponents of normal numbers. */
static inline double edgecc_power_of_two(int32_t exponent)
{
    const uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A 64-bit sum by one factor.
 *
 *   double     floor((x·m16 + 2^(s-1)) / 2^s), m16 the mantissa in 16 bits, s = 15 - e:
 *              TFLite's MultiplyByQuantizedMultiplier(int64_t, …)
 *   otherwise  the nearest integer of x·factor in float64, ties away from zero: its 16x8
 *              FULLY_CONNECTED; cut to a million, which is beyond every output
 */
static inline int32_t edgecc_requantise_wide(
    int64_t value, int32_t rounding, edgecc_multiplier factor)
{
    if (rounding == EDGECC_ROUND_DOUBLE) {
        const int64_t reduced =
            factor.mantissa < 0x7fff0000 ? (factor.mantissa + (1 << 15)) >> 16 : 0x7fff;
        const int32_t shift = 15 - factor.exponent;
        const int64_t half = shift > 0 ? (int64_t)1 << (shift - 1) : 0;
        const int64_t product = value * reduced + half;
        return (int32_t)(shift >= 0 ? product >> shift : product * ((int64_t)1 << -shift));
    }
    const double scale = (double)factor.mantissa * edgecc_power_of_two(factor.exponent - 31);
    const double limit = 1000000.0;
    double scaled = (double)value * scale;
    scaled = scaled > limit ? limit : scaled < -limit ? -limit : scaled;
    const double magnitude = scaled < 0 ? -scaled : scaled;
    const int32_t whole = (int32_t)magnitude;
    const int32_t rounded = whole + (magnitude - (double)whole >= 0.5 ? 1 : 0);
    return scaled < 0 ? -rounded : rounded;
}

/* A finished sum of `channel` as element `index` of the output. */
static inline void edgecc_wide_store(
    const edgecc_wide *p, int64_t sum, int32_t channel, void *output, int32_t index)
{
    edgecc_multiplier factor = edgecc_channel_multiplier(&p->requant, channel);
    const int32_t scaled = p->in_wide
        ? edgecc_requantise_wide(sum, p->requant.rounding, factor)
        : edgecc_requantise((int32_t)sum, p->requant.rounding, factor);
    const int32_t value = edgecc_offset_clamp(scaled, p->out_zero_point, p->act_min, p->act_max);
    if (p->out_wide) {
        ((int16_t *)output)[index] = (int16_t)value;
    } else {
        ((int8_t *)output)[index] = (int8_t)value;
    }
}

/* The sum over i < length of (input[offset + i] - zx) · w[i]. */
static inline int64_t edgecc_wide_dot(
    const edgecc_wide *p, const void *input, int32_t offset, const int8_t *w, int32_t length)
{
    if (p->in_wide) {
        const int16_t *x = (const int16_t *)input + offset;
        int64_t sum = 0;
        for (int32_t i = 0; i < length; i++) {
            sum += (int32_t)(x[i] - p->in_zero_point) * (int32_t)w[i];
        }
        return sum;
    }
    const int8_t *x = (const int8_t *)input + offset;
    int32_t sum = 0;
    for (int32_t i = 0; i < length; i++) {
        const int16_t value = (int16_t)(x[i] - p->in_zero_point);
        sum += (int32_t)value * (int32_t)w[i];
    }
    return sum;
}

#endif
