"""Which nodes of a layer can be taken out: degrees of freedom, leverage, information loss.

S is the uncentred covariance of a layer's nodes phi over the data (of a convolution, over data and
positions). With leverages tau_j = [S (S + lam)^-1]_jj and N(lam) = sum tau_j degrees of freedom,
M >= 5 N log(80 N) nodes that are drawn with probabilities q_j = tau_j / N leave, for every z with
|z| = 1, at most 4 lam of

    min_a E (z'phi - sum_{j in J} a_j phi_j)^2 + lam M sum_{j in J} q_j a_j^2

(Bach, JMLR 18, 2017, Proposition 1; Suzuki et al., IJCAI 2020; numbers not verified).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ratecheck.lab.networks.classifiers import Classifiers

LEAST = 1e-5  # of the largest: the part of the spectrum below is bounded, not computed
RIDGE = 1e-6  # of the trace


def covariance(values: Tensor) -> Tensor:
    """S of the nodes of values (R, B, positions, m), after the ReLU, in double precision."""
    nodes = values.relu().double().flatten(1, 2)
    return nodes.mT @ nodes / nodes.shape[1]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The covariances of R layers of m nodes.

    Attributes
    ----------
    s : Tensor of shape (R, m, m)
    """

    s: Tensor

    @cached_property
    def _eigen(self) -> tuple[Tensor, Tensor]:
        values, vectors = torch.linalg.eigh(self.s)
        return values.clamp(min=0.0), vectors

    @property
    def eigenvalues(self) -> Tensor:
        """Increasing, (R, m)."""
        return self._eigen[0]

    @property
    def largest(self) -> Tensor:
        """mu_1, (R,)."""
        return self._eigen[0][:, -1]

    @property
    def norms(self) -> Tensor:
        """Mean squares of the nodes, (R, m)."""
        return self.s.diagonal(dim1=1, dim2=2)

    def above(self, threshold: Tensor) -> Tensor:
        """How many eigenvalues are above thresholds (R,)."""
        count: Tensor = (self.eigenvalues > threshold[:, None]).sum(1)
        return count

    def leverage(self, lam: Tensor) -> Tensor:
        """tau of every node, (R, m), at lam of shape (R,); they add up to N(lam)."""
        values, vectors = self._eigen
        shares: Tensor = vectors.square() @ (values / (values + lam[:, None]))[..., None]
        return shares[..., 0]

    def loss(self, lam: Tensor, weight: Tensor) -> Tensor:
        """The information loss of the worst z, (R,), from above and to 10^-5 mu_1.

        Parameters
        ----------
        lam : Tensor of shape (R,)
        weight : Tensor of shape (R, m)
            One over the factors of lam a_j^2 in the penalty; 0 for a node that is taken out.
        """
        values, vectors = self._eigen
        least = LEAST * self.largest
        keep = int((values > least[:, None]).sum(1).max())
        values, vectors = values[:, -keep:], vectors[:, :, -keep:]
        values = values.clamp(min=1e-12 * self.largest[:, None])
        # the loss on these eigenvectors is lam (V'DV + lam / mu)^-1; a direction beyond adds to
        # the square of a seminorm at most its own eigenvalue
        inverse = (vectors.mT * weight[:, None]) @ vectors
        inverse = inverse + torch.diag_embed(lam[:, None] / values)
        worst: Tensor = lam / torch.linalg.eigvalsh(inverse)[:, 0]
        return worst + least

    def bare(self, kept: Tensor) -> Tensor:
        """The loss of the worst z where nodes are taken out and the others stay as they are."""
        out = (~kept).to(self.s.dtype)
        left: Tensor = torch.linalg.eigvalsh(out[:, :, None] * self.s * out[:, None])
        return left[:, -1]

    def maps(self, kept: Tensor) -> Tensor:
        """How the kept nodes replace all: ridge regression, (R, m, m); see `Classifiers.reading`.

        Parameters
        ----------
        kept : Tensor of bool, shape (R, m)
        """
        on = kept.to(self.s.dtype)
        ridge = RIDGE * self.norms.sum(1)
        inside = on[:, :, None] * self.s * on[:, None] + torch.diag_embed(ridge[:, None] + 1 - on)
        solved: Tensor = torch.linalg.solve(inside, on[:, :, None] * self.s)
        return on[:, :, None] * solved

    def greedy(self) -> Tensor:
        """When nodes are chosen, (R, m): 0 for the first.

        The next node is the one that leaves least of the trace of S unexplained.
        """
        left, most = self.s.clone(), self.s.shape[-1]
        tiny = 1e-10 * self.norms.sum(1, keepdim=True)
        when = torch.full(left.shape[:2], most, device=left.device)
        for step in range(most):
            own = left.diagonal(dim1=1, dim2=2)
            told = torch.linalg.vector_norm(left, dim=2).square()
            gain = torch.where(own > tiny, told / own.clamp(min=tiny), -1.0)
            best = gain.masked_fill(when < most, -2.0).argmax(1, keepdim=True)
            when.scatter_(1, best, step)
            column = left.gather(2, best[..., None].expand(-1, left.shape[1], -1))
            size = own.gather(1, best)
            scale = torch.where(size > tiny, 1 / size.clamp(min=tiny), 0.0)
            left.baddbmm_(column * scale[..., None], column.mT, alpha=-1)
        return when


