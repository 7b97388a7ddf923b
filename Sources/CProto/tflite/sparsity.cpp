#include "sparsity.hpp"

#include <cstring>

namespace edgecc {
namespace {

template <typename Vector>
edgecc_tflite_integers integers(const Vector *vector, int32_t width, bool isSigned) {
  if (count(vector) == 0) return {nullptr, 0, width, isSigned};
  return {vector->Data(), count(vector), width, isSigned};
}

template <typename Stored>
int64_t widened(const uint8_t *at) {
  Stored value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<int64_t>(value);
}

int64_t integerAt(const edgecc_tflite_integers &integers, size_t index) {
  const uint8_t *at =
      static_cast<const uint8_t *>(integers.values) + index * static_cast<size_t>(integers.width);
  switch (integers.width) {
    case 1: return integers.is_signed ? widened<int8_t>(at) : widened<uint8_t>(at);
    case 2: return integers.is_signed ? widened<int16_t>(at) : widened<uint16_t>(at);
    case 4: return integers.is_signed ? widened<int32_t>(at) : widened<uint32_t>(at);
    default: return integers.is_signed ? widened<int64_t>(at) : widened<uint64_t>(at);
  }
}

}  // namespace

edgecc_tflite_integers sparseList(schema::SparseIndexVector type, const void *table) {
  if (table == nullptr) return {};
  switch (type) {
    case schema::SparseIndexVector_Int32Vector:
      return integers(static_cast<const schema::Int32Vector *>(table)->values(), 4, true);
    case schema::SparseIndexVector_Uint16Vector:
      return integers(static_cast<const schema::Uint16Vector *>(table)->values(), 2, false);
    case schema::SparseIndexVector_Uint8Vector:
      return integers(static_cast<const schema::Uint8Vector *>(table)->values(), 1, false);
    default: return {};
  }
}

}  // namespace edgecc

using namespace edgecc;

size_t edgecc_tflite_integers_read(edgecc_tflite_integers integers, int64_t *values,
                                   size_t capacity) {
  for (size_t i = 0; values != nullptr && i < integers.count && i < capacity; i++) {
    values[i] = integerAt(integers, i);
  }
  return integers.count;
}

edgecc_tflite_sparsity edgecc_tflite_sparsity_of(const edgecc_tflite_model *model,
                                                 size_t subgraph, size_t tensor) {
  const schema::Tensor *found = tensorAt(*model, subgraph, tensor);
  if (found == nullptr || found->sparsity() == nullptr) return {};
  const schema::SparsityParameters &sparsity = *found->sparsity();
  return {list(sparsity.traversal_order()), list(sparsity.block_map()),
          count(sparsity.dim_metadata())};
}

edgecc_tflite_sparse_dimension edgecc_tflite_sparse_dimension_at(const edgecc_tflite_model *model,
                                                                 size_t subgraph, size_t tensor,
                                                                 size_t dimension) {
  const schema::Tensor *found = tensorAt(*model, subgraph, tensor);
  if (found == nullptr || found->sparsity() == nullptr) return {};
  const schema::DimensionMetadata *level = element(found->sparsity()->dim_metadata(), dimension);
  if (level == nullptr) return {};
  return {level->format() == schema::DimensionType_SPARSE_CSR, level->dense_size(),
          sparseList(level->array_segments_type(), level->array_segments()),
          sparseList(level->array_indices_type(), level->array_indices())};
}
