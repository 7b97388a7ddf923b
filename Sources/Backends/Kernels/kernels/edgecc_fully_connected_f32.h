/* Fully connected layer, float32.
 *
 *   out[r,o] = act(bias[o] + sum over i of in[r,i] · w[o,i] + residual[r,o])
 *
 * Layout: input [rows, in], output [rows, out]; weights packed as edgecc_tile_f32.h says, with
 * K = in. `bias` and `residual`, which has the output's layout, may be null and are added last.
 *
 * Rows go six at a time over one strip of outputs; what is left, and a single row, goes one row
 * over four strips.
 */
#ifndef EDGECC_FULLY_CONNECTED_F32_H
#define EDGECC_FULLY_CONNECTED_F32_H

#include "edgecc_activation_f32.h"
#include "edgecc_common.h"
#include "edgecc_tile_f32.h"
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t in_features, out_features;
    edgecc_activation_f32 activation;
} edgecc_fully_connected_f32_params;

static inline const float *edgecc_fully_connected_f32_strip(
    const edgecc_fully_connected_f32_params *p, const float *packed, int32_t o)
{
    return packed + o / EDGECC_PACK_F32 * p->in_features * EDGECC_PACK_F32 + o % EDGECC_PACK_F32;
}

static inline void edgecc_fully_connected_f32_finish(const edgecc_fully_connected_f32_params *p,
    const float *bias, const float *residual, const float *sums, int32_t o, int32_t count,
    float *output)
{
    for (int32_t c = 0; c < count; c++) {
        const float sum = bias ? sums[c] + bias[o + c] : sums[c];
        const float total = residual ? sum + residual[o + c] : sum;
        output[o + c] = edgecc_activate_f32(&p->activation, total);
    }
}

/* Six rows. */
static inline void edgecc_fully_connected_f32_rows(const edgecc_fully_connected_f32_params *p,
    const float *input, const float *packed, const float *bias, const float *residual,
    float *output)
{
    static const float zeros[EDGECC_STRIP_F32] = {0};
    const float *rows[EDGECC_TILE_ROWS_F32];
    for (int32_t j = 0; j < EDGECC_TILE_ROWS_F32; j++) {
        rows[j] = input + j * p->in_features;
    }
    for (int32_t o = 0; o < p->out_features; o += EDGECC_STRIP_F32) {
        float sums[EDGECC_TILE_ROWS_F32 * EDGECC_STRIP_F32];
        edgecc_tile_f32 tile;
        edgecc_tile_f32_start(&tile, zeros);
        edgecc_tile_f32_accumulate(&tile, rows, edgecc_fully_connected_f32_strip(p, packed, o),
            EDGECC_PACK_F32, p->in_features);
        edgecc_tile_f32_store(&tile, sums);
        for (int32_t j = 0; j < EDGECC_TILE_ROWS_F32; j++) {
            edgecc_fully_connected_f32_finish(p, bias,
                residual ? residual + j * p->out_features : residual,
                sums + j * EDGECC_STRIP_F32, o,
                edgecc_min_s32(p->out_features - o, EDGECC_STRIP_F32),
                output + j * p->out_features);
        }
    }
}

/* One row. */
static inline void edgecc_fully_connected_f32_row(const edgecc_fully_connected_f32_params *p,
    const float *input, const float *packed, const float *bias, const float *residual,
    float *output)
{
    const int32_t wide = EDGECC_WIDE_STRIPS_F32 * EDGECC_STRIP_F32;
    for (int32_t o = 0; o < p->out_features; o += wide) {
        const float *strips[EDGECC_WIDE_STRIPS_F32];
        float sums[EDGECC_WIDE_STRIPS_F32 * EDGECC_STRIP_F32];
        for (int32_t s = 0; s < EDGECC_WIDE_STRIPS_F32; s++) {
            /* A strip past the end repeats the first; its sums are not used. */
            const int32_t place = o + s * EDGECC_STRIP_F32;
            strips[s] = edgecc_fully_connected_f32_strip(
                p, packed, place < p->out_features ? place : o);
        }
        edgecc_wide_tile_f32_product(input, strips, EDGECC_PACK_F32, p->in_features, sums);
        edgecc_fully_connected_f32_finish(
            p, bias, residual, sums, o, edgecc_min_s32(p->out_features - o, wide), output);
    }
}

static inline void edgecc_fully_connected_f32(const edgecc_fully_connected_f32_params *p,
    const float *input, const float *packed, const float *bias, const float *residual,
    float *output)
{
    const int32_t whole = p->rows / EDGECC_TILE_ROWS_F32 * EDGECC_TILE_ROWS_F32;
    for (int32_t r = 0; r < whole; r += EDGECC_TILE_ROWS_F32) {
        edgecc_fully_connected_f32_rows(p, input + r * p->in_features, packed, bias,
            residual ? residual + r * p->out_features : residual, output + r * p->out_features);
    }
    for (int32_t r = whole; r < p->rows; r++) {
        edgecc_fully_connected_f32_row(p, input + r * p->in_features, packed, bias,
            residual ? residual + r * p->out_features : residual, output + r * p->out_features);
    }
}

#endif
