#define _GNU_SOURCE
#include "edgecc_crash_guard.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <link.h>
#include <sys/mman.h>
#include <ucontext.h>
#endif

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif

static const unsigned char header_text[] = {
#embed "include/edgecc_plugin.h"
};

const unsigned char *edgecc_plugin_header_text(size_t *size)
{
    *size = sizeof header_text;
    return header_text;
}

/* What this thread is doing for whom. */
static _Thread_local edgecc_guarded_call current;

/* The code of loaded plugins. Written while plugins are loaded, before there are other threads. */
enum { max_libraries = 64 };
static struct {
    uintptr_t begin, end;
    const char *plugin;
} libraries[max_libraries];
static int library_count;

static const char *help_line = "";
static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
enum { signal_count = sizeof signals / sizeof signals[0] };
static struct sigaction previous[signal_count];

/* A stack for the handler, so that an endless recursion is reported, too. Each thread needs one. */
static void give_stack(void)
{
    static _Thread_local unsigned char stack[32768];
    static _Thread_local int given;
    if (given) return;
    given = 1;
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternative, NULL);
}

edgecc_guarded_call edgecc_crash_guard_enter(const char *plugin, const char *task)
{
    give_stack();
    edgecc_guarded_call before = current;
    current.plugin = plugin;
    current.task = task;
    return before;
}

void edgecc_crash_guard_leave(edgecc_guarded_call before) { current = before; }

/* --- The addresses of a library --- */

#if defined(__linux__)
struct search {
    uintptr_t address, begin, end;
};

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    uintptr_t begin = UINTPTR_MAX, end = 0;
    (void)size;
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[index];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        uintptr_t first = info->dlpi_addr + part->p_vaddr;
        if (first < begin) begin = first;
        if (first + part->p_memsz > end) end = first + part->p_memsz;
    }
    if (search->address < begin || search->address >= end) return 0;
    search->begin = begin;
    search->end = end;
    return 1;
}

int edgecc_crash_guard_add_library(const void *symbol, const char *plugin)
{
    struct search search = {(uintptr_t)symbol, 0, 0};
    if (!dl_iterate_phdr(visit, &search)) return 0;
    for (int index = 0; index < library_count; index++)
        if (libraries[index].begin == search.begin) {
            libraries[index].plugin = plugin;
            return 1;
        }
    if (library_count == max_libraries) return 0;
    libraries[library_count].begin = search.begin;
    libraries[library_count].end = search.end;
    libraries[library_count].plugin = plugin;
    library_count++;
    return 1;
}
#else
int edgecc_crash_guard_add_library(const void *symbol, const char *plugin)
{
    (void)symbol;
    (void)plugin;
    return 0;
}
#endif

static const char *owner(uintptr_t address)
{
    for (int index = 0; index < library_count; index++)
        if (address >= libraries[index].begin && address < libraries[index].end)
            return libraries[index].plugin;
    return NULL;
}

/* --- The handler: async-signal-safe functions only --- */

static void put(const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written <= 0) return;
        text += written;
        length -= (size_t)written;
    }
}

static const char *signal_name(int number)
{
    switch (number) {
    case SIGSEGV: return "SIGSEGV, an access outside its memory";
    case SIGBUS: return "SIGBUS, an access outside its memory";
    case SIGFPE: return "SIGFPE, such as a division by zero";
    case SIGILL: return "SIGILL, a failed check of its own";
    case SIGTRAP: return "SIGTRAP, a failed check of its own";
    default: return "SIGABRT, it gave up";
    }
}

#if defined(__linux__)
/* Whether the page of `place` is mapped: mincore fails where it is not. Asked once per page. */
static int is_readable(uintptr_t place)
{
    static uintptr_t known = 1;
    uintptr_t page = place & ~(uintptr_t)4095;
    if (page == known) return 1;
    unsigned char resident;
    if (mincore((void *)page, 1, &resident) != 0) return 0;
    known = page;
    return 1;
}
#endif

/* The plugin whose code is at the fault or called what is there. A check of Swift's fails in the
 * runtime, so the addresses on the stack are looked at as well: the innermost that lies in a
 * plugin's code is taken for a return address. Nothing is followed, only words of the live part of
 * the stack are read. */
static const char *plugin_at_fault(void *context)
{
#if defined(__linux__) && defined(__x86_64__)
    const ucontext_t *state = context;
    const char *found = owner((uintptr_t)state->uc_mcontext.gregs[REG_RIP]);
    if (found) return found;
    if (current.plugin) return current.plugin;
    uintptr_t top = (uintptr_t)state->uc_mcontext.gregs[REG_RSP] & ~(uintptr_t)7;
    /* The thread's stack ends somewhere above; the main thread's environment is behind it. */
    uintptr_t end = top + 16384;
    for (uintptr_t place = top; place < end && is_readable(place); place += sizeof(uintptr_t)) {
        found = owner(*(const uintptr_t *)place);
        if (found) return found;
    }
#endif
    (void)context;
    return current.plugin;
}

static void handle(int number, siginfo_t *information, void *context)
{
    (void)information;
    const char *plugin = plugin_at_fault(context);
    if (!plugin) {
        for (int index = 0; index < signal_count; index++)
            if (signals[index] == number) sigaction(number, &previous[index], NULL);
        /* A fault happens again on return; what was sent has to be sent again. */
        if (number == SIGABRT || number == SIGTRAP) raise(number);
        return;
    }
    put("error: plugin '");
    put(plugin);
    put("' crashed");
    if (current.plugin && current.task && strcmp(current.plugin, plugin) == 0) {
        put(" in ");
        put(current.task);
    }
    put(" (");
    put(signal_name(number));
    put(")\n");
    put(help_line);
    _exit(70);
}

void edgecc_crash_guard_install(const char *help)
{
    static int installed;
    if (installed) return;
    installed = 1;
    help_line = help;
    give_stack();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < signal_count; index++)
        sigaction(signals[index], &action, &previous[index]);
}
