"""Mistakes in a contract: rights, registers, layouts and constants."""

CAPS = "kernel/abi/caps.toml"
NUMBERS = "kernel/abi/numbers.toml"
STRUCTS = "kernel/abi/structs.toml"

# What is refused: the file, what is replaced in it, by what, and the error without the file.
LAYOUTS = {
    "an unknown right": (
        CAPS,
        'rights = ["READ", "WRITE"]',
        'rights = ["READ", "RITE"]',
        "operation frame.identify: `rights`: unknown right RITE; there are READ, WRITE",
    ),
    "a right twice": (
        CAPS,
        'rights = ["READ", "WRITE"]',
        'rights = ["READ", "READ"]',
        "operation frame.identify: `rights` names READ twice",
    ),
    "an argument of an unknown type": (
        CAPS,
        'types = ["FRAME", "TABLE_L1"]',
        'types = ["FRAME", "TABLE"]',
        "operation table.map: argument source: `types`: unknown type TABLE;"
        " there are NULL, RAM, FRAME, TABLE_L2, TABLE_L1, PORT",
    ),
    "an argument of an unknown kind": (
        CAPS,
        '"index", kind = "word"',
        '"index", kind = "int"',
        "operation table.map: argument index: unknown kind int; there are word, cap, slot",
    ),
    "rights of a word": (
        CAPS,
        '"index", kind = "word"',
        '"index", kind = "word", rights = ["READ"]',
        "operation table.map: argument index: only an argument of kind cap has types and rights, not a word",
    ),
    "too many arguments": (
        CAPS,
        'args = [{ name = "index", kind = "word" }, ',
        'args = [{ name = "index", kind = "word" }, { name = "more", kind = "word" }, ',
        "operation table.map: has 4 arguments; INVOKE_ARGS allows 3",
    ),
    "too many results": (
        CAPS,
        'results = ["base", "size"]',
        'results = ["base", "size", "age"]',
        "operation frame.identify: has 3 results; INVOKE_RESULTS allows 2",
    ),
    "an argument named like a result": (
        CAPS,
        'results = ["value"]',
        'results = ["port"]',
        "operation port.in: the name port is used twice among arguments and results",
    ),
    "a name that the stubs use": (
        CAPS,
        'results = ["value"]',
        'results = ["err"]',
        "operation port.in: an argument or result cannot be named err",
    ),
    "a system call number twice": (CAPS, "number = 3", "number = 2", "syscall send: the number 2 is sleep's already"),
    "a register twice": (CAPS, '["rdx", "rbp"]', '["rdx", "rdi"]', "syscall send: rdi is used twice"),
    "a register that the instruction loses": (
        CAPS,
        '["rdx", "rbp"]',
        '["rdx", "rcx"]',
        "syscall send: rcx is taken by the syscall instruction",
    ),
    "an unknown register": (
        CAPS,
        'type = "u64", register = "rdi"',
        'type = "u64", register = "edi"',
        "syscall sleep: argument until: unknown register edi; there are rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10,"
        " r11, r12, r13, r14, r15",
    ),
    "too few registers for an invocation": (
        CAPS,
        'words = ["rdx", "r10", "r12"]',
        'words = ["rdx", "r10"]',
        "syscall invoke: has registers for 2 words and 2 results, but the constants say 3 and 2",
    ),
    "an overlapping field": (
        STRUCTS,
        '"y", type = "u32", offset = 8',
        '"y", type = "u32", offset = 4',
        "struct point: field y: offset 4 overlaps the field before it, which ends at 8",
    ),
    "a misaligned field": (
        STRUCTS,
        '"y", type = "u32", offset = 8',
        '"y", type = "u32", offset = 10',
        "struct point: field y: offset 10 is not a multiple of its alignment, 4",
    ),
    "bytes without a name": (
        STRUCTS,
        '"y", type = "u32", offset = 8',
        '"y", type = "u32", offset = 12',
        "struct point: field y: bytes 8 to 11 before it have no name: add a pad field",
    ),
    "bytes without a name at the end": (
        STRUCTS,
        "size = 16",
        "size = 24",
        "struct point: bytes 16 to 23 at its end have no name: add a pad field, or make the size 16",
    ),
    "a field past the end": (
        STRUCTS,
        "size = 16",
        "size = 8",
        "struct point: field y: ends at 12, past the struct's size, 8",
    ),
    "an unknown field type": (
        STRUCTS,
        '"y", type = "u32"',
        '"y", type = "int32"',
        "struct point: field y: unknown type int32; there are u8, u16, u32, u64, char, paddr, vaddr, coreid,"
        " capaddr, err (state a struct above its use)",
    ),
    "an empty array": (STRUCTS, "count = 2", "count = 0", "struct page: field points: `count` must be 1 or more"),
    "a field twice": (STRUCTS, '"y"', '"x"', f"struct point: field x: the name x is used twice (also in {STRUCTS})"),
    "a struct twice": (
        STRUCTS,
        'name = "page"',
        'name = "point"',
        f"struct point: the name point is used twice (also in {STRUCTS})",
    ),
    "a constant named like an error": (
        NUMBERS,
        'name = "WINDOW"',
        'name = "ERR_OK"',
        "error OK: its C name, ERR_OK, is taken by constant ERR_OK",
    ),
    "a constant named like the generator's own": (
        NUMBERS,
        'name = "WINDOW"',
        'name = "SYS_COUNT"',
        "constant SYS_COUNT: its C name, SYS_COUNT, is taken by the generator",
    ),
    "an enumeration named like a family": (
        NUMBERS,
        'name = "state"',
        'name = "err"',
        "enum err: the name err is that of a family with a section of its own",
    ),
    "a struct named like an enumeration": (
        STRUCTS,
        'name = "page"',
        'name = "level"',
        "struct level: its C name, tag level, is taken by enum level",
    ),
}
