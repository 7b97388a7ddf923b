/* Softmax over the last axis, int8, in fixed point.
 *
 *   out[c] = clamp(round(256 · exp(b·(x[c] - max)) / sum) - 128)
 *
 * The output has scale 1/256 and zero point -128. b·(x - max) is held in Q5.26: mantissa and
 * left_shift give beta · scale_in · 2^26 as mantissa · 2^(left_shift - 31). Differences below
 * `diff_min` = -floor(31 · 2^(26 - left_shift)) count as zero. exp of a value in [-1/4, 0) is a
 * polynomial about -1/8; the rest of the exponent is a product of constants exp(-2^k), k = -2 … 4.
 * The sum is held in Q12.19, its reciprocal found by three Newton-Raphson steps.
 * Layout: [rows, length]. Rounding: gemmlowp's, in every step.
 *
 * Source: gemmlowp's fixed-point arithmetic; TFLite SOFTMAX for int8.
 */
#ifndef EDGECC_SOFTMAX_S8_H
#define EDGECC_SOFTMAX_S8_H

#include "edgecc_common.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    int32_t rows, length;
    int32_t mantissa, left_shift;
    int32_t diff_min;
} edgecc_softmax_s8_params;

/* value · 2^shift, saturated; shift >= 0. */
static inline int32_t edgecc_saturating_shift(int32_t value, int32_t shift)
{
    const int32_t limit = (int32_t)(((uint32_t)1 << (31 - shift)) - 1);
    if (value > limit) {
        return INT32_MAX;
    }
    if (value < -limit - 1) {
        return INT32_MIN;
    }
    return (int32_t)((uint32_t)value << shift);
}

/* exp(a), a in [-1/4, 0) as Q0.31, to Q0.31: a polynomial of degree four about -1/8. */
static inline int32_t edgecc_exp_quarter(int32_t a)
{
    const int32_t exp_minus_eighth = 1895147668;
    const int32_t third = 715827883;
    const int32_t x = a + ((int32_t)1 << 28);
    const int32_t x2 = edgecc_srdhm(x, x);
    const int32_t x3 = edgecc_srdhm(x2, x);
    const int32_t x4 = edgecc_srdhm(x2, x2);
    const int32_t x4_over_4 = edgecc_rounding_shift(x4, 2);
    const int32_t inner = edgecc_srdhm(x4_over_4 + x3, third) + x2;
    const int32_t tail = edgecc_rounding_shift(inner, 1);
    return exp_minus_eighth + edgecc_srdhm(exp_minus_eighth, x + tail);
}

/* exp(a), a <= 0 as Q5.26, to Q0.31. */
static inline int32_t edgecc_exp_negative(int32_t a)
{
    /* exp(-2^k) as Q0.31, k = -2 to 4. */
    static const int32_t factors[7] = {
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = (int32_t)1 << 24;
    const int32_t low = (a & (quarter - 1)) - quarter;
    const int32_t remainder = low - a;
    int32_t result = edgecc_exp_quarter(edgecc_saturating_shift(low, 5));
    if (a == 0) {
        return INT32_MAX;
    }
    for (int32_t k = 0; k < 7; k++) {
        if (remainder & ((int32_t)1 << (24 + k))) {
            result = edgecc_srdhm(result, factors[k]);
        }
    }
    return result;
}

/* 1 / (1 + a), a in [0, 1) as Q0.31, to Q0.31: Newton-Raphson on (1 + a) / 2 in Q2.29. */
static inline int32_t edgecc_reciprocal_one_plus(int32_t a)
{
    const int32_t constant_48_over_17 = 1515870810;
    const int32_t constant_minus_32_over_17 = -1010580540;
    const int32_t one = (int32_t)1 << 29;
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = constant_48_over_17 + edgecc_srdhm(half, constant_minus_32_over_17);
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = one - edgecc_srdhm(half, x);
        x += edgecc_saturating_shift(edgecc_srdhm(x, error), 2);
    }
    return edgecc_saturating_shift(x, 1);
}

/* The number of leading zero bits of a value above 0. */
static inline int32_t edgecc_leading_zeros(uint32_t value)
{
    int32_t count = 0;
    while (!(value & 0x80000000u)) {
        value <<= 1;
        count++;
    }
    return count;
}

/* exp(b · diff) as Q0.31. */
static inline int32_t edgecc_softmax_s8_exp(const edgecc_softmax_s8_params *p, int32_t diff)
{
    const int32_t shifted = (int32_t)((uint32_t)diff << p->left_shift);
    return edgecc_exp_negative(edgecc_srdhm(shifted, p->mantissa));
}

static inline void edgecc_softmax_s8(
    const edgecc_softmax_s8_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t largest = -128;
        for (int32_t c = 0; c < p->length; c++) {
            largest = edgecc_max_s32(largest, input[c]);
        }
        int32_t sum = 0;
        for (int32_t c = 0; c < p->length; c++) {
            const int32_t diff = input[c] - largest;
            if (diff >= p->diff_min) {
                sum += edgecc_rounding_shift(edgecc_softmax_s8_exp(p, diff), 12);
            }
        }
        const int32_t zeros = edgecc_leading_zeros((uint32_t)sum);
        const int32_t fraction = (int32_t)(((uint32_t)sum << zeros) - 0x80000000u);
        const int32_t scale = edgecc_reciprocal_one_plus(fraction);
        const int32_t shift = 12 - zeros + 31 - 8;
        for (int32_t c = 0; c < p->length; c++) {
            const int32_t diff = input[c] - largest;
            int32_t value = -128;
            if (diff >= p->diff_min) {
                const int32_t product = edgecc_srdhm(scale, edgecc_softmax_s8_exp(p, diff));
                value = edgecc_rounding_shift(product, shift) - 128;
            }
            output[c] = (int8_t)edgecc_clamp_s32(value, -128, 127);
        }
        input += p->length;
        output += p->length;
    }
}

#endif
