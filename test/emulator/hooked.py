"""Prints the names of MiniStack that the plug-ins use and hooks.py does not list."""

import ast
import sys
from pathlib import Path

from server import hooks

listed = {(module.__name__, name) for module, names in hooks.NAMES.items() for name in names}
modules = {module.__name__ for module in hooks.NAMES}


def used(tree: ast.AST) -> set[tuple[str, str]]:
    """Attributes of imported modules, and what is imported from them by name."""
    aliases: dict[str, str] = {}
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                if whole in modules:
                    aliases[name.asname or name.name] = whole
                else:
                    found.add((node.module, name.name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            found.add((aliases[node.value.id], node.attr))
    return found


# More text stands for more files: a test sees by it that something is found.
texts = [
    file.read_text(encoding="utf8")
    for file in sorted(Path(hooks.__file__).parent.glob("*.py"))
    if file.name != "hooks.py"
]
names = set().union(*(used(ast.parse(text)) for text in [*texts, *sys.argv[1:]]))
print(sorted(f"{module}.{name}" for module, name in names - listed))
