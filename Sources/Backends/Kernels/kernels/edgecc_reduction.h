/* The walk of a reduction over any axes, without scratch memory.
 *
 * After adjacent axes of one kind are merged, a tensor of rank 6 has at most three kept and three
 * reduced axes. `kept` lists the kept ones in order (the output is dense over them), `reduced` the
 * others; unused leading entries have length 1. Strides count input elements.
 */
#ifndef EDGECC_REDUCTION_H
#define EDGECC_REDUCTION_H

#include "edgecc_common.h"
#include <stdint.h>

typedef struct {
    int32_t kept[3], kept_strides[3];
    int32_t reduced[3], reduced_strides[3];
} edgecc_reduction;

/* Output elements share one pass over the reduced axes in blocks of this many. */
enum { EDGECC_REDUCTION_BLOCK = 16 };

/* The number of rows along the last kept axis. */
static inline int32_t edgecc_reduction_rows(const edgecc_reduction *r)
{
    return r->kept[0] * r->kept[1];
}

/* The input offset of the first element of row `row`. */
static inline int32_t edgecc_reduction_row_offset(const edgecc_reduction *r, int32_t row)
{
    return row / r->kept[1] * r->kept_strides[0] + row % r->kept[1] * r->kept_strides[1];
}

/* The number of elements reduced into one. */
static inline int32_t edgecc_reduction_count(const edgecc_reduction *r)
{
    return r->reduced[0] * r->reduced[1] * r->reduced[2];
}

#endif
