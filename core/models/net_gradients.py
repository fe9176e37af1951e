"""Confidences of the neighbor nets and the gradients of their first layer, in PyTorch.

Written out by hand rather than differentiated automatically: what is kept of a block of queries is
two arrays (N, b) at most, the class-wise net weighs a few keywords at a time and weighs them again
for the gradient, and a gradient is added to the momentum as it is multiplied out. Arrays of
references stand in rows, queries in columns: a reference's queries are consecutive in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor
from torch.nn.functional import embedding_bag

from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import CUMULATIVE_WEIGHT

Net: TypeAlias = SimpleNeighborNet | ClassWiseNeighborNet
Excluded: TypeAlias = tuple[Tensor, Tensor]
"""Pairs that must not meet: query within the block, reference."""
Backward: TypeAlias = Callable[[Tensor, Tensor, float], float]
"""(derivative of the loss by the confidences (b, C), sums of the first layer's gradients (N, d),
what to keep of these): multiplies the sums by what is kept and adds to them, in place and in one
go, and returns the derivative by the logarithm of the temperature."""

_STRIP = 250_000
"""Values worked on at once, where the order allows it: they stay in the processor's cache."""
_STRIP_OF_CARD = 2_000_000
"""The same on a graphics card, where every strip costs a start."""
_ALIGNED = 16
_NEVER = -1e30
"""Score of a reference that must not speak; finite, so that 0 times it is 0."""
_ROUNDING = 1e-6


class Differentiable(Protocol):
    """A neighbor net on a device."""

    width: int
    """Values a query needs at once."""

    def forward(
        self, first_layer: Tensor, temperature: float, queries: Tensor, excluded: Excluded
    ) -> tuple[Tensor, Backward]:
        """Confidences (b, C) of queries (b, d), not clipped, and what gives their gradient.

        The latter must be called, if at all, before the next ``forward``.
        """


def differentiable(net: Net, device: str) -> Differentiable:
    """The layers of a fitted net above its first one, on a device."""
    if isinstance(net, ClassWiseNeighborNet):
        return ClassWiseGradient(net, device)
    if isinstance(net, FilteredNeighborNet):
        return FilteredGradient(net, device)
    return SimpleGradient(net, device)


class SimpleGradient:
    """The simple neighbor net: softmax over all references, then their labels."""

    def __init__(self, net: SimpleNeighborNet, device: str) -> None:
        self.width = len(net.references_)
        self._by_reference = _Bags.of_rows(net.labels_, device)
        self._by_keyword = _Bags.of_rows(csr_array(net.labels_.T), device)
        self._scores = _Buffer(device)
        self._weights = _Buffer(device)

    def forward(
        self, first_layer: Tensor, temperature: float, queries: Tensor, excluded: Excluded
    ) -> tuple[Tensor, Backward]:
        """Confidences (b, C) and their gradient; 0 for a query without any reference left."""
        asked = _padded(queries)
        scores = self._scores.of(len(first_layer), len(asked))
        torch.mm(first_layer, (temperature * asked).T, out=scores)  # (N, b)
        scores[excluded[1], excluded[0]] = _NEVER
        strips = _strips(len(scores), len(asked), scores.device)
        best = torch.stack([scores[rows].amax(dim=0) for rows in strips]).amax(dim=0)
        weights = self._weights.of(len(first_layer), len(asked))
        total = torch.zeros_like(best)
        for rows in strips:
            torch.sub(scores[rows], best, out=weights[rows])
            total += weights[rows].exp_().sum(dim=0)
        share = (best > _NEVER / 2) / total
        confidences = (self._by_keyword.sums(weights) * share).T  # (b, C)

        def backward(residual: Tensor, sums: Tensor, keep: float) -> float:
            wanted = _padded(residual)
            pooled = (wanted * confidences).sum(dim=1) * share
            by_keyword = wanted.T.contiguous() * share  # (C, b)
            warmth = torch.zeros((), device=sums.device)
            for rows in strips:
                change = self._by_reference.sums(by_keyword, rows)
                change.sub_(pooled).mul_(weights[rows])  # by the score
                warmth += torch.dot(change.flatten(), scores[rows].flatten())
                sums[rows].addmm_(change, asked, beta=keep, alpha=temperature)
            return float(warmth)

        return confidences[: len(queries)], backward


