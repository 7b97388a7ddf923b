// The options table of an operator, read by flatc's mini reflection: no code for single operators.
#pragma once

#include <flatbuffers/minireflect.h>

#include "model.hpp"

namespace edgecc {

// A table with its description; `type` is null when there is none that can be read.
struct OptionsTable {
  const flatbuffers::Table *table = nullptr;
  const flatbuffers::TypeTable *type = nullptr;
  const char *name = nullptr;
  bool isUnknown = false;  // a member of the union that a newer schema added

  size_t fieldCount() const { return type == nullptr ? 0 : type->num_elems; }

  // Address of a field's value in the file, null when it is absent.
  const uint8_t *field(size_t index) const;
};

OptionsTable optionsOf(const schema::Operator &operation);

// The field as an option. Its value must be present.
edgecc_tflite_option readOption(const OptionsTable &options, size_t index);

}  // namespace edgecc
