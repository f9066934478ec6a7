"""The C names that a contract gives, and the refusal of one name for two things.

Each family's own checks find duplicates within it; here are the clashes between families, as of a constant ERR_OK
with the error OK. Names that the generator adds by itself come first, so that the blame falls on an entry.
"""

from collections.abc import Iterator, Mapping

from skerry.abi.model import Contract, ContractError, Enumeration, Struct

OURS = "the generator"
FUNCTIONS = ("err_name", "err_doc", "cap_type_name")


def claims(contract: Contract) -> Iterator[tuple[str, str]]:
    """Every global name of the generated C and assembly with the label of the entry that asks for it."""
    yield "CONTRACT_HASH", OURS
    yield from ((name, OURS) for name in FUNCTIONS)
    for family in contract.enums.values():
        if family.last is not None:
            yield family.c_name(family.last), OURS
    for group in contract.groups:
        for value in group.constants:
            yield value.name, f"{group.label}constant {value.name}"
    for family in contract.enums.values():
        yield from enum_claims(family)
    for struct in contract.structs.values():
        yield from struct_claims(struct)
    for operation in contract.operations.values():
        yield f"OP_{operation.c_name.upper()}", f"operation {operation.name}"
        yield operation.c_name, f"operation {operation.name}"
    for call in contract.syscalls.values():
        yield f"sys_{call.name}", f"syscall {call.name}"


def enum_claims(family: Enumeration) -> Iterator[tuple[str, str]]:
    """The constants and the tag; the tag of a section's family is the generator's."""
    own = family.section == "enum"
    yield f"tag {family.name}", f"enum {family.name}" if own else OURS
    for value in family.values:
        name = value.name.lower() if family.section == "syscall" else value.name
        yield family.c_name(value), f"enum {family.name}: value {name}" if own else f"{family.section} {name}"


def struct_claims(struct: Struct) -> Iterator[tuple[str, str]]:
    label, macro = f"struct {struct.name}", struct.name.upper()
    yield f"tag {struct.name}", label
    yield f"{macro}_SIZEOF", label
    for field in struct.fields:
        yield f"{macro}_{field.name.upper()}", f"{label}: field {field.name}"


def check_c_names(contract: Contract, files: Mapping[str, str]) -> None:
    """Refuse a name claimed twice; `files` gives the file of each entry by its label."""
    seen: dict[str, str] = {}
    for name, label in claims(contract):
        if name in seen:
            file = files[label.split(":")[0]]
            raise ContractError(f"{file}: {label}: its C name, {name}, is taken by {seen[name]}")
        seen[name] = label
