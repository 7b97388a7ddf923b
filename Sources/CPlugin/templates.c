/* The plugins of Examples/Plugins, embedded: what `edgecc plugin new` writes under another name. */
#include "edgecc_plugin_templates.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif

static const unsigned char text_0[] = {
#embed "../../Examples/Plugins/fold-negate-pair/FoldNegatePair.swift"
};

static const unsigned char text_1[] = {
#embed "../../Examples/Plugins/fold-negate-pair/README.md"
};

static const unsigned char text_2[] = {
#embed "../../Examples/Plugins/fold-negate-pair/example.eir"
};

static const unsigned char text_3[] = {
#embed "../../Examples/Plugins/drop-repeated-clamp/drop_repeated_clamp.c"
};

static const unsigned char text_4[] = {
#embed "../../Examples/Plugins/drop-repeated-clamp/README.md"
};

static const unsigned char text_5[] = {
#embed "../../Examples/Plugins/drop-repeated-clamp/example.eir"
};

static const unsigned char text_6[] = {
#embed "../../Examples/Plugins/scaled-swish/ScaledSwish.swift"
};

static const unsigned char text_7[] = {
#embed "../../Examples/Plugins/scaled-swish/README.md"
};

static const unsigned char text_8[] = {
#embed "../../Examples/Plugins/soft-shrink/soft_shrink.c"
};

static const unsigned char text_9[] = {
#embed "../../Examples/Plugins/soft-shrink/README.md"
};

static const unsigned char text_10[] = {
#embed "../../Examples/Plugins/soft-shrink/example.eir"
};

static const unsigned char text_11[] = {
#embed "../../Examples/Plugins/tape-machine/TapeMachine.swift"
};

static const unsigned char text_12[] = {
#embed "../../Examples/Plugins/tape-machine/README.md"
};

static const unsigned char text_13[] = {
#embed "../../Examples/Plugins/tape-machine/example.eir"
};

static const edgecc_plugin_template templates[] = {
    {"fold-negate-pair", "FoldNegatePair.swift", text_0, sizeof text_0},
    {"fold-negate-pair", "README.md", text_1, sizeof text_1},
    {"fold-negate-pair", "example.eir", text_2, sizeof text_2},
    {"drop-repeated-clamp", "drop_repeated_clamp.c", text_3, sizeof text_3},
    {"drop-repeated-clamp", "README.md", text_4, sizeof text_4},
    {"drop-repeated-clamp", "example.eir", text_5, sizeof text_5},
    {"scaled-swish", "ScaledSwish.swift", text_6, sizeof text_6},
    {"scaled-swish", "README.md", text_7, sizeof text_7},
    {"soft-shrink", "soft_shrink.c", text_8, sizeof text_8},
    {"soft-shrink", "README.md", text_9, sizeof text_9},
    {"soft-shrink", "example.eir", text_10, sizeof text_10},
    {"tape-machine", "TapeMachine.swift", text_11, sizeof text_11},
    {"tape-machine", "README.md", text_12, sizeof text_12},
    {"tape-machine", "example.eir", text_13, sizeof text_13},
};

size_t edgecc_plugin_template_count(void) { return sizeof templates / sizeof templates[0]; }

edgecc_plugin_template edgecc_plugin_template_at(size_t index) { return templates[index]; }
