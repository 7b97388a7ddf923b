/* Batched product of two int8 tensors.
 *
 *   out[b,i,j] = clamp(requantise(sum over k of (A[b,i,k] - za) · (B[b,k,j] - zb)) + zy, low, high)
 *
 * Layout: A is [rows, depth]; B is [depth, columns], or [columns, depth] when `b_transposed`;
 * the output is [rows, columns]. Three batch dimensions, leading ones 1; a batch stride of 0
 * broadcasts. Strides count elements. Rounding: `rounding`; TFLite's BATCH_MATMUL is double.
 *
 * Source: TFLite int8 quantisation specification; ONNX MatMulInteger.
 */
#ifndef EDGECC_MATMUL_S8_H
#define EDGECC_MATMUL_S8_H

#include "edgecc_common.h"
#include "edgecc_requantise.h"
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
} edgecc_matmul_s8_params;

enum { EDGECC_MATMUL_S8_BLOCK = 16 };

/* Output columns j to j + count - 1 of one row. */
static inline void edgecc_matmul_s8_block(const edgecc_matmul_s8_params *p, const int8_t *a,
    const int8_t *b, int32_t j, int32_t count, int8_t *output)
{
    int32_t acc[EDGECC_MATMUL_S8_BLOCK] = {0};
    if (p->b_transposed) {
        for (int32_t c = 0; c < count; c++) {
            const int8_t *column = b + (j + c) * p->depth;
            int32_t sum = 0;
            for (int32_t k = 0; k < p->depth; k++) {
                const int16_t left = (int16_t)(a[k] - p->a_zero_point);
                const int16_t right = (int16_t)(column[k] - p->b_zero_point);
                sum += (int32_t)left * (int32_t)right;
            }
            acc[c] = sum;
        }
    } else {
        for (int32_t k = 0; k < p->depth; k++) {
            const int32_t left = a[k] - p->a_zero_point;
            const int8_t *row = b + k * p->columns + j;
            for (int32_t c = 0; c < count; c++) {
                acc[c] += left * (row[c] - p->b_zero_point);
            }
        }
    }
    for (int32_t c = 0; c < count; c++) {
        const int32_t value = edgecc_requantise(acc[c], p->rounding, p->factor);
        output[c] =
            (int8_t)edgecc_offset_clamp(value, p->out_zero_point, p->act_min, p->act_max);
    }
}

static inline void edgecc_matmul_s8(const edgecc_matmul_s8_params *p, const int8_t *a,
    const int8_t *b, int8_t *output)
{
    const int32_t batches = p->batch[0] * p->batch[1] * p->batch[2];
    for (int32_t n = 0; n < batches; n++) {
        const int32_t n2 = n % p->batch[2];
        const int32_t n1 = n / p->batch[2] % p->batch[1];
        const int32_t n0 = n / p->batch[2] / p->batch[1];
        const int8_t *left =
            a + n0 * p->a_strides[0] + n1 * p->a_strides[1] + n2 * p->a_strides[2];
        const int8_t *right =
            b + n0 * p->b_strides[0] + n1 * p->b_strides[1] + n2 * p->b_strides[2];
        for (int32_t i = 0; i < p->rows; i++) {
            for (int32_t j = 0; j < p->columns; j += EDGECC_MATMUL_S8_BLOCK) {
                const int32_t count = edgecc_min_s32(p->columns - j, EDGECC_MATMUL_S8_BLOCK);
                edgecc_matmul_s8_block(p, left + i * p->depth, right, j, count, output);
                output += count;
            }
        }
    }
}

#endif
