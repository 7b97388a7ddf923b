/* Batched product of two int16 tensors, 64-bit sums.
 *
 *   out[b,i,j] = clamp(requantise(sum over k of (A[b,i,k] - za) · (B[b,k,j] - zb)) + zy, low, high)
 *
 * Layout: as edgecc_matmul_s8. Rounding: edgecc_requantise_wide.
 *
 * Source: TFLite BATCH_MATMUL for int16.
 */
#ifndef EDGECC_MATMUL_S16_H
#define EDGECC_MATMUL_S16_H

#include "edgecc_common.h"
#include "edgecc_wide.h"
#include <stdint.h>

typedef struct {
    int32_t batch[3];
    int32_t a_strides[3];
    int32_t b_strides[3];
    int32_t rows, depth, columns;
    int32_t b_transposed;
    int32_t a_zero_point, b_zero_point, out_zero_point;
    int32_t act_min, act_max;
    int32_t rounding;
    edgecc_multiplier factor;
} edgecc_matmul_s16_params;

enum { EDGECC_MATMUL_S16_BLOCK = 8 };

/* Output columns j to j + count - 1 of one row. */
static inline void edgecc_matmul_s16_block(const edgecc_matmul_s16_params *p, const int16_t *a,
    const int16_t *b, int32_t j, int32_t count, int16_t *output)
{
    const int32_t row = p->b_transposed ? 1 : p->columns;
    const int32_t column = p->b_transposed ? p->depth : 1;
    int64_t acc[EDGECC_MATMUL_S16_BLOCK] = {0};
    for (int32_t k = 0; k < p->depth; k++) {
        const int32_t left = a[k] - p->a_zero_point;
        const int16_t *right = b + k * row + j * column;
        for (int32_t c = 0; c < count; c++) {
            acc[c] += (int64_t)left * (right[c * column] - p->b_zero_point);
        }
    }
    for (int32_t c = 0; c < count; c++) {
        const int32_t value = edgecc_requantise_wide(acc[c], p->rounding, p->factor);
        output[c] = (int16_t)edgecc_offset_clamp(
            value, p->out_zero_point, p->act_min, p->act_max);
    }
}

static inline void edgecc_matmul_s16(const edgecc_matmul_s16_params *p, const int16_t *a,
    const int16_t *b, int16_t *output)
{
    const int32_t batches = p->batch[0] * p->batch[1] * p->batch[2];
    for (int32_t n = 0; n < batches; n++) {
        const int32_t n2 = n % p->batch[2];
        const int32_t n1 = n / p->batch[2] % p->batch[1];
        const int32_t n0 = n / p->batch[2] / p->batch[1];
        const int16_t *left =
            a + n0 * p->a_strides[0] + n1 * p->a_strides[1] + n2 * p->a_strides[2];
        const int16_t *right =
            b + n0 * p->b_strides[0] + n1 * p->b_strides[1] + n2 * p->b_strides[2];
        for (int32_t i = 0; i < p->rows; i++) {
            for (int32_t j = 0; j < p->columns; j += EDGECC_MATMUL_S16_BLOCK) {
                const int32_t count = edgecc_min_s32(p->columns - j, EDGECC_MATMUL_S16_BLOCK);
                edgecc_matmul_s16_block(p, left + i * p->depth, right, j, count, output);
                output += count;
            }
        }
    }
}

#endif
