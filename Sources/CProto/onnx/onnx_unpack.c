#include "edgecc_onnx.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire_check.h"

static ProtobufCMessage *out_of_memory(const ProtobufCMessageDescriptor *type, char *reason,
                                       size_t capacity) {
    if (capacity > 0) {
        snprintf(reason, capacity, "protobuf-c could not unpack this %s (or memory ran out)",
                 type->short_name);
    }
    return NULL;
}

static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *type, const void *bytes,
                                size_t size, char *reason, size_t capacity, size_t *offset) {
    edgecc_wire_fault fault = {reason, capacity, 0};
    ProtobufCMessage *message = NULL;
    if (capacity > 0) reason[0] = '\0';
    if (bytes == NULL) size = 0;
    if (edgecc_wire_check(type, bytes, size, EDGECC_ONNX_MAX_DEPTH, NULL, &fault)) {
        message = protobuf_c_message_unpack(type, NULL, size, bytes);
        if (message == NULL) out_of_memory(type, reason, capacity);
    }
    *offset = fault.offset;
    return message;
}

/* Unpacks what is left of the file without its cuts, then puts pointers in their place. */
static ProtobufCMessage *unpack_cut(edgecc_cuts *cuts, const ProtobufCMessageDescriptor *type,
                                    const uint8_t *bytes, size_t size) {
    if (cuts->off || cuts->count == 0) return protobuf_c_message_unpack(type, NULL, size, bytes);
    size_t compact_size;
    uint8_t *compact = edgecc_cuts_compact(cuts, bytes, size, &compact_size);
    if (compact == NULL) return NULL;
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, compact_size, compact);
    free(compact);
    if (message == NULL || edgecc_cuts_restore(cuts, message, bytes)) return message;
    edgecc_cuts_forget(message, bytes, size);
    protobuf_c_message_free_unpacked(message, NULL);
    return NULL;
}

Onnx__ModelProto *edgecc_onnx_model_unpack(const void *bytes, size_t size, char *reason,
                                           size_t capacity, size_t *offset) {
    /* No bytes at all are a valid message by protobuf's rules, but nobody means that. */
    if (bytes == NULL || size == 0) {
        if (capacity > 0) snprintf(reason, capacity, "the file is empty");
        *offset = 0;
        return NULL;
    }
    const ProtobufCMessageDescriptor *type = &onnx__model_proto__descriptor;
    edgecc_wire_fault fault = {reason, capacity, 0};
    edgecc_cuts cuts = {0};
    ProtobufCMessage *model = NULL;
    if (capacity > 0) reason[0] = '\0';
    if (edgecc_wire_check(type, bytes, size, EDGECC_ONNX_MAX_DEPTH, &cuts, &fault)) {
        model = unpack_cut(&cuts, type, bytes, size);
        if (model == NULL) out_of_memory(type, reason, capacity);
    }
    edgecc_cuts_free(&cuts);
    *offset = fault.offset;
    return (Onnx__ModelProto *)model;
}

void edgecc_onnx_model_free(Onnx__ModelProto *model, const void *bytes, size_t size) {
    if (model == NULL) return;
    edgecc_cuts_forget(&model->base, bytes, size);
    onnx__model_proto__free_unpacked(model, NULL);
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
