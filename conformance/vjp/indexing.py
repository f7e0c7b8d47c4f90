"""Picking and placing: gathers, scatters, slices, joins; duplicates add up."""

from functools import partial

import numpy as np
import torch

from .case import case, distinct, fed, integers, normal

TABLE = normal(5, 3)
case("Gather, duplicates", "Gather", lambda x, i: x[i], [TABLE, fed([[1, 1], [4, 1]])])
case("Gather, negative", "Gather", lambda x, i: x[i], [TABLE, fed([-1, 0, -5])])
case(
    "Gather, axis 1",
    "Gather",
    lambda x, i: x[:, i],
    [normal(2, 4, 3), fed([[3, 0], [3, 3]])],
    axis=1,
)
case(
    "Gather, last axis, a scalar",
    "Gather",
    lambda x, i: x[..., i],
    [normal(2, 3, 4), fed(2)],
    axis=-1,
)
case(
    "Gather, constant token", "Gather", lambda x, i: x[:, i], [normal(2, 4, 3), np.array(0)], axis=1
)
pick = np.array([[0, 0, 2], [1, 1, 1]])
case(
    "GatherElements, duplicates",
    "GatherElements",
    lambda x, i: x.gather(0, i),
    [normal(3, 3), fed(pick)],
)
case(
    "GatherElements, axis 1",
    "GatherElements",
    lambda x, i: x.gather(1, i),
    [normal(2, 4), fed(pick)],
    axis=1,
)
case(
    "GatherND",
    "GatherND",
    lambda x, i: x[i[:, 0], i[:, 1]],
    [normal(3, 4, 2), fed([[0, 1], [2, 3], [0, 1]])],
)
case(
    "GatherND, a batch dimension",
    "GatherND",
    lambda x, i: x[torch.arange(2)[:, None], i[..., 0]],
    [normal(2, 4, 3), fed([[[1], [1], [3]], [[0], [2], [2]]])],
    batch_dims=1,
)
rows = fed([[0, 2, 1], [2, 0, 0]])
case(
    "ScatterElements",
    "ScatterElements",
    lambda x, i, u: x.scatter(0, i, u),
    [normal(3, 3), rows, normal(2, 3)],
)
case(
    "ScatterElements, adding duplicates",
    "ScatterElements",
    lambda x, i, u: x.scatter_add(1, i, u),
    [normal(2, 4), rows, normal(2, 3)],
    axis=1,
    reduction="add",
)


def scatter_rows(x, i, u, accumulate):
    return x.index_put((i[:, 0],), u, accumulate)


case(
    "ScatterND",
    "ScatterND",
    partial(scatter_rows, accumulate=False),
    [normal(4, 3), fed([[3], [1]]), normal(2, 3)],
)
case(
    "ScatterND, adding duplicates",
    "ScatterND",
    partial(scatter_rows, accumulate=True),
    [normal(4, 3), fed([[1], [1], [3]]), normal(3, 3)],
    reduction="add",
)

case("Slice", "Slice", lambda x, *_: x[1:3, :2], [normal(4, 3), [1, 0], [3, 2]])
case("Slice, negative bounds", "Slice", lambda x, *_: x[:, -3:-1], [normal(2, 5), [-3], [-1], [1]])
case("Slice to the end", "Slice", lambda x, *_: x[:, 1:], [normal(2, 5), [1], [2**63 - 1], [1]])
case("Slice, step 2", "Slice", lambda x, *_: x[:, 1::2], [normal(2, 6), [1], [2**63 - 1], [1], [2]])
case(
    "Slice, step 3, two axes",
    "Slice",
    lambda x, *_: x[::2, :6:3],
    [normal(3, 7), [0, 0], [9, 6], [0, 1], [2, 3]],
)
case(
    "Slice, reversed", "Slice", lambda x, *_: x.flip(1), [normal(2, 4), [-1], [-(2**63)], [1], [-1]]
)
case(
    "Slice, reversed by 2",
    "Slice",
    lambda x, *_: x.flip(1)[:, ::2],
    [normal(2, 5), [-1], [-9], [-1], [-2]],
)

case(
    "Concat, axis 1",
    "Concat",
    lambda *x: torch.cat(x, 1),
    [normal(2, 1), normal(2, 3), normal(2, 2)],
    axis=1,
)
case(
    "Concat, axis -2",
    "Concat",
    lambda *x: torch.cat(x, -2),
    [normal(2, 1, 2), normal(2, 2, 2)],
    axis=-2,
)
case(
    "Split, uneven",
    "Split",
    lambda x, _: x.split([1, 3, 2], 1),
    [normal(2, 6), [1, 3, 2]],
    outputs=3,
    axis=1,
)
case(
    "Split, an output unused",
    "Split",
    lambda x: x.chunk(3, 1),
    [normal(2, 6)],
    outputs=3,
    ignored=[1],
    axis=1,
    num_outputs=3,
)
case("TopK", "TopK", lambda x, _: tuple(x.topk(2)), [distinct(3, 5), [2]], outputs=2)
case(
    "TopK, smallest, axis 0",
    "TopK",
    lambda x, _: tuple(x.topk(2, 0, largest=False)),
    [distinct(4, 3), [2]],
    outputs=2,
    axis=0,
    largest=0,
)
case(
    "Compress",
    "Compress",
    lambda x, keep: x[:, keep],
    [normal(2, 4), fed([True, False, False, True])],
    axis=1,
)
case(
    "ReverseSequence",
    "ReverseSequence",
    lambda x, _: torch.stack(
        [torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(x, (3, 1, 4), strict=True)]
    ),
    [normal(3, 4, 2), [3, 1, 4]],
    batch_axis=0,
    time_axis=1,
)
case("Gather of one row", "Gather", lambda x, i: x[i], [TABLE, fed(integers(5, 1))])
