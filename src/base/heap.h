/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_HEAP_H
#define SCIM_BASE_HEAP_H

/*
 * For programs that run long: blocks of 128 KiB and more go back to the
 * system when they are freed, whatever sizes were freed before.  Call it
 * once, before threads start.
 */
void scim__heap_return_large(void);

#endif
