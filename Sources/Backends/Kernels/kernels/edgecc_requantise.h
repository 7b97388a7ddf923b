/* Requantisation: a 32-bit accumulator times a positive real factor, rounded to an integer.
 *
 * Three roundings, chosen by a constant so that two of them fold away:
 *   double      y = rshift(srdhm(x << left, m), right): gemmlowp's two steps. srdhm is
 *               floor((x·m + 2^30) / 2^31), saturated; rshift takes ties away from zero.
 *   single      y = floor((x·m + 2^(s-1)) / 2^s), s = 31 - e, saturated.
 *   float even  y = round half to even of fl(fl(x)·scale), saturated.
 * The factor is m·2^(e-31), 2^30 <= m < 2^31 (smaller m is allowed), -31 <= e <= 30.
 *
 * The float mode rounds on the bits of the product, so neither contraction into a fused
 * multiply-add nor the rounding mode of a later addition can change the result.
 *
 * Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference" (2018), section 2.2; gemmlowp fixedpoint; ONNX
 * QuantizeLinear.
 */
#ifndef EDGECC_REQUANTISE_H
#define EDGECC_REQUANTISE_H

#include "edgecc_common.h"
#include <stdint.h>
#include <string.h>

enum { EDGECC_ROUND_DOUBLE = 0, EDGECC_ROUND_SINGLE = 1, EDGECC_ROUND_FLOAT_EVEN = 2 };

/* A positive factor in both forms; only the one that the rounding mode reads need be set. */
typedef struct {
    int32_t mantissa;
    int32_t exponent;
    float scale;
} edgecc_multiplier;

/* The factors of an operation: one per output channel where the arrays are set, else `tensor`. */
typedef struct {
    int32_t rounding;
    edgecc_multiplier tensor;
    const int32_t *mantissas;
    const int8_t *exponents;
    const float *scales;
} edgecc_requant;

/* floor((a·b + 2^30) / 2^31), saturated at a = b = -2^31. */
static inline int32_t edgecc_srdhm(int32_t a, int32_t b)
{
    int64_t product = (int64_t)a * (int64_t)b + ((int64_t)1 << 30);
    return a == INT32_MIN && b == INT32_MIN ? INT32_MAX : (int32_t)(product >> 31);
}

/* value / 2^shift, ties away from zero; 0 <= shift <= 31. */
static inline int32_t edgecc_rounding_shift(int32_t value, int32_t shift)
{
    int32_t mask = (int32_t)(((uint32_t)1 << shift) - 1);
    int32_t threshold = (int32_t)((uint32_t)mask >> 1) + (value < 0);
    return (value >> shift) + ((value & mask) > threshold);
}

static inline int32_t edgecc_requantise_double(int32_t value, int32_t mantissa, int32_t exponent)
{
    int32_t left = exponent > 0 ? exponent : 0;
    int32_t right = exponent > 0 ? 0 : -exponent;
    int32_t shifted = (int32_t)((uint32_t)value << left);
    return edgecc_rounding_shift(edgecc_srdhm(shifted, mantissa), right);
}

static inline int32_t edgecc_requantise_single(int32_t value, int32_t mantissa, int32_t exponent)
{
    int32_t shift = 31 - exponent;
    int64_t product = (int64_t)value * (int64_t)mantissa + ((int64_t)1 << (shift - 1));
    int64_t result = product >> shift;
    result = result > INT32_MAX ? INT32_MAX : result;
    return (int32_t)(result < INT32_MIN ? INT32_MIN : result);
}

/* The nearest integer, ties to even, saturated; NaN gives 0. */
static inline int32_t edgecc_round_even(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    int32_t exponent = (int32_t)((bits >> 23) & 255);
    uint32_t significand = (bits & 0x7fffffu) | 0x800000u;
    int32_t negative = (int32_t)(bits >> 31);
    uint32_t magnitude;
    if (exponent >= 158) {
        const int32_t limit = negative ? INT32_MIN : INT32_MAX;
        return exponent == 255 && significand != 0x800000u ? 0 : limit;
    }
    if (exponent >= 150) {
        magnitude = significand << (exponent - 150);
    } else {
        /* A shift of 25 leaves less than a half, so larger ones need not be told apart. */
        int32_t shift = edgecc_min_s32(150 - exponent, 25);
        uint32_t half = (uint32_t)1 << (shift - 1);
        uint32_t odd = (significand >> shift) & 1u;
        magnitude = (significand + half - 1u + odd) >> shift;
    }
    return negative ? -(int32_t)magnitude : (int32_t)magnitude;
}

/* As edgecc_round_even with ties away from zero: C's roundf, TFLite's quantisation. */
static inline int32_t edgecc_round_away(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    int32_t exponent = (int32_t)((bits >> 23) & 255);
    uint32_t significand = (bits & 0x7fffffu) | 0x800000u;
    int32_t negative = (int32_t)(bits >> 31);
    uint32_t magnitude;
    if (exponent >= 158) {
        const int32_t limit = negative ? INT32_MIN : INT32_MAX;
        return exponent == 255 && significand != 0x800000u ? 0 : limit;
    }
    if (exponent >= 150) {
        magnitude = significand << (exponent - 150);
    } else {
        int32_t shift = edgecc_min_s32(150 - exponent, 25);
        magnitude = (significand + ((uint32_t)1 << (shift - 1))) >> shift;
    }
    return negative ? -(int32_t)magnitude : (int32_t)magnitude;
}

/* One value by one factor. */
static inline int32_t edgecc_requantise(int32_t value, int32_t rounding, edgecc_multiplier factor)
{
    if (rounding == EDGECC_ROUND_DOUBLE) {
        return edgecc_requantise_double(value, factor.mantissa, factor.exponent);
    }
    if (rounding == EDGECC_ROUND_SINGLE) {
        return edgecc_requantise_single(value, factor.mantissa, factor.exponent);
    }
    return edgecc_round_even((float)value * factor.scale);
}

/* The factor of an output channel. */
static inline edgecc_multiplier edgecc_channel_multiplier(
    const edgecc_requant *requant, int32_t channel)
{
    edgecc_multiplier factor = requant->tensor;
    if (requant->mantissas) {
        factor.mantissa = requant->mantissas[channel];
        factor.exponent = requant->exponents[channel];
    }
    if (requant->scales) {
        factor.scale = requant->scales[channel];
    }
    return factor;
}

/* clamp(value + zero_point, low, high) without overflow in the addition. */
static inline int32_t edgecc_offset_clamp(
    int32_t value, int32_t zero_point, int32_t low, int32_t high)
{
    return edgecc_clamp_s32(value, low - zero_point, high - zero_point) + zero_point;
}

#endif
