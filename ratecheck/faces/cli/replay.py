"""``ratecheck replay``: one block again, with its traceback or in the debugger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ratecheck.errors import RequestError
from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Argument, Option

if TYPE_CHECKING:
    from ratecheck.claim.catalogue import Entry


def replay(
    block: Annotated[
        str, Argument(help="The block as it was printed, 'claim/experiment[n=256]#0', or a check.")
    ],
    pdb: Annotated[
        bool,
        Option(
            "--pdb", help="Open the debugger where it fails, or at the first line if it does not."
        ),
    ] = False,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    store: options.Store = options.STORE_DEFAULT,
    claims: options.Claims = None,
    case: options.Case = None,
    points: options.Points = None,
    set_: options.Set = None,
) -> None:
    """Run one block again in this process: the same numbers, or the failure and its traceback.

    The command for a failing block is printed with its ERROR. Values that the claim file does not
    list, as `--points` and `--case` give them to `ratecheck check`, are taken from the name. Of a
    claim, an experiment or a check it is the first block.

    Example: `ratecheck replay 'ntk_averaged_sgd/spectral_model[T=256,beta=2,r=0.5]#0' --pdb`.

    Exit code: 0 it ran; 1 it failed, or its numbers are not those in the store; 2 there can be no
    such block (another claim, experiment or parameter, or beyond the last block of a point).
    """
    from ratecheck.after import replay as replays
    from ratecheck.engine.device import require_device
    from ratecheck.faces import asked

    settings = options.settings("quick", seed, device, 0, store, None)
    require_device(device)
    override = asked.override(case, points, None, set_)
    entries = _entries(block.partition("/")[0], claims)
    done = replays.replay(block, entries, settings, override or None, debug=pdb)
    console = options.console()
    if done.block.name != block.strip():
        console.print(done.block.name, markup=False, soft_wrap=True)
    if done.numbers is None:
        if done.trace:
            console.print(done.trace.rstrip(), markup=False)
        console.print(f"{done.block.name} failed: {done.message}", markup=False)
        raise SystemExit(1)
    for name, values in done.numbers.values.items():
        low, mean, high = values.min(), values.mean(), values.max()
        shape = " x ".join(map(str, values.shape))
        console.print(
            f"{name}: {shape} values, mean {mean:.6g}, from {low:.6g} to {high:.6g}", markup=False
        )
    told = {
        "same": "The numbers are those in the store, bit for bit.",
        "different": "The numbers are NOT those in the store.",
        "unsteady": f"The numbers are NOT those in the store: {replays.UNSTEADY}.",
        "clock": "The simulation reads a clock: no run of it repeats the numbers in the store.",
        "absent": "The store does not hold this block.",
    }[done.stored]
    console.print(f"It took {done.numbers.seconds:.3g} s. {told}", markup=False)
    raise SystemExit(1 if done.stored in ("different", "unsteady") else 0)


def _entries(claim: str, claims: Path | None) -> list[Entry]:
    """The claim of a block; ``--claims`` may also name its file."""
    from ratecheck.claim.catalogue import load

    if claims is not None and claims.suffix == ".py":
        return [load(claims)]
    folder = options.claims_folder(claims)
    try:
        return [options.find_one(claim, folder)]
    except RequestError as error:
        raise RequestError(f"{error}; name another folder with --claims FOLDER") from None
