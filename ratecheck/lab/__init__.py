"""Building blocks of simulations, one folder a mathematical object, on torch.

Claims write ``from ratecheck import lab`` and then ``lab.spectra.sgd.averaged_sgd(...)``: a module
is imported when a simulation first uses it, so that listing a catalogue imports no torch.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def lazy(package: str, path: list[str]) -> tuple[Callable[[str], ModuleType], list[str]]:
    """``__getattr__`` and ``__all__`` of a package that imports its modules on first use."""
    names = sorted(module.name for module in iter_modules(path))

    def module(name: str) -> ModuleType:
        if name in names:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"{package} has no module '{name}'; it has {', '.join(names)}")

    return module, names


__getattr__, __all__ = lazy(__name__, __path__)
