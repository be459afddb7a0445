/* SPDX-License-Identifier: Apache-2.0 */
/**
 * snippets.h - what to paste for the recommendation, in four spellings.
 *
 * Decided once for a report, then written for system-probe.yaml, Helm values, the Operator's
 * DatadogAgent and a plain environment. Every text parses: the first three as YAML, the last as
 * lines of NAME=value and comments.
 */
#ifndef TCAUDIT_REPORTS_SNIPPETS_H
#define TCAUDIT_REPORTS_SNIPPETS_H

#include "model/out.h"
#include "reports/report.h"

#include <stdbool.h>
#include <stdint.h>

/** What a snippet brings about. */
enum snippet_goal {
	SNIPPET_NOTHING,  /**< No setting of the Agent helps, or none is needed. */
	SNIPPET_PRIORITY, /**< network.classifier_priority. */
	SNIPPET_OFF,      /**< network.enabled: false. */
};

/** One recommendation as a setting of this node's Agent. */
struct snippet {
	enum snippet_goal goal;
	const char *section;  /**< Of system-probe.yaml; static. */
	const char *key;      /**< Under section.network; static. */
	char value[8];        /**< "4", "false". */
	const char *variable; /**< Environment variable; static, or of the snapshot. */
	bool both_sections;   /**< The Agent's version is not known: which section it reads. */
	bool file_wins; /**< The node's file sets the deprecated key, which outvotes all else. */
	bool variable_wins; /**< The node's environment sets the variable, which outvotes the file.
	                     */
	bool until_upgrade; /**< Only until a release that can do better. */
};

/** What to set for the recommendation of @p rep. */
struct snippet snippet_of(const struct report *rep);

/** Write a snippet whose goal is not SNIPPET_NOTHING. */
typedef void snippet_fn(const struct snippet *what, struct out *o);

/** One spelling. */
struct snippet_row {
	const char *json;  /**< Key in the JSON report. */
	const char *title; /**< In the text report. */
	snippet_fn *write;
};

/** In this order: system-probe.yaml, Helm, Operator, environment. */
enum snippet_kind {
	SNIPPET_YAML,
	SNIPPET_HELM,
	SNIPPET_OPERATOR,
	SNIPPET_ENV,
};
#define N_SNIPPETS (SNIPPET_ENV + 1)
extern const struct snippet_row snippet_rows[N_SNIPPETS];

/** First release of the Agent that has classifier_priority, and no race with Cilium. */
#define SNIPPET_UPGRADE_TO "7.39.2"

#endif
