/* SPDX-License-Identifier: Apache-2.0 */
/**
 * classic_text.h - classic bytecode of cls_bpf as a listing, by libpcap's disassembler.
 */
#ifndef TCAUDIT_NETLINK_CLASSIC_TEXT_H
#define TCAUDIT_NETLINK_CLASSIC_TEXT_H

#include "model/out.h"

#include <stdint.h>

/**
 * Write a line for each instruction, "(000) ldh      [12]".
 *
 * @param classic as in struct snap_entry; from a file it can be any text: the listing ends where
 *                it is no instruction any more, and says so.
 * @param indent  columns in front of each line.
 */
void classic_write(const char *classic, uint32_t indent, struct out *o);

#endif
