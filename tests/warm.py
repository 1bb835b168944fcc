"""All that commands import: `tests.preloaded` has its fork server load it, once for all of them."""

import gc
import importlib
import pkgutil

import ratecheck

LIBRARIES = [
    *("numpy", "torch", "torch._dynamo", "numba", "scipy.optimize"),
    *("jinja2", "jsonschema_rs", "latex2mathml.converter", "rich.progress"),
    *("pytest", "_hypothesis_pytestplugin", "pytest_benchmark.plugin", "pytest_cov.plugin"),
    *("pytest_timeout", "xdist.plugin", "xdist.looponfail", "execnet", "hypothesis"),
]
RARE = ("ratecheck.calibrate", "ratecheck.lab", "ratecheck.faces.templates", "ratecheck.__main__")
OURS = [module.name for module in pkgutil.walk_packages(ratecheck.__path__, "ratecheck.")]

gc.disable()  # there is little to collect while so much is defined, and it takes a fifth
for name in LIBRARIES + [name for name in OURS if not name.startswith(RARE)]:
    importlib.import_module(name)
gc.freeze()  # what was forked from here has none of this to look through
gc.enable()
