"""Reductions with ties and zeros, sums along an axis, matrix products."""

from functools import partial

import torch

from .case import case, distinct, normal, positive

x = normal(2, 3, 4)
case("ReduceSum, all", "ReduceSum", lambda x: x.sum(), [x], keepdims=0)
case("ReduceSum, all, dims kept", "ReduceSum", lambda x: x.sum((0, 1, 2), keepdim=True), [x])
case("ReduceSum, axes 0 and 2", "ReduceSum", lambda x, _: x.sum((0, 2)), [x, [0, 2]], keepdims=0)
case("ReduceSum, axis -1, dims kept", "ReduceSum", lambda x, _: x.sum(-1, keepdim=True), [x, [-1]])
case("ReduceSum, no axes, no-op", "ReduceSum", lambda x: x.clone(), [x], noop_with_empty_axes=1)
case("ReduceMean, axis 1", "ReduceMean", lambda x, _: x.mean(1), [x, [1]], keepdims=0)
case(
    "ReduceMean, axes -1 and -2",
    "ReduceMean",
    lambda x, _: x.mean((1, 2), keepdim=True),
    [x, [-1, -2]],
)
case("ReduceL1", "ReduceL1", lambda x, _: x.abs().sum(-1), [x, [-1]], keepdims=0)
case("ReduceL2", "ReduceL2", lambda x, _: x.norm(dim=-1), [x, [-1]], keepdims=0)
case(
    "ReduceL2 of zeros",
    "ReduceL2",
    lambda x, _: x.norm(dim=-1),
    [[[3.0, 4.0], [0.0, 0.0]], [-1]],
    keepdims=0,
)
case(
    "ReduceLogSum",
    "ReduceLogSum",
    lambda x, _: x.sum(1).log(),
    [positive(2, 3, 4), [1]],
    keepdims=0,
)
case("ReduceLogSumExp", "ReduceLogSumExp", lambda x, _: x.logsumexp(1), [x, [1]], keepdims=0)
case("ReduceSumSquare", "ReduceSumSquare", lambda x, _: x.square().sum(1), [x, [1]], keepdims=0)
case("ReduceProd", "ReduceProd", lambda x, _: x.prod(-1), [positive(2, 3, 4), [-1]], keepdims=0)
case(
    "ReduceProd of zeros",
    "ReduceProd",
    lambda x, _: x.prod(-1),
    [[[2.0, 0.0, 3.0], [0.0, 0.0, 5.0]], [-1]],
    keepdims=0,
)
TIES = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, -2.0, -3.0]]
for op, function in [("ReduceMax", torch.amax), ("ReduceMin", torch.amin)]:
    case(op, op, lambda x, _, f=function: f(x, (0, 2)), [distinct(2, 3, 4), [0, 2]], keepdims=0)
    case(f"{op}, ties", op, lambda x, _, f=function: f(x, 1, keepdim=True), [TIES, [1]])

case("CumSum", "CumSum", lambda x, _: x.cumsum(1), [x, 1])
case("CumSum, reverse", "CumSum", lambda x, _: x.flip(-1).cumsum(-1).flip(-1), [x, -1], reverse=1)
case("CumSum, exclusive", "CumSum", lambda x, _: x.cumsum(1) - x, [x, 1], exclusive=1)
case(
    "CumSum, exclusive and reverse",
    "CumSum",
    lambda x, _: x.flip(0).cumsum(0).flip(0) - x,
    [x, 0],
    exclusive=1,
    reverse=1,
)

for name, a, b in [
    ("matrices", (3, 4), (4, 2)),
    ("batches", (2, 3, 4), (2, 4, 5)),
    ("a batch and a matrix", (2, 3, 4), (4, 5)),
    ("a matrix and a batch", (3, 4), (2, 4, 5)),
    ("broadcast batches", (2, 1, 3, 4), (3, 4, 2)),
    ("vectors", (4,), (4,)),
    ("a vector and a matrix", (4,), (4, 3)),
    ("a matrix and a vector", (3, 4), (4,)),
    ("a batch and a vector", (2, 3, 4), (4,)),
    ("a vector and a batch", (4,), (2, 4, 3)),
]:
    case(f"MatMul, {name}", "MatMul", torch.matmul, [normal(*a), normal(*b)])


def gemm(a, b, c=None, *, transA=0, transB=0, alpha=1.0, beta=1.0):
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


for trans_a in (0, 1):
    for trans_b in (0, 1):
        a = normal(4, 3) if trans_a else normal(3, 4)
        b = normal(2, 4) if trans_b else normal(4, 2)
        options = {"transA": trans_a, "transB": trans_b, "alpha": 0.5, "beta": 2.0}
        case(
            f"Gemm, transA {trans_a}, transB {trans_b}",
            "Gemm",
            partial(gemm, **options),
            [a, b, normal(2)],
            **options,
        )
for shape in [(), (3, 1), (1, 2), (3, 2)]:
    case(f"Gemm, C of {list(shape)}", "Gemm", gemm, [normal(3, 4), normal(4, 2), normal(*shape)])
case("Gemm without C", "Gemm", partial(gemm, transB=1), [normal(3, 4), normal(2, 4)], transB=1)

for equation, *shapes in [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("bhid,bhjd->bhij", (2, 2, 3, 4), (2, 2, 2, 4)),
    ("i,j->ij", (3,), (4,)),
    ("bij->b", (2, 3, 4)),
    ("bij->bji", (2, 3, 4)),
    ("bij,bij->", (2, 3, 4), (2, 3, 4)),
    ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 2)),
    ("bi,ij,bj->b", (2, 3), (3, 4), (2, 4)),
]:
    case(
        f"Einsum, {equation}",
        "Einsum",
        partial(torch.einsum, equation),
        [normal(*shape) for shape in shapes],
        equation=equation,
    )
