/* Requantisation of a whole tensor, between integer types.
 *
 *   out[i] = clamp(requantise(in[i] - zx, factor of i's channel) + zy, low, high)
 *
 * One function per pair of types, edgecc_rescale_<in>_<out>: s8 and u8 to s8, u8 and s16, s16 to
 * s16 and s8, s32 to s8, s16 and s32. Layout: [outer, channels, inner]; per tensor, channels = 1.
 * Rounding: `requant.rounding`; TFLite's QUANTIZE from integers is double.
 *
 * Source: TFLite QUANTIZE; TOSA RESCALE.
 */
#ifndef EDGECC_RESCALE_H
#define EDGECC_RESCALE_H

#include "edgecc_common.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    int32_t outer, channels, inner;
    int32_t in_zero_point, out_zero_point;
    int32_t low, high;
    edgecc_requant requant;
} edgecc_rescale_params;

static inline int32_t edgecc_rescale_value(
    const edgecc_rescale_params *p, int32_t value, int32_t channel)
{
    const int32_t scaled = edgecc_requantise(value - p->in_zero_point, p->requant.rounding,
        edgecc_channel_multiplier(&p->requant, channel));
    return edgecc_offset_clamp(scaled, p->out_zero_point, p->low, p->high);
}

static inline void edgecc_rescale_s8_s8(
    const edgecc_rescale_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int8_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s8_u8(
    const edgecc_rescale_params *p, const int8_t *input, uint8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (uint8_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_u8_s8(
    const edgecc_rescale_params *p, const uint8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int8_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_u8_u8(
    const edgecc_rescale_params *p, const uint8_t *input, uint8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (uint8_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s8_s16(
    const edgecc_rescale_params *p, const int8_t *input, int16_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int16_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s16_s16(
    const edgecc_rescale_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int16_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s16_s8(
    const edgecc_rescale_params *p, const int16_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int8_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s32_s8(
    const edgecc_rescale_params *p, const int32_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int8_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s32_s16(
    const edgecc_rescale_params *p, const int32_t *input, int16_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int16_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

static inline void edgecc_rescale_s32_s32(
    const edgecc_rescale_params *p, const int32_t *input, int32_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t j = 0; j < p->inner; j++) {
                *output++ = (int32_t)edgecc_rescale_value(p, *input++, c);
            }
        }
    }
}

#endif
