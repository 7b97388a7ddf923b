// Tensors and their quantisation.
#include "model.hpp"

using namespace edgecc;

namespace {

edgecc_tflite_quantization quantizationOf(const schema::QuantizationParameters *parameters) {
  edgecc_tflite_quantization result{};
  if (parameters == nullptr) return result;
  result.present = true;
  result.scale = list(parameters->scale());
  result.zero_point = list(parameters->zero_point());
  result.minimum = list(parameters->min());
  result.maximum = list(parameters->max());
  result.dimension = parameters->quantized_dimension();
  result.details = parameters->details_type();
  result.scale_tensor = -1;
  result.zero_point_tensor = -1;
  if (const auto *blocks = parameters->details_as_BlockwiseQuantization()) {
    result.scale_tensor = blocks->scales();
    result.zero_point_tensor = blocks->zero_points();
    result.block_size = blocks->block_size();
  }
  if (const auto *axes = parameters->details_as_MultiAxisQuantization()) {
    result.scale_tensor = axes->scales();
    result.zero_point_tensor = axes->zero_points();
    result.block_size = axes->block_size();
    result.dimensions = list(axes->quantized_dimensions());
  }
  return result;
}

}  // namespace

const char *edgecc_tflite_type_name(int32_t type) {
  if (type < schema::TensorType_MIN || type > schema::TensorType_MAX) return nullptr;
  return schema::EnumNameTensorType(static_cast<schema::TensorType>(type));
}

edgecc_tflite_tensor edgecc_tflite_tensor_at(const edgecc_tflite_model *model, size_t subgraph,
                                             size_t tensor) {
  edgecc_tflite_tensor result{};
  result.name = "";
  const schema::Tensor *found = tensorAt(*model, subgraph, tensor);
  if (found == nullptr) return result;
  result.name = text(found->name());
  result.type = found->type();
  result.has_rank = found->has_rank();
  result.is_variable = found->is_variable();
  result.is_sparse = found->sparsity() != nullptr;
  result.shape = list(found->shape());
  result.shape_signature = list(found->shape_signature());
  result.buffer = found->buffer();
  result.data = bufferBytes(*model, found->buffer());
  result.external_buffer = found->external_buffer();
  result.quantization = quantizationOf(found->quantization());
  return result;
}
