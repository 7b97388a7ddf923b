/* Maximum pooling, int16.
 *
 *   out = clamp(max of the elements of the window inside the input, low, high)
 *
 * Layout: NHWC. Exact: input and output share scale and zero point. A window that lies wholly in
 * the padding gives the least value.
 */
#ifndef EDGECC_MAX_POOL2D_S16_H
#define EDGECC_MAX_POOL2D_S16_H

#include "edgecc_common.h"
#include "edgecc_pool2d.h"
#include <stdint.h>

typedef struct {
    edgecc_pool2d pool;
    int32_t act_min, act_max;
} edgecc_max_pool2d_s16_params;

static inline void edgecc_max_pool2d_s16(
    const edgecc_max_pool2d_s16_params *p, const int16_t *input, int16_t *output)
{
    const int32_t channels = p->pool.channels;
    const int32_t rows = p->pool.dilation_height;
    const int32_t columns = p->pool.dilation_width;
    for (int32_t n = 0; n < p->pool.batch; n++) {
        for (int32_t y = 0; y < p->pool.out_height; y++) {
            for (int32_t x = 0; x < p->pool.out_width; x++) {
                const edgecc_window window = edgecc_pool2d_window(&p->pool, y, x);
                for (int32_t c = 0; c < channels; c++) {
                    output[c] = (int16_t)p->act_min;
                }
                for (int32_t iy = window.y0; iy < window.y1; iy += rows) {
                    for (int32_t ix = window.x0; ix < window.x1; ix += columns) {
                        const int16_t *source = input + (iy * p->pool.in_width + ix) * channels;
                        for (int32_t c = 0; c < channels; c++) {
                            output[c] = output[c] > source[c] ? output[c] : source[c];
                        }
                    }
                }
                for (int32_t c = 0; c < channels; c++) {
                    output[c] = (int16_t)edgecc_min_s32(output[c], p->act_max);
                }
                output += channels;
            }
        }
        input += p->pool.in_height * p->pool.in_width * channels;
    }
}

#endif
