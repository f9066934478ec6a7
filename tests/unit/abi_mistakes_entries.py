"""Mistakes in a contract: keys, numbers, names and types of entries."""

CAPS = "kernel/abi/caps.toml"
NUMBERS = "kernel/abi/numbers.toml"
STRUCTS = "kernel/abi/structs.toml"

# What is refused: the file, what is replaced in it, by what, and the error without the file.
ENTRIES = {
    "unknown key": (
        CAPS,
        'name = "lend"',
        'name = "lend"\nrigths = ["READ"]',
        "operation port.lend: unknown key `rigths`; there are type, name, args, number, doc, rights,"
        " results, continues",
    ),
    "unknown section": (
        NUMBERS,
        "[[guest]]",
        "[[guests]]",
        "unknown key `guests`; there are doc, constant, group, enum, struct, error, guest, host, right, space,"
        " map_flag, type, operation, syscall, reserved",
    ),
    "unknown family in reserved": (
        NUMBERS,
        "host = [[2, 63]]",
        "hots = [[2, 63]]",
        "reserved: unknown key `hots`; there are error, guest, host, right, space, map_flag",
    ),
    "missing key": (CAPS, 'number = 17\ndoc = "Lend', 'doc = "Lend', "operation port.lend: needs `number`"),
    "missing doc": (NUMBERS, 'doc = "again"', 'doc = " "', "error CONTINUE: `doc` is empty: say what it is for"),
    "wrong kind of value": (
        CAPS,
        "number = 17",
        'number = "17"',
        "operation port.lend: `number` must be a number, not '17'",
    ),
    "true is no number": (
        CAPS,
        "number = 17",
        "number = true",
        "operation port.lend: `number` must be a number, not True",
    ),
    "number out of range": (
        CAPS,
        "number = 17",
        "number = 256",
        "operation port.lend: `number` must be from 0 to 0xff, not 256",
    ),
    "name in the wrong case": (
        NUMBERS,
        'name = "BUSY"',
        'name = "Busy"',
        "error Busy: name 'Busy' must be upper-case letters, digits and underscores",
    ),
    "a C keyword": (STRUCTS, 'name = "y"', 'name = "int"', "struct point: field int: name 'int' is a C keyword"),
    "a name twice": (
        NUMBERS,
        'name = "LATE"',
        'name = "BUSY"',
        f"error BUSY: the name BUSY is used twice (also in {NUMBERS})",
    ),
    "a number twice": (NUMBERS, "value = 8", "value = 2", "error LATE: the number 2 is BUSY's already"),
    "a reserved number": (
        NUMBERS,
        "value = 8",
        "value = 5",
        "error LATE: the number 5 is in the reserved range 3 to 7",
    ),
    "a hole": (
        NUMBERS,
        "value = 8",
        "value = 10",
        "error LATE: the number 10 leaves a hole: use 8 to 9 first, or mark that in `reserved`",
    ),
    "a hole in an enumeration": (
        NUMBERS,
        "reserved = [[3, 3]]\n",
        "",
        "enum level: value HIGH: the number 4 leaves a hole: use 3 first, or mark that in `reserved`",
    ),
    "two bits": (
        CAPS,
        'value = 2\ndoc = "touch"',
        'value = 3\ndoc = "touch"',
        "right WRITE: the value 3 is not a single bit",
    ),
    "a bit left out": (
        NUMBERS,
        '"LOUD", value = 2',
        '"LOUD", value = 4',
        "enum mode: value LOUD: the bit 2 leaves a hole: use 1 first, or mark that in `reserved`",
    ),
    "a bit twice": (
        NUMBERS,
        '"LOUD", value = 2',
        '"LOUD", value = 1',
        "enum mode: value LOUD: the bit 0 is FAST's already",
    ),
    "types with one value": (CAPS, "value = 5", "value = 4", "type PORT: the number 4 is TABLE_L1's already"),
    "a type left out": (
        CAPS,
        "value = 5",
        "value = 7",
        "type PORT: the number 7 leaves a hole: use 5 to 6 first, or mark that in `reserved`",
    ),
    "an unknown space": (
        CAPS,
        'space = "PORT"',
        'space = "SEA"',
        "type PORT: unknown space SEA; there are MEMORY, PORT",
    ),
    "an unknown retype target": (
        CAPS,
        '["RAM", "FRAME"',
        '["RAM", "FRAMES"',
        "type RAM: `retype`: unknown type FRAMES; there are NULL, RAM, FRAME, TABLE_L2, TABLE_L1, PORT",
    ),
    "retype into another space": (
        CAPS,
        '["RAM", "FRAME"',
        '["RAM", "PORT"',
        "type RAM: `retype` names PORT, which is in another space (PORT, not MEMORY)",
    ),
    "an operation of an unknown type": (
        CAPS,
        'type = "table"',
        'type = "vnode"',
        "operation vnode.map: unknown type vnode; there are cap, null, ram, frame, table_l2, table_l1, port",
    ),
    "an operation twice": (
        CAPS,
        'name = "lend"',
        'name = "in"',
        f"operation port.in: the name port.in is used twice (also in {CAPS})",
    ),
    "an operation number twice": (
        CAPS,
        "number = 17",
        "number = 16",
        "operation port.lend: the number 16 is port.in's already",
    ),
    "an operation number left out": (
        CAPS,
        "number = 17",
        "number = 18",
        "operation port.lend: the number 18 leaves a hole: use 17 first, or mark that in `reserved`",
    ),
    "an operation number below the type's": (
        CAPS,
        "number = 17",
        "number = 15",
        "operation port.lend: the number 15 is too low: these begin at 16",
    ),
    "a generic operation above 15": (
        CAPS,
        'number = 1\ndoc = "Delete',
        'number = 16\ndoc = "Delete',
        "operation cap.delete: the number 16 is too high: generic operations have 0 to 15",
    ),
    "operations for a type and for its family": (
        CAPS,
        'type = "port"\nname = "lend"',
        'type = "table_l1"\nname = "lend"',
        "operation table_l1.lend: TABLE_L1 has operations of table already",
    ),
}
