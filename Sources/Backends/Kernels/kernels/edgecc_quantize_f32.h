/* Quantisation of float32 to an integer type.
 *
 *   out[i] = clamp(round(in[i] / scale) + zp, low, high)
 *
 * edgecc_quantize_f32_s8, _u8 and _s16. Rounding: EDGECC_TIES_AWAY (TFLite's QUANTIZE) or
 * EDGECC_TIES_EVEN (ONNX QuantizeLinear), of the float32 quotient; it is done on the bits, so the
 * floating-point environment and contraction do not enter. Infinities saturate, NaN becomes the
 * zero point.
 * Layout: [outer, channels, inner]; per tensor, channels = 1 and the arrays hold one element.
 */
#ifndef EDGECC_QUANTIZE_F32_H
#define EDGECC_QUANTIZE_F32_H

#include "edgecc_requantise.h"
#include <stdint.h>

enum { EDGECC_TIES_AWAY = 0, EDGECC_TIES_EVEN = 1 };

typedef struct {
    int32_t outer, channels, inner;
    int32_t ties;
    int32_t low, high;
    const float *scales;
    const int32_t *zero_points;
} edgecc_quantize_f32_params;

static inline int32_t edgecc_quantize_f32_value(
    const edgecc_quantize_f32_params *p, float value, int32_t channel)
{
    const float quotient = value / p->scales[channel];
    const int32_t rounded = p->ties == EDGECC_TIES_EVEN ? edgecc_round_even(quotient)
                                                        : edgecc_round_away(quotient);
    return edgecc_offset_clamp(rounded, p->zero_points[channel], p->low, p->high);
}

static inline void edgecc_quantize_f32_s8(
    const edgecc_quantize_f32_params *p, const float *input, int8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int8_t)edgecc_quantize_f32_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_quantize_f32_u8(
    const edgecc_quantize_f32_params *p, const float *input, uint8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (uint8_t)edgecc_quantize_f32_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_quantize_f32_s16(
    const edgecc_quantize_f32_params *p, const float *input, int16_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int16_t)edgecc_quantize_f32_value(p, *input++, c);
            }
        }
    }
}

#endif
