/* Convolution, int8 activations and weights, int32 accumulator.
 *
 *   acc[n,y,x,o] = bias[o] + sum over ky,kx,i of (in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, i]
 *                  - zx) · w[o,ky,kx,i]
 *   out = clamp(requantise(acc, factor[o]) + zy, low, high)
 *
 * Layout: activations NHWC; weights OHWI, I = input channels / groups; weight zero point 0.
 * Taps outside the input contribute nothing (the padding value is the input's zero point).
 * Rounding: `requant.rounding`; TFLite's CONV_2D is double.
 * `bias` may be null.
 *
 * Four output channels share each activation load; with a horizontal dilation of 1 and one group,
 * a filter row is one dense product of length kernel width times input channels. Where that is
 * short, the pixel's whole window is first copied into one dense vector.
 *
 * Source: TFLite int8 quantisation specification; Jacob et al. (2018), section 2.2.
 */
#ifndef EDGECC_CONV2D_S8_H
#define EDGECC_CONV2D_S8_H

#include "edgecc_common.h"
#include "edgecc_dot_s8.h"
#include "edgecc_finish_s8.h"
#include "edgecc_requantise.h"
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
    int32_t in_zero_point, out_zero_point;
    int32_t act_min, act_max;
    edgecc_requant requant;
} edgecc_conv2d_s8_params;

/* The accumulators of output channels o to o + count - 1 (count 1 to 4) at one output pixel. */
static inline void edgecc_conv2d_s8_window(const edgecc_conv2d_s8_params *p, const int8_t *input,
    const int8_t *weights, int32_t y0, int32_t x0, int32_t o, int32_t count, int32_t *acc)
{
    const int32_t depth = p->in_channels / p->groups;
    const int32_t filter = p->kernel_height * p->kernel_width * depth;
    const int32_t first = (o / (p->out_channels / p->groups)) * depth;
    const int dense = p->groups == 1 && p->dilation_width == 1;
    const int32_t kx_low = x0 < 0 && dense ? -x0 : 0;
    const int32_t kx_high = dense ? edgecc_min_s32(p->kernel_width, p->in_width - x0)
                                  : p->kernel_width;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = y0 + ky * p->dilation_height;
        if (y < 0 || y >= p->in_height) {
            continue;
        }
        const int8_t *row = input + y * p->in_width * p->in_channels;
        const int8_t *w = weights + o * filter + ky * p->kernel_width * depth;
        if (dense) {
            if (kx_high > kx_low) {
                edgecc_dot4_s8(row + (x0 + kx_low) * depth, w + kx_low * depth, filter, count,
                    (kx_high - kx_low) * depth, p->in_zero_point, acc);
            }
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = x0 + kx * p->dilation_width;
            if (x >= 0 && x < p->in_width) {
                edgecc_dot4_s8(row + x * p->in_channels + first, w + kx * depth, filter, count,
                    depth, p->in_zero_point, acc);
            }
        }
    }
}

/* The longest window, in elements, that is made dense, and the shortest filter row that is not. */
enum { EDGECC_CONV2D_S8_PATCH = 512, EDGECC_CONV2D_S8_ROW = 32 };

/* The window at (y0, x0) as one vector in the filter's order, the zero point where it hangs over
 * the edge; one group. */
static inline void edgecc_conv2d_s8_gather(const edgecc_conv2d_s8_params *p, const int8_t *input,
    int32_t y0, int32_t x0, int8_t *restrict patch)
{
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = y0 + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = x0 + kx * p->dilation_width;
            const int inside = y >= 0 && y < p->in_height && x >= 0 && x < p->in_width;
            const int8_t *source = input + (y * p->in_width + x) * p->in_channels;
            for (int32_t i = 0; i < p->in_channels; i++) {
                *patch++ = inside ? source[i] : (int8_t)p->in_zero_point;
            }
        }
    }
}

/* One output pixel, its channels in blocks that stay within a group. */
static inline void edgecc_conv2d_s8_pixel(const edgecc_conv2d_s8_params *p, const int8_t *input,
    const int8_t *weights, const int32_t *bias, int32_t y0, int32_t x0, int8_t *restrict output)
{
    const edgecc_output_s8 to = {p->out_zero_point, p->act_min, p->act_max};
    const int32_t group = p->out_channels / p->groups;
    const int32_t row = p->kernel_width * p->in_channels;
    const int32_t length = p->kernel_height * row;
    const int dense = p->groups == 1 && p->kernel_height * p->kernel_width > 1
        && row < EDGECC_CONV2D_S8_ROW && length <= EDGECC_CONV2D_S8_PATCH;
    int8_t patch[EDGECC_CONV2D_S8_PATCH];
    int32_t o = 0;
    if (dense) {
        edgecc_conv2d_s8_gather(p, input, y0, x0, patch);
    }
    while (o < p->out_channels) {
        const int32_t count = edgecc_min_s32(group - o % group, EDGECC_FINISH_S8_BLOCK);
        int32_t acc[EDGECC_FINISH_S8_BLOCK] = {0};
        if (bias) {
            for (int32_t j = 0; j < count; j++) {
                acc[j] = bias[o + j];
            }
        }
        for (int32_t j = 0; j < count; j += 4) {
            const int32_t width = edgecc_min_s32(count - j, 4);
            if (dense) {
                edgecc_dot4_s8(patch, weights + (o + j) * length, length, width, length,
                    p->in_zero_point, acc + j);
            } else {
                edgecc_conv2d_s8_window(p, input, weights, y0, x0, o + j, width, acc + j);
            }
        }
        edgecc_finish_s8(&p->requant, to, acc, o, count, output + o);
        o += count;
    }
}

static inline void edgecc_conv2d_s8(const edgecc_conv2d_s8_params *p, const int8_t *input,
    const int8_t *weights, const int32_t *bias, int8_t *restrict output)
{
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                edgecc_conv2d_s8_pixel(p, input, weights, bias,
                    y * p->stride_height - p->pad_top, x * p->stride_width - p->pad_left, output);
                output += p->out_channels;
            }
        }
        input += p->in_height * p->in_width * p->in_channels;
    }
}

#endif
