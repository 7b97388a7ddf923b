/* Average pooling, float32.
 *
 *   out = act(sum of the window / count)
 *
 * `count` is the number of elements inside the input, or the whole window when `count_padding` is
 * set. The window is not dilated. Layout: NHWC. A window that lies wholly in the padding gives
 * 0 / count.
 */
#ifndef EDGECC_AVERAGE_POOL2D_F32_H
#define EDGECC_AVERAGE_POOL2D_F32_H

#include "edgecc_activation_f32.h"
#include "edgecc_pool2d.h"
#include <stdint.h>

typedef struct {
    edgecc_pool2d pool;
    int32_t count_padding;
    edgecc_activation_f32 activation;
} edgecc_average_pool2d_f32_params;

static inline void edgecc_average_pool2d_f32(
    const edgecc_average_pool2d_f32_params *p, const float *input, float *output)
{
    const int32_t channels = p->pool.channels;
    const int32_t whole = p->pool.kernel_height * p->pool.kernel_width;
    for (int32_t n = 0; n < p->pool.batch; n++) {
        for (int32_t y = 0; y < p->pool.out_height; y++) {
            for (int32_t x = 0; x < p->pool.out_width; x++) {
                const edgecc_window window = edgecc_pool2d_window(&p->pool, y, x);
                const int32_t inside = (window.y1 - window.y0) * (window.x1 - window.x0);
                const float divisor = (float)(p->count_padding ? whole : inside);
                for (int32_t c = 0; c < channels; c++) {
                    output[c] = 0.0f;
                }
                for (int32_t iy = window.y0; iy < window.y1; iy++) {
                    for (int32_t ix = window.x0; ix < window.x1; ix++) {
                        const float *source = input + (iy * p->pool.in_width + ix) * channels;
                        for (int32_t c = 0; c < channels; c++) {
                            output[c] += source[c];
                        }
                    }
                }
                for (int32_t c = 0; c < channels; c++) {
                    output[c] = edgecc_activate_f32(&p->activation, output[c] / divisor);
                }
                output += channels;
            }
        }
        input += p->pool.in_height * p->pool.in_width * channels;
    }
}

#endif
