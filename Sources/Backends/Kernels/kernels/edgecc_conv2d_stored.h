/* Convolution, float32 with weights stored in fewer bits (edgecc_stored_weights.h).
 *
 *   out[n,y,x,o] = act(bias[o] + sum over ky,kx,i of
 *                  in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, i] · w[o,ky,kx,i]
 *                  + residual[n,y,x,o])
 *
 * Layout: activations NHWC, or NCHW where planar; weights OHWI, I = input channels / groups. Taps
 * outside the input contribute nothing. `bias` and `residual`, which has the output's layout, may be
 * null.
 *
 * A run of weights of one output channel and tap goes over the whole image, whose sums are in the
 * output meanwhile.
 */
#ifndef EDGECC_CONV2D_STORED_H
#define EDGECC_CONV2D_STORED_H

#include "edgecc_activation_f32.h"
#include "edgecc_common.h"
#include "edgecc_stored_weights.h"
#include <stdint.h>

typedef struct {
    int32_t batch;
    int32_t in_height, in_width, in_channels;
    int32_t out_height, out_width, out_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t planar_input, planar_output;
    edgecc_stored stored;
    edgecc_activation_f32 activation;
} edgecc_conv2d_stored_params;

/* Adds the products of `count` weights, those of input channels from `input` on at tap (ky, kx), to
 * all pixels of one output channel. */
static inline void edgecc_conv2d_stored_sweep(const edgecc_conv2d_stored_params *p,
    const float *input, const float *run, int32_t count, int32_t ky, int32_t kx, float *output)
{
    const int32_t in_pixel = p->planar_input ? 1 : p->in_channels;
    const int32_t in_channel = p->planar_input ? p->in_height * p->in_width : 1;
    const int32_t out_pixel = p->planar_output ? 1 : p->out_channels;
    for (int32_t oy = 0; oy < p->out_height; oy++) {
        const int32_t y = oy * p->stride_height - p->pad_top + ky * p->dilation_height;
        if (y < 0 || y >= p->in_height) {
            continue;
        }
        for (int32_t ox = 0; ox < p->out_width; ox++) {
            const int32_t x = ox * p->stride_width - p->pad_left + kx * p->dilation_width;
            if (x < 0 || x >= p->in_width) {
                continue;
            }
            const float *source = input + (y * p->in_width + x) * in_pixel;
            float sum = 0.0f;
            for (int32_t k = 0; k < count; k++) {
                sum += source[k * in_channel] * run[k];
            }
            output[(oy * p->out_width + ox) * out_pixel] += sum;
        }
    }
}

/* All of output channel `o` of one image; `input` is that image's. */
static inline void edgecc_conv2d_stored_channel(const edgecc_conv2d_stored_params *p,
    const float *input, const void *weights, float bias, int32_t o, const float *residual,
    float *output)
{
    const int32_t depth = p->in_channels / p->groups;
    const int32_t group = o / (p->out_channels / p->groups);
    const int32_t in_channel = p->planar_input ? p->in_height * p->in_width : 1;
    const int32_t out_pixel = p->planar_output ? 1 : p->out_channels;
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t filter = p->kernel_height * p->kernel_width * depth;
    for (int32_t j = 0; j < pixels; j++) {
        output[j * out_pixel] = bias;
    }
    for (int32_t tap = 0; tap < p->kernel_height * p->kernel_width; tap++) {
        for (int32_t i = 0; i < depth; i += EDGECC_STORED_RUN) {
            const int32_t count = edgecc_min_s32(depth - i, EDGECC_STORED_RUN);
            float run[EDGECC_STORED_RUN];
            edgecc_stored_run(
                &p->stored, weights, o * filter + tap * depth + i, count, o, run);
            edgecc_conv2d_stored_sweep(p, input + (group * depth + i) * in_channel, run, count,
                tap / p->kernel_width, tap % p->kernel_width, output);
        }
    }
    for (int32_t j = 0; j < pixels; j++) {
        const int32_t place = j * out_pixel;
        const float total = residual ? output[place] + residual[place] : output[place];
        output[place] = edgecc_activate_f32(&p->activation, total);
    }
}

static inline void edgecc_conv2d_stored(const edgecc_conv2d_stored_params *p, const float *input,
    const void *weights, const float *bias, const float *residual, float *restrict output)
{
    const int32_t out_channel = p->planar_output ? p->out_height * p->out_width : 1;
    const int32_t size = p->out_height * p->out_width * p->out_channels;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t o = 0; o < p->out_channels; o++) {
            const int32_t place = n * size + o * out_channel;
            edgecc_conv2d_stored_channel(p, input, weights, bias ? bias[o] : 0.0f, o,
                residual ? residual + place : residual, output + place);
        }
        input += p->in_height * p->in_width * p->in_channels;
    }
}

#endif
