/* Checks protobuf wire bytes against a message descriptor before protobuf-c unpacks them. */
#ifndef EDGECC_WIRE_CHECK_H
#define EDGECC_WIRE_CHECK_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "cuts.h"

/* Where and why a check failed. */
typedef struct {
    char *reason;
    size_t capacity;
    size_t offset;
} edgecc_wire_fault;

/* True when `bytes` are a well-formed message of `type`: tags, wire types, lengths, packed lists
 * and nesting are sound, no singular message is repeated (protobuf would merge the copies, in
 * quadratic time), and the unpacked form stays below a multiple of the size. Else fills *fault.
 * Notes in *cuts which payloads need no copy; NULL: copy all. */
bool edgecc_wire_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                       unsigned max_depth, edgecc_cuts *cuts, edgecc_wire_fault *fault);

#endif
