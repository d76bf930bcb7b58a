/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_PAUSE_H
#define SCIM_BASE_PAUSE_H

/* Makes the calling thread wait; a signal does not shorten it. */
void scim__pause(unsigned milliseconds);

#endif
