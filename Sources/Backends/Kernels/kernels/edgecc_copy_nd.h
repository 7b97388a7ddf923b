/* A strided copy of up to six dimensions, for elements of any size: transpose, slice (negative
 * steps too), concatenate, split, broadcast, tile, space to depth and back.
 *
 *   out[sum of i_d · out_strides[d]] = in[sum of i_d · in_strides[d]] over all indices i
 *
 * The caller points `input` and `output` at the first element. Strides count elements; unused
 * leading dimensions are 1. A row that is dense on both sides is one memcpy.
 */
#ifndef EDGECC_COPY_ND_H
#define EDGECC_COPY_ND_H

#include "edgecc_common.h"
#include <stdint.h>
#include <string.h>

typedef struct {
    int32_t element_size;
    int32_t dims[EDGECC_RANK];
    int32_t in_strides[EDGECC_RANK];
    int32_t out_strides[EDGECC_RANK];
} edgecc_copy_nd_params;

static inline void edgecc_copy_nd(
    const edgecc_copy_nd_params *p, const void *input, void *output)
{
    const int32_t size = p->element_size;
    const int32_t length = p->dims[EDGECC_RANK - 1];
    const int32_t in_step = p->in_strides[EDGECC_RANK - 1] * size;
    const int32_t out_step = p->out_strides[EDGECC_RANK - 1] * size;
    int32_t rows = 1;
    for (int32_t i = 0; i < EDGECC_RANK - 1; i++) {
        rows *= p->dims[i];
    }
    for (int32_t row = 0; row < rows; row++) {
        const char *source =
            (const char *)input + edgecc_row_offset(p->dims, p->in_strides, row) * size;
        char *target = (char *)output + edgecc_row_offset(p->dims, p->out_strides, row) * size;
        if (in_step == size && out_step == size) {
            memcpy(target, source, (size_t)(length * size));
            continue;
        }
        for (int32_t i = 0; i < length; i++) {
            memcpy(target, source, (size_t)size);
            source += in_step;
            target += out_step;
        }
    }
}

#endif
