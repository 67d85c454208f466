/* Keeps the process alive when a page of a mapped file cannot be read.
 *
 * A touch of a mapping behind the end of its file (somebody has truncated it) or on a bad sector raises SIGBUS, which would end
 * the process. For mappings that are registered here the page is replaced by zeros instead. Zeros are never a record batch, so
 * whoever reads them reports damage, and everybody else goes on.
 *
 * Thread rule: every function from any thread; the signal handler only reads the table. */
#ifndef MARTLET_PAGE_GUARD_H
#define MARTLET_PAGE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Guards a mapping from now on; false if there is no room for one more. Call page_guard_remove before munmap. */
bool page_guard_add(const void *base, size_t byte_count);

void page_guard_remove(const void *base);

/* Reads a byte of every page of a range, so that pages which cannot be read are replaced now. System calls that are given the
 * memory do not raise the signal: they fail. */
void page_guard_touch(const void *start, size_t byte_count);

/* Whether pages of a guarded mapping were replaced. They stay so: map the file anew to see what it holds. */
bool page_guard_has_replaced(const void *base);

#endif
