// Index lists of sparse tensors, which come in three widths.
#pragma once

#include "model.hpp"

namespace edgecc {

// The list in a table of the union SparseIndexVector; empty when there is none.
edgecc_tflite_integers sparseList(schema::SparseIndexVector type, const void *table);

}  // namespace edgecc
