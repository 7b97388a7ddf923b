/* The geometry of a two-dimensional pooling window over an NHWC tensor. */
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
    int32_t pad_top, pad_left;
} edgecc_pool2d;

/* A window clipped to the input: rows y0 to y1 - 1, columns x0 to x1 - 1. */
typedef struct {
    int32_t y0, y1, x0, x1;
} edgecc_window;

static inline edgecc_window edgecc_pool2d_window(const edgecc_pool2d *pool, int32_t y, int32_t x)
{
    edgecc_window window;
    const int32_t top = y * pool->stride_height - pool->pad_top;
    const int32_t left = x * pool->stride_width - pool->pad_left;
    window.y0 = edgecc_max_s32(top, 0);
    window.y1 = edgecc_min_s32(top + pool->kernel_height, pool->in_height);
    window.x0 = edgecc_max_s32(left, 0);
    window.x1 = edgecc_min_s32(left + pool->kernel_width, pool->in_width);
    return window;
}

#endif