class FilteredGradient:
    """Neighbor search as a net: only references that its filter lets through are moved."""

    def __init__(self, net: FilteredNeighborNet, device: str) -> None:
        self.width = len(net.references_)
        self._labels = _Bags.of_rows(net.labels_, device)
        self._keywords = net.labels_.shape[1]
        self._max_difference = net.max_difference
        self._neighbors = min(net.max_neighbors, len(net.references_))
        self._cosines = _Buffer(device)

    def forward(
        self, first_layer: Tensor, temperature: float, queries: Tensor, excluded: Excluded
    ) -> tuple[Tensor, Backward]:
        """Confidences (b, C) and their gradient; the filter itself is held fixed in it."""
        cosines = self._cosines.of(len(queries), len(first_layer))
        torch.mm(queries, first_layer.T, out=cosines)  # (b, N)
        cosines[excluded[0], excluded[1]] = _NEVER
        found, neighbors = torch.topk(cosines, self._neighbors, dim=1)  # (b, k)
        scores = temperature * found
        below = scores - scores[:, :1]
        kept = (found > _NEVER / 2) & (below >= -self._max_difference)
        weights = torch.where(kept, below.exp(), 0)
        weights /= weights.sum(dim=1, keepdim=True).clamp_min(1)
        reached = torch.cumsum(weights, dim=1) - weights >= CUMULATIVE_WEIGHT - _ROUNDING
        heavy = weights > 0
        query, _ = torch.nonzero(heavy, as_tuple=True)  # one entry a pair of query and neighbor
        weight, counts, neighbor = weights[heavy], ~reached[heavy], neighbors[heavy]
        pair, keyword, label = self._labels.entries(neighbor)
        confidences = torch.zeros(len(queries), self._keywords, device=queries.device)
        spoken = (weight * counts)[pair] * label
        confidences.index_put_((query[pair], keyword), spoken, accumulate=True)

        def backward(residual: Tensor, sums: Tensor, keep: float) -> float:
            pooled = (residual * confidences).sum(dim=1)
            by_weight = torch.zeros_like(weight)
            by_weight.index_add_(0, pair, residual[query[pair], keyword] * label)
            change = weight * (by_weight * counts - pooled[query])  # by the score
            sums.mul_(keep)
            step = _per_strip(queries.shape[1], sums.device)
            for start in range(0, len(change), step):
                part = slice(start, start + step)
                moved = queries[query[part]] * (temperature * change[part])[:, None]
                sums.index_add_(0, neighbor[part], moved)
            return float(torch.dot(change, scores[heavy]))

        return confidences, backward


class ClassWiseGradient:
    """The class-wise net: for every keyword, a softmax over the references that have it."""

    def __init__(self, net: ClassWiseNeighborNet, device: str) -> None:
        self.width = len(net.references_)
        self._sizes = net.sizes_
        self._ends = np.cumsum(net.sizes_)
        self._members = torch.as_tensor(net.members_, device=device)
        self._device = device
        self._known_groups: dict[int, list[_KeywordGroup]] = {}
        self._cosines = _Buffer(device)
        self._changes = _Buffer(device)

    def forward(
        self, first_layer: Tensor, temperature: float, queries: Tensor, excluded: Excluded
    ) -> tuple[Tensor, Backward]:
        """Confidences (b, C) and their gradient; the temperature is not trained: 0."""
        asked = _padded(queries)
        cosines = self._cosines.of(len(first_layer), len(asked))
        torch.mm(first_layer, asked.T, out=cosines)  # (N, b)
        cosines[excluded[1], excluded[0]] = _NEVER
        groups = self._groups(len(asked))
        confidences = torch.zeros(len(self._sizes), len(asked), device=asked.device)
        for group in groups:
            weighed = group.weigh(cosines, temperature)
            confidences[group.keywords] = (weighed.average + 1) / 2 * weighed.spoken

        def backward(residual: Tensor, sums: Tensor, keep: float) -> float:
            changes = self._changes.of(len(first_layer), len(asked)).zero_()
            wanted = _padded(residual).T / 2  # (C, b), by the average
            for group in groups:
                weighed = group.weigh(cosines, temperature)
                outer = wanted[group.keywords] * weighed.spoken
                lift = weighed.cosines.sub_(weighed.average.index_select(0, group.owner))
                inner = lift.mul_(temperature).add_(1).mul_(weighed.weights)
                moved = inner.mul_(outer.index_select(0, group.owner))
                changes.index_add_(0, group.members, moved)
            sums.addmm_(changes, asked, beta=keep)
            return 0.0

        return confidences.T[: len(queries)], backward

    def _groups(self, queries: int) -> list[_KeywordGroup]:
        """Consecutive keywords whose members, times the queries, fill a strip."""
        if queries not in self._known_groups:
            self._known_groups[queries] = self._make_groups(
                _per_strip(queries, self._members.device)
            )
        return self._known_groups[queries]

    def _make_groups(self, most: int) -> list[_KeywordGroup]:
        groups, first = [], 0
        known = np.flatnonzero(self._sizes)
        while first < len(known):
            begin = int(self._ends[known[first]] - self._sizes[known[first]])
            fitting = int(np.searchsorted(self._ends[known], begin + most, side="right"))
            last = max(first + 1, fitting)
            keywords = known[first:last]
            members = self._members[begin : int(self._ends[keywords[-1]])]
            groups.append(_KeywordGroup.of(keywords, self._sizes[keywords], members, self._device))
            first = last
        return groups


