/* Maximum pooling, float32.
 *
 *   out = act(max of the elements of the window inside the input)
 *
 * Layout: NHWC. A window that lies wholly in the padding gives the least finite value.
 */
#ifndef EDGECC_MAX_POOL2D_F32_H
#define EDGECC_MAX_POOL2D_F32_H

#include "edgecc_activation_f32.h"
#include "edgecc_pool2d.h"
#include <float.h>
#include <stdint.h>

typedef struct {
    edgecc_pool2d pool;
    edgecc_activation_f32 activation;
} edgecc_max_pool2d_f32_params;

static inline void edgecc_max_pool2d_f32(
    const edgecc_max_pool2d_f32_params *p, const float *input, float *output)
{
    const int32_t channels = p->pool.channels;
    const int32_t rows = p->pool.dilation_height;
    const int32_t columns = p->pool.dilation_width;
    for (int32_t n = 0; n < p->pool.batch; n++) {
        for (int32_t y = 0; y < p->pool.out_height; y++) {
            for (int32_t x = 0; x < p->pool.out_width; x++) {
                const edgecc_window window = edgecc_pool2d_window(&p->pool, y, x);
                int32_t seen = 0;
                for (int32_t iy = window.y0; iy < window.y1; iy += rows) {
                    for (int32_t ix = window.x0; ix < window.x1; ix += columns) {
                        const float *source = input + (iy * p->pool.in_width + ix) * channels;
                        for (int32_t c = 0; c < channels; c++) {
                            const float value = source[c];
                            output[c] = !seen || value > output[c] || value != value ? value
                                                                                     : output[c];
                        }
                        seen = 1;
                    }
                }
                for (int32_t c = 0; c < channels; c++) {
                    const float value = seen ? output[c] : -FLT_MAX;
                    output[c] = edgecc_activate_f32(&p->activation, value);
                }
                output += channels;
            }
        }
        input += p->pool.in_height * p->pool.in_width * channels;
    }
}

#endif
