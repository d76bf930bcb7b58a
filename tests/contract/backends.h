/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONTRACT_BACKENDS_H
#define TESTS_CONTRACT_BACKENDS_H

#include "contract/world.h"

/* Every backend that calls itself one. */
const struct backend *contract_backends(size_t *out_count);

#endif
