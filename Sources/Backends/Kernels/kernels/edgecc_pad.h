/* Constant padding of up to six dimensions, for elements of any size.
 *
 *   out[i] = in[i - before] where that lies inside the input, else *value
 *
 * Layout: dense input of dims `in_dims`, dense output of dims `out_dims`; unused leading dimensions
 * are 1 with no padding.
 */
#ifndef EDGECC_PAD_H
#define EDGECC_PAD_H

#include "edgecc_common.h"
#include "edgecc_copy_nd.h"
#include "edgecc_fill.h"
#include <stdint.h>

typedef struct {
    int32_t element_size;
    int32_t in_dims[EDGECC_RANK];
    int32_t out_dims[EDGECC_RANK];
    int32_t before[EDGECC_RANK];
} edgecc_pad_params;

static inline void edgecc_pad(
    const edgecc_pad_params *p, const void *input, const void *value, void *output)
{
    edgecc_copy_nd_params copy;
    int32_t in_stride = 1;
    int32_t out_stride = 1;
    int32_t first = 0;
    copy.element_size = p->element_size;
    for (int32_t d = EDGECC_RANK - 1; d >= 0; d--) {
        copy.dims[d] = p->in_dims[d];
        copy.in_strides[d] = in_stride;
        copy.out_strides[d] = out_stride;
        first += p->before[d] * out_stride;
        in_stride *= p->in_dims[d];
        out_stride *= p->out_dims[d];
    }
    edgecc_fill(out_stride, p->element_size, value, output);
    edgecc_copy_nd(&copy, input, (char *)output + first * p->element_size);
}

#endif
