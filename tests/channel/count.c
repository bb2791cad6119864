/* Counts the instructions that a program executes under qemu-user: a plugin of TCG.
 * The interface is that of QEMU's qemu-plugin.h, version 1, as far as it is needed. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef uint64_t plugin_id;
typedef void (*translated)(plugin_id, void *block);
typedef void (*at_exit)(plugin_id, void *user);

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, translated);
extern void qemu_plugin_register_vcpu_tb_exec_inline(void *block, int add, void *to, uint64_t what);
extern size_t qemu_plugin_tb_n_insns(const void *block);
extern void qemu_plugin_register_atexit_cb(plugin_id, at_exit, void *user);

int qemu_plugin_version = 1;
static uint64_t executed;

static void on_translated(plugin_id id, void *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, 0, &executed, qemu_plugin_tb_n_insns(block));
}

static void at_end(plugin_id id, void *user)
{
    (void)id;
    (void)user;
    fprintf(stderr, "instructions: %llu\n", (unsigned long long)executed);
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
