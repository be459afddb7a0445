/* SPDX-License-Identifier: Apache-2.0 */
/**
 * version.h - name and version of the tool, in every output.
 */
#ifndef TCAUDIT_MODEL_VERSION_H
#define TCAUDIT_MODEL_VERSION_H

#define TCAUDIT_NAME    "tcaudit"
#define TCAUDIT_VERSION "0.1.0"

#endif
