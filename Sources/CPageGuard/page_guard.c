/* Layout: an open-addressed table of address ranges, found by their base address. A slot is claimed by a compare-and-swap of its
 * base, so no lock can be held when the signal comes. Freed slots are marked, so that a search goes on behind them. */
#define _GNU_SOURCE
#include "page_guard.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SLOT_COUNT = 1 << 17 };
static const uintptr_t FREE = 0;
static const uintptr_t FREED = 1;

struct slot {
    _Atomic uintptr_t base;
    _Atomic uintptr_t end;
    _Atomic uint32_t replaced_count;
};

static struct slot slots[SLOT_COUNT];
static struct sigaction previous;
static pthread_once_t installed = PTHREAD_ONCE_INIT;
static uintptr_t page_bytes;

static size_t first_slot(uintptr_t base) {
    return (size_t)(((base >> 12) * UINT64_C(0x9E3779B97F4A7C15)) >> 40) & (SLOT_COUNT - 1);
}

static struct slot *find(uintptr_t base) {
    size_t index = first_slot(base);
    for (size_t step = 0; step < SLOT_COUNT; step++, index = (index + 1) & (SLOT_COUNT - 1)) {
        uintptr_t found = atomic_load(&slots[index].base);
        if (found == base) return &slots[index];
        if (found == FREE) return NULL;
    }
    return NULL;
}

static struct slot *containing(uintptr_t address) {
    for (size_t index = 0; index < SLOT_COUNT; index++) {
        uintptr_t base = atomic_load(&slots[index].base);
        if (base > FREED && base <= address && address < atomic_load(&slots[index].end)) return &slots[index];
    }
    return NULL;
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
    (void)context;
    uintptr_t address = (uintptr_t)info->si_addr;
    struct slot *slot = info->si_code > 0 ? containing(address) : NULL;
    if (slot != NULL) {
        void *page = (void *)(address & ~(page_bytes - 1));
        atomic_fetch_add(&slot->replaced_count, 1);
        if (mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) return;
    }
    /* Not ours: what was there before decides, when the instruction fails once more. */
    sigaction(number, &previous, NULL);
}

static void install(void) {
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

bool page_guard_add(const void *base, size_t byte_count) {
    pthread_once(&installed, install);
    uintptr_t start = (uintptr_t)base;
    size_t index = first_slot(start);
    for (size_t step = 0; step < SLOT_COUNT; step++, index = (index + 1) & (SLOT_COUNT - 1)) {
        uintptr_t expected = atomic_load(&slots[index].base);
        if (expected > FREED) continue;
        if (!atomic_compare_exchange_strong(&slots[index].base, &expected, start)) continue;
        /* Nobody touches the mapping before this has returned. */
        atomic_store(&slots[index].replaced_count, 0);
        atomic_store(&slots[index].end, start + byte_count);
        return true;
    }
    return false;
}

void page_guard_remove(const void *base) {
    struct slot *slot = find((uintptr_t)base);
    if (slot == NULL) return;
    atomic_store(&slot->end, 0);
    atomic_store(&slot->base, FREED);
}

bool page_guard_has_replaced(const void *base) {
    struct slot *slot = find((uintptr_t)base);
    return slot != NULL && atomic_load(&slot->replaced_count) > 0;
}

void page_guard_touch(const void *start, size_t byte_count) {
    if (byte_count == 0) return;
    uintptr_t bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t last = (uintptr_t)start + byte_count - 1;
    for (uintptr_t page = (uintptr_t)start & ~(bytes - 1); page <= last; page += bytes) {
        (void)*(const volatile unsigned char *)page;
    }
}