@dataclass(frozen=True, eq=False, slots=True)
class _Weighed:
    """``cosines`` and ``weights`` (m, b); their ``average`` (g, b), and if any speaks at all."""

    cosines: Tensor
    weights: Tensor
    average: Tensor
    spoken: Tensor


@dataclass(frozen=True, eq=False, slots=True)
class _KeywordGroup:
    """g keywords with m members; ``owner`` (m,) is each member's place among the g."""

    keywords: Tensor
    members: Tensor
    starts: Tensor
    owner: Tensor

    @classmethod
    def of(
        cls, keywords: NDArray[np.int64], sizes: NDArray[np.int64], members: Tensor, device: str
    ) -> _KeywordGroup:
        starts = torch.as_tensor(np.cumsum(sizes) - sizes, device=device)
        owner = torch.as_tensor(np.repeat(np.arange(len(sizes)), sizes), device=device)
        return cls(torch.as_tensor(keywords, device=device), members, starts, owner)

    def weigh(self, cosines: Tensor, temperature: float) -> _Weighed:
        own = cosines.index_select(0, self.members)  # (m, b)
        places = torch.arange(len(own), device=own.device)
        best = embedding_bag(places, own, self.starts, mode="max")  # (g, b)
        weights = (own - best.index_select(0, self.owner)).mul_(temperature).exp_()
        total = embedding_bag(places, weights, self.starts, mode="sum")
        weights.div_(total.index_select(0, self.owner))
        average = embedding_bag(places, own * weights, self.starts, mode="sum")
        return _Weighed(own, weights, average, best > _NEVER / 2)


@dataclass(frozen=True, eq=False, slots=True)
class _Bags:
    """A sparse array by rows: ``offsets`` (rows + 1,) into ``columns`` and ``values``.

    ``bounds`` are the offsets in the main memory: asking a graphics card for them makes it wait.
    """

    bounds: NDArray[np.int64]
    offsets: Tensor
    columns: Tensor
    values: Tensor
    ones: bool

    @classmethod
    def of_rows(cls, array: csr_array, device: str) -> _Bags:
        bounds = array.indptr.astype(np.int64)
        offsets = torch.as_tensor(bounds, device=device)
        columns = torch.as_tensor(array.indices.astype(np.int64), device=device)
        values = torch.as_tensor(array.data.astype(np.float32), device=device)
        return cls(bounds, offsets, columns, values, bool((array.data == 1).all()))

    def sums(self, dense: Tensor, rows: slice | None = None) -> Tensor:
        """The product with (columns, b), of all rows or of some."""
        some = rows or slice(0, len(self.bounds) - 1)
        part = slice(int(self.bounds[some.start]), int(self.bounds[some.stop]))
        values = None if self.ones else self.values[part]
        starts = self.offsets[some] - part.start
        columns = self.columns[part]
        if not len(columns):
            return torch.zeros(len(starts), dense.shape[1], device=dense.device)
        return embedding_bag(columns, dense, starts, mode="sum", per_sample_weights=values)

    def entries(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What stands in ``rows`` (m,): the place in ``rows``, the column and the value of each."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        place = torch.repeat_interleave(torch.arange(len(rows), device=rows.device), sizes)
        within = torch.arange(len(place), device=rows.device)
        within -= torch.repeat_interleave(torch.cumsum(sizes, dim=0) - sizes, sizes)
        entry = self.offsets[rows][place] + within
        return place, self.columns[entry], self.values[entry]


class _Buffer:
    """Memory for one array after the other; asking the system for it anew costs much time."""

    def __init__(self, device: str) -> None:
        self._memory = torch.empty(0, device=device)

    def of(self, rows: int, columns: int) -> Tensor:
        if rows * columns > len(self._memory):
            self._memory = torch.empty(rows * columns, device=self._memory.device)
        return self._memory[: rows * columns].view(rows, columns)


def _padded(rows: Tensor) -> Tensor:
    """With rows of 0 up to a multiple of 16: matrix products over aligned memory are far faster."""
    missing = -len(rows) % _ALIGNED
    return torch.cat([rows, rows.new_zeros(missing, rows.shape[1])]) if missing else rows


def _strips(rows: int, columns: int, device: torch.device) -> Sequence[slice]:
    step = _per_strip(columns, device)
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def _per_strip(columns: int, device: torch.device) -> int:
    """Rows of so many values in a strip."""
    values = _STRIP if device.type == "cpu" else _STRIP_OF_CARD
    return max(1, values // max(1, columns))
