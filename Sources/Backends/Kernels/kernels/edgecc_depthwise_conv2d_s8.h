/* Depthwise convolution, int8 activations and weights, int32 accumulator.
 *
 *   out channel o = c·m + k comes from input channel c, 0 <= k < m (the channel multiplier):
 *   acc[n,y,x,o] = bias[o] + sum over ky,kx of (in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, c]
 *                  - zx) · w[0,ky,kx,o]
 *   out = clamp(requantise(acc, factor[o]) + zy, low, high)
 *
 * Layout: activations NHWC; weights 1HWC with C = input channels times the multiplier.
 * Taps outside the input contribute nothing. Rounding: `requant.rounding`; TFLite's
 * DEPTHWISE_CONV_2D is double. `bias` may be null.
 *
 * Channels are taken in blocks so that the accumulators stay in registers and the inner
 * loop runs over adjacent channels.
 *
 * Source: TFLite int8 quantisation specification.
 */
#ifndef EDGECC_DEPTHWISE_CONV2D_S8_H
#define EDGECC_DEPTHWISE_CONV2D_S8_H

#include "edgecc_common.h"
#include "edgecc_finish_s8.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    int32_t batch;
    int32_t in_height, in_width, in_channels;
    int32_t out_height, out_width, channel_multiplier;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t in_zero_point, out_zero_point;
    int32_t act_min, act_max;
    edgecc_requant requant;
} edgecc_depthwise_conv2d_s8_params;

/* Adds the products of output channels o to o + count - 1 at one output pixel to `acc`. */
static inline void edgecc_depthwise_conv2d_s8_pixel(const edgecc_depthwise_conv2d_s8_params *p,
    const int8_t *input, const int8_t *weights, int32_t y0, int32_t x0, int32_t o, int32_t count,
    int32_t acc[EDGECC_FINISH_S8_BLOCK])
{
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = y0 + ky * p->dilation_height;
        if (y < 0 || y >= p->in_height) {
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = x0 + kx * p->dilation_width;
            if (x < 0 || x >= p->in_width) {
                continue;
            }
            const int8_t *source = input + (y * p->in_width + x) * p->in_channels;
            const int8_t *w = weights + (ky * p->kernel_width + kx) * out_channels + o;
            if (p->channel_multiplier == 1 && count == EDGECC_FINISH_S8_BLOCK) {
                for (int32_t j = 0; j < EDGECC_FINISH_S8_BLOCK; j++) {
                    const int16_t value = (int16_t)(source[o + j] - p->in_zero_point);
                    acc[j] += (int32_t)value * (int32_t)w[j];
                }
            } else {
                for (int32_t j = 0; j < count; j++) {
                    const int32_t value =
                        source[(o + j) / p->channel_multiplier] - p->in_zero_point;
                    acc[j] += value * (int32_t)w[j];
                }
            }
        }
    }
}

static inline void edgecc_depthwise_conv2d_s8(const edgecc_depthwise_conv2d_s8_params *p,
    const int8_t *input, const int8_t *weights, const int32_t *bias, int8_t *restrict output)
{
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t y0 = y * p->stride_height - p->pad_top;
                const int32_t x0 = x * p->stride_width - p->pad_left;
                for (int32_t o = 0; o < out_channels; o += EDGECC_FINISH_S8_BLOCK) {
                    const int32_t count =
                        edgecc_min_s32(out_channels - o, EDGECC_FINISH_S8_BLOCK);
                    int32_t acc[EDGECC_FINISH_S8_BLOCK] = {0};
                    if (bias) {
                        for (int32_t j = 0; j < count; j++) {
                            acc[j] = bias[o + j];
                        }
                    }
                    edgecc_depthwise_conv2d_s8_pixel(p, input, weights, y0, x0, o, count, acc);
                    const edgecc_output_s8 to = {p->out_zero_point, p->act_min, p->act_max};
                    edgecc_finish_s8(&p->requant, to, acc, o, count, output);
                    output += count;
                }
            }
        }
        input += p->in_height * p->in_width * p->in_channels;
    }
}

#endif
