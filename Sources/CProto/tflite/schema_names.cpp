// Numbers of the schema by its names, read from flatc's mini reflection: what writes files needs no
// table of its own.
#include <cstring>

#include <flatbuffers/minireflect.h>

#include "model.hpp"

namespace {

using flatbuffers::TypeTable;

// The place of `name` among the names of `type`, -1 where it is none.
int32_t placeOf(const TypeTable *type, const char *name) {
  for (size_t index = 0; index < type->num_elems; index++) {
    if (std::strcmp(type->names[index], name) == 0) return static_cast<int32_t>(index);
  }
  return -1;
}

// The number of a value of an enumeration, -1 where it has none.
int32_t numberOf(const TypeTable *type, const char *name) {
  const int32_t place = placeOf(type, name);
  if (place < 0 || type->values == nullptr) return place;
  return static_cast<int32_t>(type->values[place]);
}

const TypeTable *unionMember(const TypeTable *members, const char *name) {
  const int32_t place = placeOf(members, name);
  if (place <= 0) return nullptr;
  return members->type_refs[members->type_codes[place].sequence_ref]();
}

// The table called `name`: an operator's options, or one of the model's own.
const TypeTable *tableNamed(const char *name) {
  const struct {
    const char *name;
    const TypeTable *(*type)();
  } own[] = {
      {"Model", edgecc::schema::ModelTypeTable},
      {"SubGraph", edgecc::schema::SubGraphTypeTable},
      {"Tensor", edgecc::schema::TensorTypeTable},
      {"QuantizationParameters", edgecc::schema::QuantizationParametersTypeTable},
      {"Operator", edgecc::schema::OperatorTypeTable},
      {"OperatorCode", edgecc::schema::OperatorCodeTypeTable},
      {"Buffer", edgecc::schema::BufferTypeTable},
      {"SignatureDef", edgecc::schema::SignatureDefTypeTable},
      {"TensorMap", edgecc::schema::TensorMapTypeTable},
      {"Metadata", edgecc::schema::MetadataTypeTable},
  };
  for (const auto &entry : own) {
    if (std::strcmp(entry.name, name) == 0) return entry.type();
  }
  return unionMember(edgecc::schema::BuiltinOptionsTypeTable(), name);
}

int32_t widthOf(flatbuffers::ElementaryType type) {
  switch (type) {
    case flatbuffers::ET_SHORT:
    case flatbuffers::ET_USHORT: return 2;
    case flatbuffers::ET_INT:
    case flatbuffers::ET_UINT:
    case flatbuffers::ET_FLOAT: return 4;
    case flatbuffers::ET_LONG:
    case flatbuffers::ET_ULONG: return 8;
    case flatbuffers::ET_STRING:
    case flatbuffers::ET_SEQUENCE: return 0;
    default: return 1;
  }
}

}  // namespace

edgecc_tflite_field edgecc_tflite_field_named(const char *table, const char *field) {
  edgecc_tflite_field result = {-1, 0, false};
  const TypeTable *type = tableNamed(table);
  if (type == nullptr) return result;
  result.slot = placeOf(type, field);
  if (result.slot < 0) return result;
  const flatbuffers::TypeCode code = type->type_codes[result.slot];
  result.is_list = code.is_repeating != 0;
  result.width = widthOf(static_cast<flatbuffers::ElementaryType>(code.base_type));
  return result;
}

int32_t edgecc_tflite_symbol_number(const char *table, const char *field, const char *symbol) {
  const TypeTable *type = tableNamed(table);
  const int32_t slot = type == nullptr ? -1 : placeOf(type, field);
  if (slot < 0 || type->type_codes[slot].sequence_ref < 0) return -1;
  return numberOf(type->type_refs[type->type_codes[slot].sequence_ref](), symbol);
}

int32_t edgecc_tflite_options_number(const char *table) {
  return placeOf(edgecc::schema::BuiltinOptionsTypeTable(), table);
}
