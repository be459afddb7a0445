/* SPDX-License-Identifier: Apache-2.0 */
#include "model/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, int code, const char *fmt, ...)
{
	if (err && err->code == 0) {
		va_list args;

		va_start(args, fmt);
		if (vsnprintf(err->text, sizeof(err->text), fmt, args) < 0) {
			err->text[0] = '\0';
		}
		va_end(args);
		err->code = code;
	}
	return code;
}
