/* Depthwise convolution, float32 with weights stored in fewer bits (edgecc_stored_weights.h).
 *
 *   out channel o = c·m + k comes from input channel c, 0 <= k < m (the channel multiplier):
 *   out[n,y,x,o] = act(bias[o] + sum over ky,kx of
 *                  in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, c] · w[0,ky,kx,o])
 *
 * Layout: activations NHWC; weights 1HWC with C = input channels times the multiplier. Taps outside
 * the input contribute nothing. `bias` may be null.
 *
 * A weight goes over the whole image, whose sums are in the output meanwhile.
 */
#ifndef EDGECC_DEPTHWISE_CONV2D_STORED_H
#define EDGECC_DEPTHWISE_CONV2D_STORED_H

#include "edgecc_activation_f32.h"
#include "edgecc_stored_weights.h"
#include <stdint.h>

typedef struct {
    int32_t batch;
    int32_t in_height, in_width, in_channels;
    int32_t out_height, out_width, channel_multiplier;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    edgecc_stored stored;
    edgecc_activation_f32 activation;
} edgecc_depthwise_conv2d_stored_params;

/* Adds one weight's products to all pixels of one output channel. */
static inline void edgecc_depthwise_stored_sweep(const edgecc_depthwise_conv2d_stored_params *p,
    const float *input, float weight, int32_t ky, int32_t kx, float *output)
{
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    for (int32_t oy = 0; oy < p->out_height; oy++) {
        const int32_t y = oy * p->stride_height - p->pad_top + ky * p->dilation_height;
        for (int32_t ox = 0; ox < p->out_width; ox++) {
            const int32_t x = ox * p->stride_width - p->pad_left + kx * p->dilation_width;
            if (y >= 0 && y < p->in_height && x >= 0 && x < p->in_width) {
                output[(oy * p->out_width + ox) * out_channels] +=
                    input[(y * p->in_width + x) * p->in_channels] * weight;
            }
        }
    }
}

static inline void edgecc_depthwise_conv2d_stored(
    const edgecc_depthwise_conv2d_stored_params *p, const float *input, const void *weights,
    const float *bias, float *restrict output)
{
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    const int32_t pixels = p->out_height * p->out_width;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t o = 0; o < out_channels; o++) {
            for (int32_t j = 0; j < pixels; j++) {
                output[j * out_channels + o] = bias ? bias[o] : 0.0f;
            }
            for (int32_t tap = 0; tap < p->kernel_height * p->kernel_width; tap++) {
                const float weight =
                    edgecc_stored_at(&p->stored, weights, tap * out_channels + o, o);
                edgecc_depthwise_stored_sweep(p, input + o / p->channel_multiplier, weight,
                    tap / p->kernel_width, tap % p->kernel_width, output + o);
            }
            for (int32_t j = 0; j < pixels; j++) {
                output[j * out_channels + o] =
                    edgecc_activate_f32(&p->activation, output[j * out_channels + o]);
            }
        }
        input += p->in_height * p->in_width * p->in_channels;
        output += pixels * out_channels;
    }
}

#endif
