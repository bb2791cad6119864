// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's simulated interrupts as a module: Debian's kernel has them not built in, and
 * offers modules no irq_to_desc(), so an interrupt is handled by its number.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/module.h>

#define handle_simple_irq(desc) generic_handle_irq(irqnum)
#include "irq_sim.c"

MODULE_DESCRIPTION("Simulated interrupts");
MODULE_LICENSE("GPL");
