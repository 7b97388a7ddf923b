// Operators and their options.
#include "options.hpp"

using namespace edgecc;

const char *edgecc_tflite_operator_name(int32_t code) {
  if (code < schema::BuiltinOperator_MIN || code > schema::BuiltinOperator_MAX) return nullptr;
  return schema::EnumNameBuiltinOperator(static_cast<schema::BuiltinOperator>(code));
}

edgecc_tflite_operator edgecc_tflite_operator_at(const edgecc_tflite_model *model, size_t subgraph,
                                                 size_t operation) {
  edgecc_tflite_operator result{};
  result.custom_code = "";
  const schema::Operator *found = operatorAt(*model, subgraph, operation);
  if (found == nullptr) return result;
  const schema::OperatorCode &code =
      *element(model->root->operator_codes(), found->opcode_index());
  result.builtin_code = builtinCode(code);
  result.builtin_name = edgecc_tflite_operator_name(result.builtin_code);
  result.custom_code = text(code.custom_code());
  result.version = code.version();
  result.inputs = list(found->inputs());
  result.outputs = list(found->outputs());
  result.intermediates = list(found->intermediates());
  result.mutating_inputs = list(found->mutating_variable_inputs());
  result.custom_options = bytesOf(*model, found->custom_options(),
                                  found->large_custom_options_offset(),
                                  found->large_custom_options_size());
  const OptionsTable options = optionsOf(*found);
  result.options_name = options.name;
  result.has_unknown_options = options.isUnknown;
  for (size_t i = 0; i < options.fieldCount(); i++) {
    if (options.field(i) != nullptr) result.option_count++;
  }
  return result;
}

edgecc_tflite_option edgecc_tflite_option_at(const edgecc_tflite_model *model, size_t subgraph,
                                             size_t operation, size_t option) {
  edgecc_tflite_option none{};
  none.name = "";
  const schema::Operator *found = operatorAt(*model, subgraph, operation);
  if (found == nullptr) return none;
  const OptionsTable options = optionsOf(*found);
  for (size_t i = 0; i < options.fieldCount(); i++) {
    if (options.field(i) == nullptr) continue;
    if (option-- == 0) return readOption(options, i);
  }
  return none;
}
