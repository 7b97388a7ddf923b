/* Register tiles of a float32 matrix product, the core of convolution and matmul.
 *
 * A strip is 2·EDGECC_LANES_F32 output channels. A tile holds six pixels (rows) by one strip:
 *   tile[p][c] += sum over k < count of x_p[k] · w[k·w_step + c]
 * and the wide tile holds one pixel by four strips. Twelve (eight) accumulators fill the vector
 * registers of AVX2, SSE2 and NEON; without vector registers a lane is a float, and the twelve
 * accumulators fit a scalar register file.
 *
 * Packed weights: blocks of EDGECC_PACK_F32 = 16 output channels, each [taps·I][16] with absent
 * channels zero: packed[((o / 16)·K + k)·16 + o % 16] = w[o, k], k = (ky·KW + kx)·I + i, K the
 * length of a filter. The compiler packs; the kernels only read.
 *
 * The struct members are named one by one because gcc keeps arrays of accumulators in memory.
 */
#ifndef EDGECC_TILE_F32_H
#define EDGECC_TILE_F32_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX__)
#define EDGECC_LANES_F32 8
typedef float edgecc_lanes_f32 __attribute__((vector_size(32)));
#elif defined(__SSE2__) || defined(__ARM_NEON) || defined(__wasm_simd128__)
#define EDGECC_LANES_F32 4
typedef float edgecc_lanes_f32 __attribute__((vector_size(16)));
#else
#define EDGECC_LANES_F32 1
typedef float edgecc_lanes_f32;
#endif

#define EDGECC_PACK_F32 16
#define EDGECC_STRIP_F32 (2 * EDGECC_LANES_F32)
#define EDGECC_TILE_ROWS_F32 6
#define EDGECC_WIDE_STRIPS_F32 4

typedef struct {
    edgecc_lanes_f32 a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5;
} edgecc_tile_f32;

typedef struct {
    edgecc_lanes_f32 a0, b0, a1, b1, a2, b2, a3, b3;
} edgecc_wide_tile_f32;

__attribute__((always_inline)) static inline void edgecc_load_f32(
    edgecc_lanes_f32 *lanes, const float *source)
{
    memcpy(lanes, source, sizeof *lanes);
}

__attribute__((always_inline)) static inline void edgecc_store_f32(
    float *target, const edgecc_lanes_f32 *lanes)
{
    memcpy(target, lanes, sizeof *lanes);
}

/* Sets every row of a tile to the strip at `start`. */
__attribute__((always_inline)) static inline void edgecc_tile_f32_start(
    edgecc_tile_f32 *tile, const float *start)
{
    edgecc_load_f32(&tile->a0, start);
    edgecc_load_f32(&tile->b0, start + EDGECC_LANES_F32);
    tile->a1 = tile->a2 = tile->a3 = tile->a4 = tile->a5 = tile->a0;
    tile->b1 = tile->b2 = tile->b3 = tile->b4 = tile->b5 = tile->b0;
}

__attribute__((always_inline)) static inline void edgecc_tile_f32_accumulate(
    edgecc_tile_f32 *tile, const float *const rows[EDGECC_TILE_ROWS_F32], const float *w,
    int32_t w_step, int32_t count)
{
    const float *x0 = rows[0];
    const float *x1 = rows[1];
    const float *x2 = rows[2];
    const float *x3 = rows[3];
    const float *x4 = rows[4];
    const float *x5 = rows[5];
    for (int32_t k = 0; k < count; k++) {
        edgecc_lanes_f32 v0, v1;
        edgecc_load_f32(&v0, w);
        edgecc_load_f32(&v1, w + EDGECC_LANES_F32);
        tile->a0 += x0[k] * v0;
        tile->b0 += x0[k] * v1;
        tile->a1 += x1[k] * v0;
        tile->b1 += x1[k] * v1;
        tile->a2 += x2[k] * v0;
        tile->b2 += x2[k] * v1;
        tile->a3 += x3[k] * v0;
        tile->b3 += x3[k] * v1;
        tile->a4 += x4[k] * v0;
        tile->b4 += x4[k] * v1;
        tile->a5 += x5[k] * v0;
        tile->b5 += x5[k] * v1;
        w += w_step;
    }
}

