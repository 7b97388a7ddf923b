#include "edgecc_onnx.h"

#include <stdio.h>

#include "wire_check.h"

static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *type, const void *bytes,
                                size_t size, char *reason, size_t capacity, size_t *offset) {
    edgecc_wire_fault fault = {reason, capacity, 0};
    ProtobufCMessage *message = NULL;
    if (capacity > 0) reason[0] = '\0';
    if (bytes == NULL) size = 0;
    if (edgecc_wire_check(type, bytes, size, EDGECC_ONNX_MAX_DEPTH, &fault)) {
        message = protobuf_c_message_unpack(type, NULL, size, bytes);
        if (message == NULL && capacity > 0) {
            snprintf(reason, capacity, "protobuf-c could not unpack this %s (or memory ran out)",
                     type->short_name);
        }
    }
    *offset = fault.offset;
    return message;
}

Onnx__ModelProto *edgecc_onnx_model_unpack(const void *bytes, size_t size, char *reason,
                                           size_t capacity, size_t *offset) {
    /* No bytes at all are a valid message by protobuf's rules, but nobody means that. */
    if (bytes == NULL || size == 0) {
        if (capacity > 0) snprintf(reason, capacity, "the file is empty");
        *offset = 0;
        return NULL;
    }
    return (Onnx__ModelProto *)unpack(&onnx__model_proto__descriptor, bytes, size, reason, capacity,
                                      offset);
}

void edgecc_onnx_model_free(Onnx__ModelProto *model) {
    if (model != NULL) onnx__model_proto__free_unpacked(model, NULL);
}

Onnx__TensorProto *edgecc_onnx_tensor_unpack(const void *bytes, size_t size, char *reason,
                                             size_t capacity, size_t *offset) {
    return (Onnx__TensorProto *)unpack(&onnx__tensor_proto__descriptor, bytes, size, reason,
                                       capacity, offset);
}

void edgecc_onnx_tensor_free(Onnx__TensorProto *tensor) {
    if (tensor != NULL) onnx__tensor_proto__free_unpacked(tensor, NULL);
}

Onnx__SequenceProto *edgecc_onnx_sequence_unpack(const void *bytes, size_t size, char *reason,
                                                 size_t capacity, size_t *offset) {
    return (Onnx__SequenceProto *)unpack(&onnx__sequence_proto__descriptor, bytes, size, reason,
                                         capacity, offset);
}

void edgecc_onnx_sequence_free(Onnx__SequenceProto *sequence) {
    if (sequence != NULL) onnx__sequence_proto__free_unpacked(sequence, NULL);
}

Onnx__OptionalProto *edgecc_onnx_optional_unpack(const void *bytes, size_t size, char *reason,
                                                 size_t capacity, size_t *offset) {
    return (Onnx__OptionalProto *)unpack(&onnx__optional_proto__descriptor, bytes, size, reason,
                                         capacity, offset);
}

void edgecc_onnx_optional_free(Onnx__OptionalProto *optional) {
    if (optional != NULL) onnx__optional_proto__free_unpacked(optional, NULL);
}

static const char *enum_name(const ProtobufCEnumDescriptor *type, int32_t value) {
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    return found == NULL ? NULL : found->name;
}

const char *edgecc_onnx_data_type_name(int32_t type) {
    return enum_name(&onnx__tensor_proto__data_type__descriptor, type);
}

const char *edgecc_onnx_attribute_type_name(int32_t type) {
    return enum_name(&onnx__attribute_proto__attribute_type__descriptor, type);
}
