"""The names of modules: what we have loaded does not stand before a function's own file of the same name.

A file ``queue.py`` is the module ``queue`` on Lambda, for the folder of the code comes first and nothing has loaded the
standard library's. Here the zygote has, and this folder's own modules besides. It loads this one first.
"""

import contextlib
import os
import sys
import types

_client = types.ModuleType("runtime_client")
setattr(_client, "initialize_client", lambda user_agent: None)  # noqa: B010 - a module made here has no such name
sys.modules["runtime_client"] = _client  # the C++ client of the wheel is not for this interpreter, nor needed

from awslambdaric import bootstrap  # noqa: F401 - what it loads is counted here

FOLDER = "/lambdalab/"
# What Lambda's runtime itself has loaded when it imports a handler: a function's file of such a name is not seen there
# either. The zygote has loaded next to nothing else before it loads this module.
LAMBDAS = frozenset(sys.modules) - {"ctypes", "struct"}


def give_back_ours() -> None:
    """In the zygote: nobody finds this folder's modules by their names any more. They hold each other."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(FOLDER):
            del sys.modules[name]


def give_back(folders: "list[str]") -> None:
    """In a runtime: forget what the standard library has loaded under a name that one of ``folders`` has, too."""
    for folder in folders:
        with contextlib.suppress(OSError):
            for entry in os.listdir(folder):
                name, dot, _ = entry.partition(".")
                if name in sys.modules and _is_ours_to_give(name) and (dot or _is_package(folder, name)):
                    for loaded in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                        del sys.modules[loaded]


def _is_ours_to_give(name: str) -> bool:
    return name in sys.stdlib_module_names and name not in LAMBDAS


def _is_package(folder: str, name: str) -> bool:
    return os.path.exists(f"{folder}/{name}/__init__.py")
