/* Average pooling, int16, input and output of one scale and zero point.
 *
 *   out = clamp((sum of the window ± count/2) / count, low, high)
 *
 * The sum is of the raw values; `count` is the number of elements inside the input, or the whole
 * window when `count_padding` is set (then the padding holds the zero point).
 * The window is not dilated. Layout: NHWC. Rounding: nearest, ties away from zero, of the raw sum.
 *
 * Source: TFLite AVERAGE_POOL_2D for int16.
 */
#ifndef EDGECC_AVERAGE_POOL2D_S16_H
#define EDGECC_AVERAGE_POOL2D_S16_H

#include "edgecc_common.h"
#include "edgecc_pool2d.h"
#include <stdint.h>

typedef struct {
    edgecc_pool2d pool;
    int32_t count_padding;
    int32_t zero_point;
    int32_t act_min, act_max;
} edgecc_average_pool2d_s16_params;

enum { EDGECC_AVERAGE_POOL2D_S16_BLOCK = 16 };

/* Channels c to c + count - 1 of one window. */
static inline void edgecc_average_pool2d_s16_pixel(const edgecc_average_pool2d_s16_params *p,
    const int16_t *input, edgecc_window window, int32_t c, int32_t count, int16_t *output)
{
    int32_t acc[EDGECC_AVERAGE_POOL2D_S16_BLOCK] = {0};
    for (int32_t y = window.y0; y < window.y1; y++) {
        for (int32_t x = window.x0; x < window.x1; x++) {
            const int16_t *source = input + (y * p->pool.in_width + x) * p->pool.channels + c;
            for (int32_t j = 0; j < count; j++) {
                acc[j] += source[j];
            }
        }
    }
    const int32_t inside = (window.y1 - window.y0) * (window.x1 - window.x0);
    const int32_t whole = p->pool.kernel_height * p->pool.kernel_width;
    const int32_t divisor = p->count_padding ? whole : inside;
    for (int32_t j = 0; j < count; j++) {
        const int32_t sum = acc[j] + (divisor - inside) * p->zero_point;
        const int32_t value =
            sum > 0 ? (sum + divisor / 2) / divisor : (sum - divisor / 2) / divisor;
        output[j] = (int16_t)edgecc_clamp_s32(value, p->act_min, p->act_max);
    }
}

static inline void edgecc_average_pool2d_s16(
    const edgecc_average_pool2d_s16_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t n = 0; n < p->pool.batch; n++) {
        for (int32_t y = 0; y < p->pool.out_height; y++) {
            for (int32_t x = 0; x < p->pool.out_width; x++) {
                const edgecc_window window = edgecc_pool2d_window(&p->pool, y, x);
                for (int32_t c = 0; c < p->pool.channels; c += EDGECC_AVERAGE_POOL2D_S16_BLOCK) {
                    const int32_t count = edgecc_min_s32(
                        p->pool.channels - c, EDGECC_AVERAGE_POOL2D_S16_BLOCK);
                    edgecc_average_pool2d_s16_pixel(p, input, window, c, count, output);
                    output += count;
                }
            }
        }
        input += p->pool.in_height * p->pool.in_width * p->pool.channels;
    }
}

#endif
