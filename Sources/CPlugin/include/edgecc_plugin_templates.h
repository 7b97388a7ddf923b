/* Example plugins, embedded in the binary. */
#ifndef EDGECC_PLUGIN_TEMPLATES_H
#define EDGECC_PLUGIN_TEMPLATES_H

#include <stddef.h>

/* One file of one plugin; its text is UTF-8 and not null-terminated. */
typedef struct {
    const char *plugin;
    const char *name;
    const unsigned char *text;
    size_t size;
} edgecc_plugin_template;

size_t edgecc_plugin_template_count(void);

/* The file at an index below the count. */
edgecc_plugin_template edgecc_plugin_template_at(size_t index);

#endif
