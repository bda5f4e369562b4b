"""A script's text → its contract. Pure, bounded, and never an exception: what is not understood is unknown."""

from golive.protocol.contracts.contract import Contract, Note
from golive.protocol.contracts.declared import declarations, joined
from golive.protocol.contracts.python.program import python_contract
from golive.protocol.contracts.shell.script import shell_contract

MOST_CHARACTERS = 512 * 1024
MOST_OPTIONS = 500
SHELLS = ("sh", "bash", "dash", "ksh", "zsh", "ash")


def learn(source: str, path: str) -> Contract:
    """What the script accepts, as far as its text and its author's declarations show."""
    if len(source) > MOST_CHARACTERS:
        return _unknown(f"it has more than {MOST_CHARACTERS} characters")
    learned = joined(_learned(source, language(source, path)), declarations(source))
    if len(learned.options) > MOST_OPTIONS or len(learned.subcommands) > MOST_OPTIONS:
        return _unknown(f"it has more than {MOST_OPTIONS} flags")
    return learned


def language(source: str, path: str) -> str:
    """`python`, `shell`, or "" for anything else: by the first line, else by the ending."""
    first = source[: source.find("\n") if "\n" in source else None][:200].strip("\ufeff\r ")
    if first.startswith("#!"):
        words = [word.rpartition("/")[2] for word in first[2:].split()]
        program = next((w for w in words if w not in {"env", "-S"} and "=" not in w), "")
        if program.startswith("python") or words[:3] == ["env", "-S", "uv"]:
            return "python"
        return "shell" if program in SHELLS else ""
    if path.endswith((".py", ".pyw")):
        return "python"
    return "shell" if path.endswith((".sh", ".bash")) else ""


def _learned(source: str, name: str) -> Contract:
    match name:
        case "python":
            return python_contract(source)
        case "shell":
            return shell_contract(source)
        case _:
            return _unknown("it is neither Python nor a shell script")


def _unknown(why: str) -> Contract:
    return Contract(notes=(Note(line=0, text=why),))
