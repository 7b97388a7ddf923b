/* Which plugin a crash is told to be of. */
#ifndef EDGECC_CRASH_GUARD_H
#define EDGECC_CRASH_GUARD_H

#include <stddef.h>

/* The text of edgecc_plugin.h, not null-terminated. */
const unsigned char *edgecc_plugin_header_text(size_t *size);

/* From here on a crash inside a plugin is reported with the plugin's name on standard error, and the
 * process ends with status 70; any other crash is what it was before. `help`, which is kept, is a line
 * below. */
void edgecc_crash_guard_install(const char *help);

/* Lets the code of the library that `symbol` lies in be known as that of `plugin`, which is kept, and
 * no longer under an earlier name. Returns 0 where there is no room for another library. */
int edgecc_crash_guard_add_library(const void *symbol, const char *plugin);

/* Around a call into a plugin on this thread. `plugin` and `task` live until `leave`, which is given
 * what `enter` returned. */
typedef struct {
    const char *plugin;
    const char *task;
} edgecc_guarded_call;
edgecc_guarded_call edgecc_crash_guard_enter(const char *plugin, const char *task);
void edgecc_crash_guard_leave(edgecc_guarded_call before);

#endif
