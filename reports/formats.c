/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report.h"

const struct format formats[] = {
	{
		.name = "text",
		.what = "for a person at a terminal",
		.check = render_check_text,
		.scan = render_scan_text,
	},
	{
		.name = "json",
		.what = "the whole report, or the snapshot that --from reads",
		.check = render_check_json,
		.scan = render_scan_json,
	},
	{
		.name = "yaml",
		.what = "the recommended setting alone, for system-probe.yaml",
		.check = render_check_yaml,
	},
	{
		.name = "helm",
		.what = "the same as values of the Helm chart",
		.check = render_check_helm,
	},
	{
		.name = "operator",
		.what = "the same as a DatadogAgent of the Operator",
		.check = render_check_operator,
	},
	{
		.name = "env",
		.what = "the same as environment of system-probe",
		.check = render_check_env,
	},
};

const uint32_t n_formats = COUNT_OF(formats);

const char *verdict_word(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		return "pass";
	case VERDICT_WARN:
		return "warn";
	case VERDICT_FAIL:
		return "fail";
	case VERDICT_INCOMPLETE:
		return "incomplete";
	}
	return "incomplete";
}

enum verdict report_verdict(const struct snapshot *snap, const struct findings *findings)
{
	if (findings != NULL && findings->n_fail > 0) {
		return VERDICT_FAIL;
	}
	if (snap->n_gaps > 0) {
		return VERDICT_INCOMPLETE;
	}
	if (findings != NULL && findings->n_warn > 0) {
		return VERDICT_WARN;
	}
	return VERDICT_PASS;
}

int report_exit_code(const struct snapshot *snap, const struct findings *findings, uint32_t fail_on)
{
	if (findings != NULL && findings->n_fail > 0 && (fail_on & FAIL_ON_FAIL) != 0) {
		return 3;
	}
	if (snap->n_gaps > 0 && (fail_on & FAIL_ON_INCOMPLETE) != 0) {
		return 5;
	}
	if (findings != NULL && findings->n_warn > 0 && (fail_on & FAIL_ON_WARN) != 0) {
		return 4;
	}
	return 0;
}