/* Writes a tile as rows of EDGECC_STRIP_F32 values. */
__attribute__((always_inline)) static inline void edgecc_tile_f32_store(
    const edgecc_tile_f32 *tile, float *out)
{
    edgecc_store_f32(out + 0 * EDGECC_LANES_F32, &tile->a0);
    edgecc_store_f32(out + 1 * EDGECC_LANES_F32, &tile->b0);
    edgecc_store_f32(out + 2 * EDGECC_LANES_F32, &tile->a1);
    edgecc_store_f32(out + 3 * EDGECC_LANES_F32, &tile->b1);
    edgecc_store_f32(out + 4 * EDGECC_LANES_F32, &tile->a2);
    edgecc_store_f32(out + 5 * EDGECC_LANES_F32, &tile->b2);
    edgecc_store_f32(out + 6 * EDGECC_LANES_F32, &tile->a3);
    edgecc_store_f32(out + 7 * EDGECC_LANES_F32, &tile->b3);
    edgecc_store_f32(out + 8 * EDGECC_LANES_F32, &tile->a4);
    edgecc_store_f32(out + 9 * EDGECC_LANES_F32, &tile->b4);
    edgecc_store_f32(out + 10 * EDGECC_LANES_F32, &tile->a5);
    edgecc_store_f32(out + 11 * EDGECC_LANES_F32, &tile->b5);
}

/* One pixel by four strips: out[s][c] = sum over k < count of x[k] · strips[s][k·w_step + c]. */
__attribute__((always_inline)) static inline void edgecc_wide_tile_f32_product(
    const float *x, const float *const strips[EDGECC_WIDE_STRIPS_F32], int32_t w_step,
    int32_t count, float *out)
{
    edgecc_wide_tile_f32 t;
    memset(&t, 0, sizeof t);
    for (int32_t k = 0; k < count; k++) {
        edgecc_lanes_f32 v;
        edgecc_load_f32(&v, strips[0] + k * w_step);
        t.a0 += x[k] * v;
        edgecc_load_f32(&v, strips[0] + k * w_step + EDGECC_LANES_F32);
        t.b0 += x[k] * v;
        edgecc_load_f32(&v, strips[1] + k * w_step);
        t.a1 += x[k] * v;
        edgecc_load_f32(&v, strips[1] + k * w_step + EDGECC_LANES_F32);
        t.b1 += x[k] * v;
        edgecc_load_f32(&v, strips[2] + k * w_step);
        t.a2 += x[k] * v;
        edgecc_load_f32(&v, strips[2] + k * w_step + EDGECC_LANES_F32);
        t.b2 += x[k] * v;
        edgecc_load_f32(&v, strips[3] + k * w_step);
        t.a3 += x[k] * v;
        edgecc_load_f32(&v, strips[3] + k * w_step + EDGECC_LANES_F32);
        t.b3 += x[k] * v;
    }
    edgecc_store_f32(out + 0 * EDGECC_LANES_F32, &t.a0);
    edgecc_store_f32(out + 1 * EDGECC_LANES_F32, &t.b0);
    edgecc_store_f32(out + 2 * EDGECC_LANES_F32, &t.a1);
    edgecc_store_f32(out + 3 * EDGECC_LANES_F32, &t.b1);
    edgecc_store_f32(out + 4 * EDGECC_LANES_F32, &t.a2);
    edgecc_store_f32(out + 5 * EDGECC_LANES_F32, &t.b2);
    edgecc_store_f32(out + 6 * EDGECC_LANES_F32, &t.a3);
    edgecc_store_f32(out + 7 * EDGECC_LANES_F32, &t.b3);
}

#endif
