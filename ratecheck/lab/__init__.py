"""Building blocks of simulations: kernels, networks, chains and spectra on torch.

Claims write ``from ratecheck import lab`` and then ``lab.spectral_sgd.averaged_sgd(...)``: a
module is imported when a simulation first uses it, so that listing a catalogue imports no torch.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

__all__ = sorted(module.name for module in iter_modules(__path__))


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"ratecheck.lab has no module '{name}'; it has {', '.join(__all__)}")
