// An opened model and how its parts are found. Everything here trusts check.cpp.
#pragma once

#include <cstdlib>
#include <memory>

#include "../generated/schema_generated.h"
#include "edgecc_tflite.h"

static_assert(FLATBUFFERS_LITTLEENDIAN, "lists are handed out as they stand in the file");

struct FreeBytes {
  void operator()(uint8_t *bytes) const { std::free(bytes); }
};

struct edgecc_tflite_model {
  std::unique_ptr<uint8_t, FreeBytes> bytes;  // aligned to 16 by malloc, as flatbuffers wants it
  size_t size = 0;
  const edgecc::schema::Model *root = nullptr;
};

namespace edgecc {

template <typename Vector>
size_t count(const Vector *vector) {
  return vector == nullptr ? 0 : vector->size();
}

// The element, or null past the end.
template <typename Table>
const Table *element(const flatbuffers::Vector<flatbuffers::Offset<Table>> *vector, size_t index) {
  if (index >= count(vector)) return nullptr;
  return vector->Get(static_cast<flatbuffers::uoffset_t>(index));
}

inline const schema::Tensor *tensorAt(const edgecc_tflite_model &model, size_t subgraph,
                                      size_t tensor) {
  const schema::SubGraph *graph = element(model.root->subgraphs(), subgraph);
  return graph == nullptr ? nullptr : element(graph->tensors(), tensor);
}

inline const schema::Operator *operatorAt(const edgecc_tflite_model &model, size_t subgraph,
                                          size_t operation) {
  const schema::SubGraph *graph = element(model.root->subgraphs(), subgraph);
  return graph == nullptr ? nullptr : element(graph->operators(), operation);
}

inline const char *text(const flatbuffers::String *string) {
  return string == nullptr ? "" : string->c_str();
}

inline edgecc_int32_list list(const flatbuffers::Vector<int32_t> *vector) {
  if (count(vector) == 0) return {};
  return {vector->data(), count(vector)};
}

inline edgecc_int64_list list(const flatbuffers::Vector<int64_t> *vector) {
  if (count(vector) == 0) return {};
  return {vector->data(), count(vector)};
}

inline edgecc_float_list list(const flatbuffers::Vector<float> *vector) {
  if (count(vector) == 0) return {};
  return {vector->data(), count(vector)};
}

inline edgecc_bytes list(const flatbuffers::Vector<uint8_t> *vector) {
  if (count(vector) == 0) return {};
  return {vector->data(), count(vector)};
}

// Bytes that stand in the flatbuffer, or (offset > 1) behind it in the same file.
inline edgecc_bytes bytesOf(const edgecc_tflite_model &model,
                            const flatbuffers::Vector<uint8_t> *inside, uint64_t offset,
                            uint64_t size) {
  if (count(inside) > 0 || offset <= 1 || size == 0) return list(inside);
  return {model.bytes.get() + offset, static_cast<size_t>(size)};
}

inline edgecc_bytes bufferBytes(const edgecc_tflite_model &model, size_t index) {
  const schema::Buffer *buffer = element(model.root->buffers(), index);
  if (buffer == nullptr) return {};
  return bytesOf(model, buffer->data(), buffer->offset(), buffer->size());
}

// TFLite's rule: old files fill the byte-sized code, new ones both, with 127 as the byte when the
// code does not fit; so the greater one counts.
inline int32_t builtinCode(const schema::OperatorCode &code) {
  const int32_t old = code.deprecated_builtin_code();
  const int32_t extended = code.builtin_code();
  return old > extended ? old : extended;
}

}  // namespace edgecc