def magnitude(networks: Classifiers, layer: int) -> Tensor:
    """The product of the norms of what goes into each node of a hidden layer and out, (R, m)."""
    above = networks.layers[layer + 1]
    into, out = networks.weights[layer], networks.weights[layer + 1]
    taps = out.view(len(out), -1, above.inputs, above.outputs)
    product: Tensor = into.norm(dim=1) * taps.square().sum((1, 3)).sqrt()
    return product


def ranks(score: Tensor) -> Tensor:
    """0 for the largest score of each row, then 1, and so on: the order in which nodes are kept."""
    return score.argsort(1, descending=True).argsort(1)


def theorem_size(degrees: Tensor) -> Tensor:
    """The number of nodes M that the theorem draws, of N(lam) in shape (R,)."""
    return (5 * degrees * (80 * degrees).log()).ceil()


def drawn(share: Tensor, size: Tensor, *, rng: torch.Generator) -> Tensor:
    """How often each node is drawn, (R, m), in ``size`` (R,) draws with replacement.

    Parameters
    ----------
    share : Tensor of shape (R, m)
        Proportional to the probabilities; a node that is written c times over (its inputs and
        outputs divided by sqrt(c), so that network and spectrum stay) has c times the share of one.
    """
    bounds = share.cumsum(1)
    draws = torch.rand(len(share), int(size.max()), generator=rng, device=rng.device,
                       dtype=share.dtype)  # fmt: skip
    nodes = torch.searchsorted(bounds, draws * bounds[:, -1:], right=True)
    counted = (torch.arange(draws.shape[1], device=draws.device) < size[:, None]).to(share.dtype)
    return torch.zeros_like(share).scatter_add_(1, nodes.clamp(max=share.shape[1] - 1), counted)


def weights(counts: Tensor, share: Tensor, size: Tensor) -> Tensor:
    """The weights of `Spectrum.loss` for draws: a node drawn c times is penalised by M q / c."""
    probability = share / share.sum(1, keepdim=True)
    return torch.where(counts > 0, counts / (size[:, None] * probability), 0.0)


def without(
    networks: Classifiers, spectra: Sequence[Spectrum], kept: Sequence[Tensor], *, rebuild: bool
) -> Classifiers:
    """The networks on the kept nodes, (R, m) of each hidden layer, which may replace the others.

    A node that is taken out is replaced by what `Spectrum.maps` makes of the kept ones, or by 0.
    """
    for layer, (spectrum, nodes) in enumerate(zip(spectra, kept, strict=True)):
        maps = spectrum.maps(nodes) if rebuild else torch.diag_embed(nodes.to(spectrum.s))
        networks = networks.reading(layer, maps)
    return networks
