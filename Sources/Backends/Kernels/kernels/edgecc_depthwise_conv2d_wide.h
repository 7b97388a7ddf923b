/* Depthwise convolution, s8 or s16 activations, s8 weights.
 *
 *   out channel o = c·m + k comes from input channel c, 0 <= k < m (the channel multiplier):
 *   acc[n,y,x,o] = bias[o] + sum over ky,kx of (in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, c]
 *                  - zx) · w[0,ky,kx,o]
 *   out = clamp(requantise(acc, factor[o]) + zy, low, high)
 *
 * Layout: activations NHWC; weights 1HWC with C = input channels times the multiplier.
 * Taps outside the input contribute nothing. Widths and rounding: edgecc_wide.h.
 *
 * Source: TFLite int8 and 16x8 quantisation specifications.
 */
#ifndef EDGECC_DEPTHWISE_CONV2D_WIDE_H
#define EDGECC_DEPTHWISE_CONV2D_WIDE_H

#include "edgecc_common.h"
#include "edgecc_wide.h"
#include <stdint.h>

typedef struct {
    int32_t batch;
    int32_t in_height, in_width, in_channels;
    int32_t out_height, out_width, channel_multiplier;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    edgecc_wide numbers;
} edgecc_depthwise_conv2d_wide_params;

/* Channels that are summed side by side. */
enum { EDGECC_DEPTHWISE_WIDE_BLOCK = 16 };

/* Adds the products of output channels o to o + count - 1 of one tap, whose pixel begins at
 * element `pixel` of the input. */
static inline void edgecc_depthwise_wide_tap(const edgecc_depthwise_conv2d_wide_params *p,
    const void *input, int32_t pixel, const int8_t *w, int32_t o, int32_t count, int64_t *acc)
{
    const int32_t zero = p->numbers.in_zero_point;
    for (int32_t j = 0; j < count; j++) {
        const int32_t place = pixel + (o + j) / p->channel_multiplier;
        const int32_t value = p->numbers.in_wide ? ((const int16_t *)input)[place]
                                                 : ((const int8_t *)input)[place];
        acc[j] += (value - zero) * (int32_t)w[j];
    }
}

static inline void edgecc_depthwise_wide_pixel(const edgecc_depthwise_conv2d_wide_params *p,
    const void *input, const int8_t *weights, int32_t n, int32_t y0, int32_t x0, int32_t o,
    int32_t count, int64_t *acc)
{
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = y0 + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = x0 + kx * p->dilation_width;
            if (y >= 0 && y < p->in_height && x >= 0 && x < p->in_width) {
                const int32_t pixel = ((n * p->in_height + y) * p->in_width + x) * p->in_channels;
                const int8_t *w = weights + (ky * p->kernel_width + kx) * out_channels + o;
                edgecc_depthwise_wide_tap(p, input, pixel, w, o, count, acc);
            }
        }
    }
}

static inline void edgecc_depthwise_conv2d_wide(const edgecc_depthwise_conv2d_wide_params *p,
    const void *input, const int8_t *weights, const int32_t *bias, const int64_t *wide_bias,
    void *output)
{
    const edgecc_wide_bias offsets = {bias, wide_bias};
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    int32_t index = 0;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t y0 = y * p->stride_height - p->pad_top;
                const int32_t x0 = x * p->stride_width - p->pad_left;
                for (int32_t o = 0; o < out_channels; o += EDGECC_DEPTHWISE_WIDE_BLOCK) {
                    const int32_t count =
                        edgecc_min_s32(out_channels - o, EDGECC_DEPTHWISE_WIDE_BLOCK);
                    int64_t acc[EDGECC_DEPTHWISE_WIDE_BLOCK] = {0};
                    edgecc_depthwise_wide_pixel(p, input, weights, n, y0, x0, o, count, acc);
                    for (int32_t j = 0; j < count; j++) {
                        const int64_t sum = acc[j] + edgecc_wide_bias_at(offsets, o + j);
                        edgecc_wide_store(&p->numbers, sum, o + j, output, index++);
                    }
                }
            }
        }
    }
}

#endif
