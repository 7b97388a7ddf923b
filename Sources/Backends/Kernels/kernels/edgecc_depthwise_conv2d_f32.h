/* Depthwise convolution, float32.
 *
 *   out channel o = c·m + k comes from input channel c, 0 <= k < m (the channel multiplier):
 *   out[n,y,x,o] = act(bias[o] + sum over ky,kx of
 *                  in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, c] · w[0,ky,kx,o])
 *
 * Layout: activations NHWC; weights 1HWC with C = input channels times the multiplier. Taps
 * outside the input contribute nothing. `bias` may be null.
 *
 * Channels are taken in blocks of 32, whose accumulators stay in registers over the window.
 */
#ifndef EDGECC_DEPTHWISE_CONV2D_F32_H
#define EDGECC_DEPTHWISE_CONV2D_F32_H

#include "edgecc_activation_f32.h"
#include "edgecc_common.h"
#include <stdint.h>

typedef struct {
    int32_t batch;
    int32_t in_height, in_width, in_channels;
    int32_t out_height, out_width, channel_multiplier;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    edgecc_activation_f32 activation;
} edgecc_depthwise_conv2d_f32_params;

enum { EDGECC_DEPTHWISE_F32_BLOCK = 32 };

/* Adds the products of output channels o to o + count - 1 at one output pixel to `acc`. */
static inline void edgecc_depthwise_conv2d_f32_pixel(const edgecc_depthwise_conv2d_f32_params *p,
    const float *input, const float *weights, int32_t y0, int32_t x0, int32_t o, int32_t count,
    float acc[EDGECC_DEPTHWISE_F32_BLOCK])
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
            const float *source = input + (y * p->in_width + x) * p->in_channels;
            const float *w = weights + (ky * p->kernel_width + kx) * out_channels + o;
            if (p->channel_multiplier == 1 && count == EDGECC_DEPTHWISE_F32_BLOCK) {
                for (int32_t j = 0; j < EDGECC_DEPTHWISE_F32_BLOCK; j++) {
                    acc[j] += source[o + j] * w[j];
                }
            } else {
                for (int32_t j = 0; j < count; j++) {
                    acc[j] += source[(o + j) / p->channel_multiplier] * w[j];
                }
            }
        }
    }
}

static inline void edgecc_depthwise_conv2d_f32(const edgecc_depthwise_conv2d_f32_params *p,
    const float *input, const float *weights, const float *bias, float *output)
{
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t y0 = y * p->stride_height - p->pad_top;
                const int32_t x0 = x * p->stride_width - p->pad_left;
                for (int32_t o = 0; o < out_channels; o += EDGECC_DEPTHWISE_F32_BLOCK) {
                    const int32_t count =
                        edgecc_min_s32(out_channels - o, EDGECC_DEPTHWISE_F32_BLOCK);
                    float acc[EDGECC_DEPTHWISE_F32_BLOCK] = {0};
                    if (bias) {
                        for (int32_t j = 0; j < count; j++) {
                            acc[j] = bias[o + j];
                        }
                    }
                    edgecc_depthwise_conv2d_f32_pixel(
                        p, input, weights, y0, x0, o, count, acc);
                    for (int32_t j = 0; j < count; j++) {
                        output[j] = edgecc_activate_f32(&p->activation, acc[j]);
                    }
                    output += count;
                }
            }
        }
        input += p->in_height * p->in_width * p->in_channels;
    }
}

#endif
