/* hostile CASE [SEED]: one attack on the rest of the machine. Status 0: contained; 2: escaped. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "programs/hostile/hostile.h"

/* What `ends` says is how the domain ends when all is well. */
static const struct {
    const char *name, *ends, *what;
    void (*run)(void);
} cases[] = {
    {"read-kernel", "fault", "load from the CPU driver's half of the address space", case_read_kernel},
    {"write-kernel", "fault", "store to it", case_write_kernel},
    {"write-code", "fault", "store to its own code, constants and arguments", case_write_code},
    {"execute-data", "fault", "execute data, stack, heap and dispatcher frame", case_execute_data},
    {"jump", "fault", "jump to the CPU driver, to non-canonical addresses, to nothing", case_jump},
    {"privileged", "fault", "every instruction that only a CPU driver may use", case_privileged},
    {"ports", "fault", "I/O ports without their capability", case_ports},
    {"flags", "exit", "system calls and interrupts with every flag set", case_flags},
    {"stacks", "fault", "faults, system calls and interrupts on bad stacks", case_stacks},
    {"syscalls", "exit", "system calls that there are not, with random registers", case_syscalls},
    {"frames", "exit", "dispatchers with garbage in their frames", case_frames},
    {"race", "exit", "dispatchers that overwrite their frames while they run", case_race},
    {"forge", "exit", "random capability addresses, operations and arguments", case_forge},
    {"stale", "exit", "capabilities, mappings and memory after their end", case_stale},
    {"rings", "exit", "CNodes that contain each other and themselves", case_rings},
    {"revoke-cspace", "stopped", "revoke the own capability space", case_revoke_cspace},
    {"revoke-vspace", "stopped", "revoke the own address space", case_revoke_vspace},
    {"revoke-frame", "stopped", "revoke the own dispatcher frame", case_revoke_frame},
    {"delete-all", "stopped", "delete every capability that it has", case_delete_all},
    {"slots", "exit", "use up all capability slots that its memory allows", case_slots},
    {"memory", "exit", "use up its memory, down to the last page", case_memory},
    {"dispatchers", "exit", "as many endless loops as its share of the core allows", case_dispatchers},
    {"loop", "exit", "loop for a while without giving way", case_loop},
    {"weight", "exit", "move its share to and fro, to begin a new job each time, or to have more of it", case_weight},
    {"reserve", "exit", "reserve all of the core that can be had", case_reserve},
    {"signal", "exit", "wake dispatchers all the time", case_signal},
    {"timers", "exit", "block with deadlines that are past", case_timers},
    {"fault-storm", "exit", "a hundred thousand faults, one in the other's handler", case_fault_storm},
    {"fault-in-handler", "stopped", "a fault handler that faults", case_fault_in_handler},
    {"flood-monitor", "exit", "random messages to the monitor, as fast as they go", case_flood_monitor},
    {"flood-serial", "exit", "the same to the serial domain", case_flood_serial},
    {"bad-caps", "exit", "send capabilities that it should not", case_bad_caps},
    {"span", "exit", "ask for all that a span must not be", case_span},
};

static int usage(void) {
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        printf("  %-16s %-8s %s\n", cases[i].name, cases[i].ends, cases[i].what);
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc == 3 && !string_to_u64(argv[2], &random_state)) {
        return usage();
    }
    random_state = random_state * 0x9e3779b97f4a7c15 + 1;
    for (unsigned i = 0; argc > 1 && i < ARRAY_SIZE(cases); i++) {
        if (strcmp(cases[i].name, argv[1]) == 0) {
            case_name = cases[i].name;
            cases[i].run();
            report();
            return escapes == 0 && strcmp(cases[i].ends, "exit") == 0 ? 0 : 2;
        }
    }
    return usage();
}
