/* SPDX-License-Identifier: Apache-2.0 */
/**
 * vendors_json.h - the report's "vendors": what each identified vendor has attached.
 */
#ifndef TCAUDIT_REPORTS_VENDORS_JSON_H
#define TCAUDIT_REPORTS_VENDORS_JSON_H

#include "model/findings.h"
#include "model/json.h"

/** Add "vendors", sorted by id; empty when nobody was recognised. */
void vendors_add_json(struct json_build *b, cJSON *root, const struct findings *f);

#endif
