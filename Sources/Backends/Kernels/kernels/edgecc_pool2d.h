/* The geometry of a two-dimensional pooling window over an NHWC tensor; dilations are at least
 * 1. */
#ifndef EDGECC_POOL2D_H
#define EDGECC_POOL2D_H

#include "edgecc_common.h"
#include <stdint.h>

typedef struct {
    int32_t batch;
    int32_t in_height, in_width, channels;
    int32_t out_height, out_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
} edgecc_pool2d;

/* A window clipped to the input: rows y0 to y1 - 1, columns x0 to x1 - 1, in steps of the
 * dilation. */
typedef struct {
    int32_t y0, y1, x0, x1;
} edgecc_window;

/* The first tap at or after 0, of taps from `origin` on in steps of `step`. */
static inline int32_t edgecc_first_tap(int32_t origin, int32_t step)
{
    return origin >= 0 ? origin : origin + (step - 1 - origin) / step * step;
}

static inline edgecc_window edgecc_pool2d_window(const edgecc_pool2d *pool, int32_t y, int32_t x)
{
    edgecc_window window;
    const int32_t top = y * pool->stride_height - pool->pad_top;
    const int32_t left = x * pool->stride_width - pool->pad_left;
    const int32_t rows = (pool->kernel_height - 1) * pool->dilation_height + 1;
    const int32_t columns = (pool->kernel_width - 1) * pool->dilation_width + 1;
    window.y0 = edgecc_first_tap(top, pool->dilation_height);
    window.y1 = edgecc_min_s32(top + rows, pool->in_height);
    window.x0 = edgecc_first_tap(left, pool->dilation_width);
    window.x1 = edgecc_min_s32(left + columns, pool->in_width);
    return window;
}

#endif
