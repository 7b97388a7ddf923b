/* Convolution, float32.
 *
 *   out[n,y,x,o] = act(bias[o] + sum over ky,kx,i of
 *                  in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, i] · w[o,ky,kx,i]
 *                  + residual[n,y,x,o])
 *
 * Layout: activations NHWC; weights packed as edgecc_tile_f32.h says, group after group (each
 * group's channels padded to 16 on their own), I = input channels / groups. Taps outside the
 * input read zeros. The order of summation is ky, kx, i for every output. `bias` and
 * `residual`, which has the output's layout, may be null. A planar input or output is NCHW instead;
 * planar inputs are read one channel at a time.
 *
 * Six output pixels, taken from the flattened output plane, by one strip of output channels stay
 * in registers over the whole filter; a strip's weights are read once per six pixels.
 */
#ifndef EDGECC_CONV2D_F32_H
#define EDGECC_CONV2D_F32_H

#include "edgecc_activation_f32.h"
#include "edgecc_common.h"
#include "edgecc_tile_f32.h"
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
    edgecc_activation_f32 activation;
} edgecc_conv2d_f32_params;

/* Input channels are taken in runs of this many, so that a tap in the padding can read zeros. */
enum { EDGECC_CONV2D_F32_RUN = 64 };

/* The top left corners of the windows of up to six output pixels; repeats the last one. */
typedef struct {
    int32_t y[EDGECC_TILE_ROWS_F32];
    int32_t x[EDGECC_TILE_ROWS_F32];
} edgecc_conv2d_f32_windows;

static inline edgecc_conv2d_f32_windows edgecc_conv2d_f32_find_windows(
    const edgecc_conv2d_f32_params *p, int32_t pixel, int32_t count)
{
    edgecc_conv2d_f32_windows windows;
    for (int32_t j = 0; j < EDGECC_TILE_ROWS_F32; j++) {
        const int32_t place = pixel + edgecc_min_s32(j, count - 1);
        windows.y[j] = place / p->out_width * p->stride_height - p->pad_top;
        windows.x[j] = place % p->out_width * p->stride_width - p->pad_left;
    }
    return windows;
}

/* Six pixels by one strip of one group, over the whole filter; `w` is the strip's first weight. */
static inline void edgecc_conv2d_f32_tile(const edgecc_conv2d_f32_params *p, const float *input,
    const edgecc_conv2d_f32_windows *windows, const float *w, const float *start, float *out)
{
    static const float zeros[EDGECC_CONV2D_F32_RUN] = {0};
    const int32_t depth = p->in_channels / p->groups;
    const int32_t longest = p->planar_input ? 1 : EDGECC_CONV2D_F32_RUN;
    const int32_t pixel_step = p->planar_input ? 1 : p->in_channels;
    const int32_t channel_step = p->planar_input ? p->in_height * p->in_width : 1;
    edgecc_tile_f32 tile;
    edgecc_tile_f32_start(&tile, start);
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            for (int32_t i = 0; i < depth; i += longest) {
                const int32_t run = edgecc_min_s32(depth - i, longest);
                const float *rows[EDGECC_TILE_ROWS_F32];
                for (int32_t j = 0; j < EDGECC_TILE_ROWS_F32; j++) {
                    const int32_t y = windows->y[j] + ky * p->dilation_height;
                    const int32_t x = windows->x[j] + kx * p->dilation_width;
                    const int inside = y >= 0 && y < p->in_height && x >= 0 && x < p->in_width;
                    rows[j] = inside
                        ? input + (y * p->in_width + x) * pixel_step + i * channel_step
                        : zeros;
                }
                edgecc_tile_f32_accumulate(&tile, rows, w, EDGECC_PACK_F32, run);
                w += run * EDGECC_PACK_F32;
            }
        }
    }
    edgecc_tile_f32_store(&tile, out);
}

/* All pixels of one image for one strip: `count` output channels. */
static inline void edgecc_conv2d_f32_strip(const edgecc_conv2d_f32_params *p, const float *input,
    const float *w, const float *bias, const float *residual, int32_t count, float *output)
{
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t pixel_step = p->planar_output ? 1 : p->out_channels;
    const int32_t channel_step = p->planar_output ? pixels : 1;
    float start[EDGECC_STRIP_F32] = {0};
    if (bias) {
        for (int32_t c = 0; c < count; c++) {
            start[c] = bias[c];
        }
    }
    for (int32_t pixel = 0; pixel < pixels; pixel += EDGECC_TILE_ROWS_F32) {
        const int32_t rows = edgecc_min_s32(pixels - pixel, EDGECC_TILE_ROWS_F32);
        const edgecc_conv2d_f32_windows windows = edgecc_conv2d_f32_find_windows(p, pixel, rows);
        float out[EDGECC_TILE_ROWS_F32 * EDGECC_STRIP_F32];
        edgecc_conv2d_f32_tile(p, input, &windows, w, start, out);
        for (int32_t j = 0; j < rows; j++) {
            float *sums = out + j * EDGECC_STRIP_F32;
            const int32_t place = (pixel + j) * pixel_step;
            if (residual) {
                for (int32_t c = 0; c < count; c++) {
                    sums[c] += residual[place + c * channel_step];
                }
            }
            for (int32_t c = 0; c < count; c++) {
                output[place + c * channel_step] = edgecc_activate_f32(&p->activation, sums[c]);
            }
        }
    }
}

static inline void edgecc_conv2d_f32(const edgecc_conv2d_f32_params *p, const float *input,
    const float *packed, const float *bias, const float *residual, float *output)
{
    const int32_t depth = p->in_channels / p->groups;
    const int32_t channels = p->out_channels / p->groups;
    const int32_t filter = p->kernel_height * p->kernel_width * depth;
    const int32_t in_step = p->planar_input ? p->in_height * p->in_width : 1;
    const int32_t out_step = p->planar_output ? p->out_height * p->out_width : 1;
    const int32_t blocks = (channels + EDGECC_PACK_F32 - 1) / EDGECC_PACK_F32;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t g = 0; g < p->groups; g++) {
            for (int32_t c = 0; c < channels; c += EDGECC_STRIP_F32) {
                const float *w = packed
                    + (g * blocks + c / EDGECC_PACK_F32) * filter * EDGECC_PACK_F32
                    + c % EDGECC_PACK_F32;
                const int32_t place = (g * channels + c) * out_step;
                edgecc_conv2d_f32_strip(p, input + g * depth * in_step, w,
                    bias ? bias + g * channels + c : bias,
                    residual ? residual + place : residual,
                    edgecc_min_s32(channels - c, EDGECC_STRIP_F32), output + place);
            }
        }
        input += p->in_height * p->in_width * p->in_channels;
        const int32_t size = p->out_height * p->out_width * p->out_channels;
        residual = residual ? residual + size : residual;
        output += size;
    }
}

#endif
