/* SPDX-License-Identifier: Apache-2.0 */
/**
 * pins.h - what the BPF file systems of the node keep of the snapshot's programs, maps and links.
 *
 * Vendors are told apart by where they pin. Pins of anything else say nothing about packets.
 */
#ifndef TCAUDIT_BPF_PINS_H
#define TCAUDIT_BPF_PINS_H

#include "model/attrs.h"
#include "model/snapshot.h"

/** Bounds; reaching one is a gap. */
#define PINS_MAX_MOUNTS 256u
#define PINS_MAX_DEPTH  16
#define PINS_MAX_FILES  262144u

/**
 * Look through the BPF file systems that process 1 of the examined /proc has mounted, and the one
 * at SYS/fs/bpf, each once. A pin is kept when its object is in the snapshot: a program; a map of
 * one; a link that an entry names, or whose program is there. Call after progs_collect().
 *
 * Uses BPF_OBJ_GET, which takes a reference and changes nothing, OBJ_GET_INFO_BY_FD, and reads of
 * directories.
 *
 * @param sys where the node's /sys is mounted; its paths are given as below /sys.
 * @return 0 (what could not be looked at is a gap) or -ENOMEM.
 */
ATTR_MUSTUSE int pins_collect(struct snapshot *snap, const char *proc, const char *sys);

#endif
