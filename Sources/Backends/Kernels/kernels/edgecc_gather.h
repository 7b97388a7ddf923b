/* Gather along one axis, for elements of any size.
 *
 *   out[o, k, i] = in[o, index[k], i]
 *
 * Layout: input [outer, axis, inner], indices [count], output [outer, count, inner]. An index
 * below 0 counts from the end; one outside the axis is clamped to it, so that no input can make
 * the kernel read outside the tensor. edgecc_gather_s32 and _s64 differ in the index type.
 */
#ifndef EDGECC_GATHER_H
#define EDGECC_GATHER_H

#include "edgecc_common.h"
#include <stdint.h>
#include <string.h>

typedef struct {
    int32_t element_size;
    int32_t outer, axis, inner;
    int32_t count;
} edgecc_gather_params;

static inline void edgecc_gather_row(
    const edgecc_gather_params *p, int32_t o, int32_t k, int64_t index, const void *input,
    void *output)
{
    const int32_t bytes = p->inner * p->element_size;
    int64_t place = index < 0 ? index + p->axis : index;
    place = place < 0 ? 0 : place;
    place = place >= p->axis ? p->axis - 1 : place;
    memcpy((char *)output + (o * p->count + k) * bytes,
        (const char *)input + (o * p->axis + (int32_t)place) * bytes, (size_t)bytes);
}

static inline void edgecc_gather_s32(const edgecc_gather_params *p, const void *input,
    const int32_t *indices, void *output)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t k = 0; k < p->count; k++) {
            edgecc_gather_row(p, o, k, indices[k], input, output);
        }
    }
}

static inline void edgecc_gather_s64(const edgecc_gather_params *p, const void *input,
    const int64_t *indices, void *output)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t k = 0; k < p->count; k++) {
            edgecc_gather_row(p, o, k, indices[k], input, output);
        }
    }
}

#endif
