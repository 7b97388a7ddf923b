// Model, subgraphs, metadata and signatures.
#include "model.hpp"

using namespace edgecc;

namespace {

edgecc_tflite_tensor_name nameAt(
    const flatbuffers::Vector<flatbuffers::Offset<schema::TensorMap>> *names, size_t index) {
  const schema::TensorMap *entry = element(names, index);
  if (entry == nullptr) return {"", -1};
  return {text(entry->name()), static_cast<int32_t>(entry->tensor_index())};
}

}  // namespace

uint32_t edgecc_tflite_version(const edgecc_tflite_model *model) { return model->root->version(); }

const char *edgecc_tflite_description(const edgecc_tflite_model *model) {
  return text(model->root->description());
}

size_t edgecc_tflite_buffer_count(const edgecc_tflite_model *model) {
  return count(model->root->buffers());
}

edgecc_bytes edgecc_tflite_buffer(const edgecc_tflite_model *model, size_t buffer) {
  return bufferBytes(*model, buffer);
}

size_t edgecc_tflite_metadata_count(const edgecc_tflite_model *model) {
  return count(model->root->metadata());
}

edgecc_tflite_metadata_entry edgecc_tflite_metadata(const edgecc_tflite_model *model,
                                                    size_t entry) {
  const schema::Metadata *found = element(model->root->metadata(), entry);
  if (found == nullptr) return {"", {}};
  return {text(found->name()), bufferBytes(*model, found->buffer())};
}

size_t edgecc_tflite_signature_count(const edgecc_tflite_model *model) {
  return count(model->root->signature_defs());
}

edgecc_tflite_signature edgecc_tflite_signature_at(const edgecc_tflite_model *model,
                                                   size_t signature) {
  const schema::SignatureDef *found = element(model->root->signature_defs(), signature);
  if (found == nullptr) return {"", 0, 0, 0};
  return {text(found->signature_key()), found->subgraph_index(), count(found->inputs()),
          count(found->outputs())};
}

edgecc_tflite_tensor_name edgecc_tflite_signature_input(const edgecc_tflite_model *model,
                                                        size_t signature, size_t input) {
  const schema::SignatureDef *found = element(model->root->signature_defs(), signature);
  return nameAt(found == nullptr ? nullptr : found->inputs(), input);
}

edgecc_tflite_tensor_name edgecc_tflite_signature_output(const edgecc_tflite_model *model,
                                                         size_t signature, size_t output) {
  const schema::SignatureDef *found = element(model->root->signature_defs(), signature);
  return nameAt(found == nullptr ? nullptr : found->outputs(), output);
}

size_t edgecc_tflite_subgraph_count(const edgecc_tflite_model *model) {
  return count(model->root->subgraphs());
}

edgecc_tflite_subgraph edgecc_tflite_subgraph_at(const edgecc_tflite_model *model,
                                                 size_t subgraph) {
  const schema::SubGraph *graph = element(model->root->subgraphs(), subgraph);
  if (graph == nullptr) return {"", {}, {}, 0, 0};
  return {text(graph->name()), list(graph->inputs()), list(graph->outputs()),
          count(graph->tensors()), count(graph->operators())};
}
