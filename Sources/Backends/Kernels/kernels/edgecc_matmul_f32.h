/* Batched product of two float32 tensors.
 *
 *   out[b,i,j] = sum over k of A[b,i,k] · B[b,k,j]
 *
 * Layout: A is [rows, depth]; B is [depth, columns], or [columns, depth] when `b_transposed`; the
 * output is [rows, columns]. Three batch dimensions, leading ones 1; a batch stride of 0
 * broadcasts. Strides count elements. The sum over k runs upwards.
 *
 * Six rows by one strip of columns stay in registers; rows and columns that are left over, and
 * transposed B, take plain loops.
 */
#ifndef EDGECC_MATMUL_F32_H
#define EDGECC_MATMUL_F32_H

#include "edgecc_common.h"
#include "edgecc_tile_f32.h"
#include <stdint.h>

typedef struct {
    int32_t batch[3];
    int32_t a_strides[3];
    int32_t b_strides[3];
    int32_t rows, depth, columns;
    int32_t b_transposed;
} edgecc_matmul_f32_params;

enum { EDGECC_MATMUL_F32_BLOCK = 16 };

/* Output columns j to j + count - 1 (count <= the block) of one row. */
static inline void edgecc_matmul_f32_row(const edgecc_matmul_f32_params *p, const float *a,
    const float *b, int32_t j, int32_t count, float *output)
{
    float sums[EDGECC_MATMUL_F32_BLOCK] = {0};
    if (p->b_transposed) {
        for (int32_t k = 0; k < p->depth; k++) {
            for (int32_t c = 0; c < count; c++) {
                sums[c] += a[k] * b[(j + c) * p->depth + k];
            }
        }
    } else {
        for (int32_t k = 0; k < p->depth; k++) {
            for (int32_t c = 0; c < count; c++) {
                sums[c] += a[k] * b[k * p->columns + j + c];
            }
        }
    }
    for (int32_t c = 0; c < count; c++) {
        output[j + c] = sums[c];
    }
}

/* Six rows by one strip; B is not transposed. */
static inline void edgecc_matmul_f32_tile(const edgecc_matmul_f32_params *p, const float *a,
    const float *b, int32_t j, float *output)
{
    static const float zeros[EDGECC_STRIP_F32] = {0};
    const float *rows[EDGECC_TILE_ROWS_F32];
    float sums[EDGECC_TILE_ROWS_F32 * EDGECC_STRIP_F32];
    edgecc_tile_f32 tile;
    for (int32_t r = 0; r < EDGECC_TILE_ROWS_F32; r++) {
        rows[r] = a + r * p->depth;
    }
    edgecc_tile_f32_start(&tile, zeros);
    edgecc_tile_f32_accumulate(&tile, rows, b + j, p->columns, p->depth);
    edgecc_tile_f32_store(&tile, sums);
    for (int32_t r = 0; r < EDGECC_TILE_ROWS_F32; r++) {
        memcpy(output + r * p->columns + j, sums + r * EDGECC_STRIP_F32,
            EDGECC_STRIP_F32 * sizeof(float));
    }
}

static inline void edgecc_matmul_f32_one(
    const edgecc_matmul_f32_params *p, const float *a, const float *b, float *output)
{
    const int32_t tiles = p->b_transposed ? 0 : p->rows / EDGECC_TILE_ROWS_F32;
    for (int32_t tile = 0; tile < tiles; tile++) {
        const int32_t row = tile * EDGECC_TILE_ROWS_F32;
        const float *left = a + row * p->depth;
        float *target = output + row * p->columns;
        int32_t j = 0;
        for (; j + EDGECC_STRIP_F32 <= p->columns; j += EDGECC_STRIP_F32) {
            edgecc_matmul_f32_tile(p, left, b, j, target);
        }
        for (int32_t r = 0; r < EDGECC_TILE_ROWS_F32 && j < p->columns; r++) {
            edgecc_matmul_f32_row(
                p, left + r * p->depth, b, j, p->columns - j, target + r * p->columns);
        }
    }
    for (int32_t row = tiles * EDGECC_TILE_ROWS_F32; row < p->rows; row++) {
        for (int32_t j = 0; j < p->columns; j += EDGECC_MATMUL_F32_BLOCK) {
            const int32_t count = edgecc_min_s32(p->columns - j, EDGECC_MATMUL_F32_BLOCK);
            edgecc_matmul_f32_row(
                p, a + row * p->depth, b, j, count, output + row * p->columns);
        }
    }
}

static inline void edgecc_matmul_f32(
    const edgecc_matmul_f32_params *p, const float *a, const float *b, float *output)
{
    const int32_t batches = p->batch[0] * p->batch[1] * p->batch[2];
    for (int32_t n = 0; n < batches; n++) {
        const int32_t n2 = n % p->batch[2];
        const int32_t n1 = n / p->batch[2] % p->batch[1];
        const int32_t n0 = n / p->batch[2] / p->batch[1];
        edgecc_matmul_f32_one(p,
            a + n0 * p->a_strides[0] + n1 * p->a_strides[1] + n2 * p->a_strides[2],
            b + n0 * p->b_strides[0] + n1 * p->b_strides[1] + n2 * p->b_strides[2],
            output + n * p->rows * p->columns);
    }
}

#endif
