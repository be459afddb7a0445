/* SPDX-License-Identifier: Apache-2.0 */
#include "model/snapshot_json.h"
#include "reports/report.h"

#include <errno.h>

void render_scan_json(const struct report *rep, struct out *o)
{
	if (snapshot_write_json(rep->snap, o) < 0 && o->error == 0) {
		o->error = -ENOMEM;
	}
}
