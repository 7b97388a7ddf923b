/* Convolution, s8 or s16 activations, s8 weights.
 *
 *   acc[n,y,x,o] = bias[o] + sum over ky,kx,i of (in[n, y·sy - pt + ky·dy, x·sx - pl + kx·dx, i]
 *                  - zx) · w[o,ky,kx,i]
 *   out = clamp(requantise(acc, factor[o]) + zy, low, high)
 *
 * Layout: activations NHWC; weights OHWI, I = input channels / groups; weight zero point 0.
 * Taps outside the input contribute nothing. Widths and rounding: edgecc_wide.h.
 *
 * Source: TFLite int8 and 16x8 quantisation specifications.
 */
#ifndef EDGECC_CONV2D_WIDE_H
#define EDGECC_CONV2D_WIDE_H

#include "edgecc_common.h"
#include "edgecc_wide.h"
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
    edgecc_wide numbers;
} edgecc_conv2d_wide_params;

/* The products of output channel o in image n, the window's corner at (y0, x0). */
static inline int64_t edgecc_conv2d_wide_window(const edgecc_conv2d_wide_params *p,
    const void *input, const int8_t *weights, int32_t n, int32_t y0, int32_t x0, int32_t o)
{
    const int32_t depth = p->in_channels / p->groups;
    const int32_t first = o / (p->out_channels / p->groups) * depth;
    const int8_t *w = weights + o * p->kernel_height * p->kernel_width * depth;
    int64_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = y0 + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++, w += depth) {
            const int32_t x = x0 + kx * p->dilation_width;
            if (y >= 0 && y < p->in_height && x >= 0 && x < p->in_width) {
                const int32_t pixel = (n * p->in_height + y) * p->in_width + x;
                sum += edgecc_wide_dot(
                    &p->numbers, input, pixel * p->in_channels + first, w, depth);
            }
        }
    }
    return sum;
}

static inline void edgecc_conv2d_wide(const edgecc_conv2d_wide_params *p, const void *input,
    const int8_t *weights, const int32_t *bias, const int64_t *wide_bias, void *output)
{
    const edgecc_wide_bias offsets = {bias, wide_bias};
    int32_t index = 0;
    for (int32_t n = 0; n < p->batch; n++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t y0 = y * p->stride_height - p->pad_top;
                const int32_t x0 = x * p->stride_width - p->pad_left;
                for (int32_t o = 0; o < p->out_channels; o++) {
                    const int64_t sum =
                        edgecc_conv2d_wide_window(p, input, weights, n, y0, x0, o);
                    edgecc_wide_store(&p->numbers, sum + edgecc_wide_bias_at(offsets, o), o,
                        output, index++);
                }
            }
        }
    }
}

#endif
