"""The machine's keyboard: characters to key presses.

QEMU gives them to the keyboard controller, which a machine without a display has, too.
"""

from skerry.machine.qmp import Qmp

NAMES = {" ": "spc", "\r": "ret", "\n": "ret", "\t": "tab", "\x7f": "backspace", "-": "minus", ",": "comma", ".": "dot"}


def press(qmp: Qmp, character: str) -> bool:
    """Press and release the key of a character; False when there is no such key here, or no machine."""
    name = character if character.isalnum() and character.isascii() else NAMES.get(character)
    if name is None:
        return False
    keys = [{"type": "qcode", "data": name.lower()}]
    if name != name.lower():
        keys.insert(0, {"type": "qcode", "data": "shift"})
    return qmp.ask("send-key", keys=keys) is not None
