"""What options of a machine mean, for every task that boots one."""

MACHINE_HELP = {
    "machine": "a file of qemu/machines, without .toml",
    "smp": "cores of the machine (default: the machine's)",
    "mem": "memory in MiB, or 2G (default: grows with the cores)",
    "cpu": "QEMU's processor model (default: the machine's)",
    "accel": "auto, tcg (a host thread a core), tcg-rr (round robin) or kvm",
    "icount": "count instructions: runs repeat to the digit",
    "no-build": "boot what is there",
    "cores": "core images in the archive (default: one a core)",
    "profile": "release, or debug: assertions with UBSan traps",
    "toolchain": "zig (the pinned wheel's clang and lld) or gcc",
}
