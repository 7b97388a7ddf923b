/* Sum or mean of an int16 tensor over any axes.
 *
 *   out = clamp(requantise(sum of in - count·zx, factor) + zy, low, high)
 *
 * Sum: factor = scale_in / scale_out. Mean: the count is folded into the factor. TFLite's MEAN
 * folds it as mantissa' = floor(mantissa·2^s / count), exponent' = exponent - s, with
 * s = min(floor(log2(count)), 32, 31 + exponent); edgecc's compiler does so too.
 * Layout: any, see edgecc_reduction. Rounding: `rounding`; TFLite's MEAN and SUM are double.
 *
 * Source: TFLite MEAN and SUM for int16.
 */
#ifndef EDGECC_SUM_S16_H
#define EDGECC_SUM_S16_H

#include "edgecc_common.h"
#include "edgecc_reduction.h"
#include "edgecc_requantise.h"
#include <stdint.h>

typedef struct {
    edgecc_reduction walk;
    int32_t in_zero_point, out_zero_point;
    int32_t act_min, act_max;
    int32_t rounding;
    edgecc_multiplier factor;
} edgecc_sum_s16_params;

/* Adds all reduced elements of `count` neighbours on the last kept axis to `acc`. */
static inline void edgecc_sum_s16_block(const edgecc_reduction *r, const int16_t *input,
    int32_t count, int64_t acc[EDGECC_REDUCTION_BLOCK])
{
    for (int32_t i = 0; i < r->reduced[0]; i++) {
        for (int32_t j = 0; j < r->reduced[1]; j++) {
            const int16_t *source = input + i * r->reduced_strides[0] + j * r->reduced_strides[1];
            for (int32_t k = 0; k < r->reduced[2]; k++) {
                for (int32_t e = 0; e < count; e++) {
                    acc[e] += source[e * r->kept_strides[2]];
                }
                source += r->reduced_strides[2];
            }
        }
    }
}

static inline void edgecc_sum_s16(
    const edgecc_sum_s16_params *p, const int16_t *input, int16_t *output)
{
    const edgecc_reduction *r = &p->walk;
    const int64_t offset = (int64_t)edgecc_reduction_count(r) * p->in_zero_point;
    const int32_t rows = edgecc_reduction_rows(r);
    for (int32_t row = 0; row < rows; row++) {
        const int16_t *first = input + edgecc_reduction_row_offset(r, row);
        for (int32_t e = 0; e < r->kept[2]; e += EDGECC_REDUCTION_BLOCK) {
            const int32_t count = edgecc_min_s32(r->kept[2] - e, EDGECC_REDUCTION_BLOCK);
            int64_t acc[EDGECC_REDUCTION_BLOCK] = {0};
            edgecc_sum_s16_block(r, first + e * r->kept_strides[2], count, acc);
            for (int32_t i = 0; i < count; i++) {
                int64_t sum = acc[i] - offset;
                sum = sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum;
                const int32_t value = edgecc_requantise((int32_t)sum, p->rounding, p->factor);
                output[i] = (int16_t)edgecc_offset_clamp(
                    value, p->out_zero_point, p->act_min, p->act_max);
            }
            output += count;
        }
    }
}

#endif
