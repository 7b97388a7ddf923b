#include "options.hpp"

namespace edgecc {
namespace {

using flatbuffers::ElementaryType;
using flatbuffers::ReadScalar;
using flatbuffers::TypeTable;

OptionsTable unionMember(const TypeTable *types, uint8_t number, const void *table) {
  OptionsTable options;
  if (number == 0 || table == nullptr) return options;
  if (number >= types->num_elems || types->type_codes[number].sequence_ref < 0) {
    options.isUnknown = true;
    return options;
  }
  options.table = static_cast<const flatbuffers::Table *>(table);
  options.type = types->type_refs[types->type_codes[number].sequence_ref]();
  options.name = types->names[number];
  return options;
}

int32_t widthOf(ElementaryType type) {
  switch (type) {
    case flatbuffers::ET_SHORT:
    case flatbuffers::ET_USHORT: return 2;
    case flatbuffers::ET_INT:
    case flatbuffers::ET_UINT: return 4;
    case flatbuffers::ET_LONG:
    case flatbuffers::ET_ULONG: return 8;
    default: return 1;
  }
}

bool isSigned(ElementaryType type) {
  return type == flatbuffers::ET_CHAR || type == flatbuffers::ET_SHORT ||
         type == flatbuffers::ET_INT || type == flatbuffers::ET_LONG;
}

void readList(edgecc_tflite_option &option, ElementaryType type, const uint8_t *value) {
  const uint8_t *vector = value + ReadScalar<flatbuffers::uoffset_t>(value);
  const size_t length = ReadScalar<flatbuffers::uoffset_t>(vector);
  const uint8_t *elements = length == 0 ? nullptr : vector + sizeof(flatbuffers::uoffset_t);
  if (type == flatbuffers::ET_FLOAT) {
    option.kind = EDGECC_TFLITE_OPTION_FLOATS;
    option.floats = {reinterpret_cast<const float *>(elements), length};
    return;
  }
  option.kind = EDGECC_TFLITE_OPTION_INTS;
  option.integers = {elements, length, widthOf(type), isSigned(type)};
}

}  // namespace

const uint8_t *OptionsTable::field(size_t index) const {
  return table->GetAddressOf(
      flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(index)));
}

OptionsTable optionsOf(const schema::Operator &operation) {
  const OptionsTable options =
      unionMember(schema::BuiltinOptionsTypeTable(), operation.builtin_options_type(),
                  operation.builtin_options());
  if (options.type != nullptr) return options;
  const OptionsTable second =
      unionMember(schema::BuiltinOptions2TypeTable(), operation.builtin_options_2_type(),
                  operation.builtin_options_2());
  return second.type != nullptr || second.isUnknown ? second : options;
}

edgecc_tflite_option readOption(const OptionsTable &options, size_t index) {
  const flatbuffers::TypeCode code = options.type->type_codes[index];
  const auto type = static_cast<ElementaryType>(code.base_type);
  const uint8_t *value = options.field(index);

  edgecc_tflite_option option{};
  option.name = options.type->names[index];
  if (code.is_repeating) {
    readList(option, type, value);
  } else if (type == flatbuffers::ET_STRING) {
    option.kind = EDGECC_TFLITE_OPTION_STRING;
    const uint8_t *string = value + ReadScalar<flatbuffers::uoffset_t>(value);
    option.string = reinterpret_cast<const flatbuffers::String *>(string)->c_str();
  } else if (type == flatbuffers::ET_FLOAT) {
    option.kind = EDGECC_TFLITE_OPTION_FLOAT;
    option.real = static_cast<double>(ReadScalar<float>(value));
  } else {
    option.kind = type == flatbuffers::ET_BOOL ? EDGECC_TFLITE_OPTION_BOOL
                                               : EDGECC_TFLITE_OPTION_INT;
    const edgecc_tflite_integers one = {value, 1, widthOf(type), isSigned(type)};
    edgecc_tflite_integers_read(one, &option.integer, 1);
    if (code.sequence_ref >= 0) {
      option.symbol = flatbuffers::EnumName(option.integer,
                                            options.type->type_refs[code.sequence_ref]());
    }
  }
  return option;
}

}  // namespace edgecc
