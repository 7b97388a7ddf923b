/* Dequantisation of an integer tensor to float32.
 *
 *   out[i] = float(in[i] - zp) · scale
 *
 * edgecc_dequantize_s8_f32, _u8_f32, _s16_f32 and _s32_f32. One float32 product, rounded once.
 * Layout: [outer, channels, inner]; per tensor, channels = 1 and the arrays hold one element.
 */
#ifndef EDGECC_DEQUANTIZE_H
#define EDGECC_DEQUANTIZE_H

#include <stdint.h>

typedef struct {
    int32_t outer, channels, inner;
    const float *scales;
    const int32_t *zero_points;
} edgecc_dequantize_params;

static inline void edgecc_dequantize_s8_f32(
    const edgecc_dequantize_params *p, const int8_t *input, float *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (float)(*input++ - p->zero_points[c]) * p->scales[c];
            }
        }
    }
}

static inline void edgecc_dequantize_u8_f32(
    const edgecc_dequantize_params *p, const uint8_t *input, float *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (float)(*input++ - p->zero_points[c]) * p->scales[c];
            }
        }
    }
}

static inline void edgecc_dequantize_s16_f32(
    const edgecc_dequantize_params *p, const int16_t *input, float *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (float)(*input++ - p->zero_points[c]) * p->scales[c];
            }
        }
    }
}

static inline void edgecc_dequantize_s32_f32(
    const edgecc_dequantize_params *p, const int32_t *input, float *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (float)(*input++ - p->zero_points[c]) * p->scales[c];
            }
        }
    }
}

#endif
