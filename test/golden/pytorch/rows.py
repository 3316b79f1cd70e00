"""Tables that are trained row by row: ten steps, each of which looks up some rows and leaves the others alone."""
import torch
import torch.nn.functional as F

from cases import STEPS, Draws, pack
from optimizers import RATES

ROWS, WIDTH = 12, 3
#: Of the average of all rows after every step.
AVERAGING = 0.8


class LazyMomentum:
    """v <- mu v + g and p <- p - rate v for the rows of a sparse gradient: PyTorch's would move all rows."""

    def __init__(self, p, momentum):
        self.p, self.momentum, self.v = p, momentum, torch.zeros_like(p)
        self.param_groups = [{'lr': 0.0}]

    @torch.no_grad()
    def step(self):
        gradient = self.p.grad.coalesce()
        rows = gradient.indices()[0]
        self.v[rows] = self.momentum * self.v[rows] + gradient.values()
        self.p[rows] -= self.param_groups[0]['lr'] * self.v[rows]


def rows(name, of_table, of_dense, clip=None, l2=0.0):
    """
    A table that is looked up twice a step, beside dense parameters, on given gradients. Clipping, and l2 on what a
    step looks up, are written out: PyTorch has neither for sparse gradients.
    """
    draws = Draws(f'rows, {name}')
    parameters = {'table': draws.floats([ROWS, WIDTH]), 'dense': draws.floats([4])}
    start = {key: pack(p) for key, p in parameters.items()}
    for p in parameters.values():
        p.requires_grad_(True)
    table, dense = parameters['table'], parameters['dense']
    # The last two rows are never looked up.
    inputs = {
        'first': draws.integers([STEPS, 4], 0, ROWS - 3),
        'second': draws.integers([STEPS, 2, 2], 0, 4),
        'ofFirst': draws.floats([STEPS, 4, WIDTH]),
        'ofSecond': draws.floats([STEPS, 2, 2, WIDTH]),
        'ofDense': draws.floats([STEPS, 4]),
    }
    optimizers = [of_table(table), of_dense(dense)]
    average = {key: p.detach().clone() for key, p in parameters.items()}
    norms = []
    for step, rate in enumerate(RATES):
        table.grad = dense.grad = None
        now = {key: x[step] for key, x in inputs.items()}
        loss = sum((F.embedding(now[ids], table, sparse=True) * now[of]).sum()
                   for ids, of in (('first', 'ofFirst'), ('second', 'ofSecond')))
        (loss + (dense * now['ofDense']).sum()).backward()
        touched = table.grad.coalesce().indices()
        of_rows = table.grad.coalesce().values() + l2 * table.detach()[touched[0]]
        of_dense_ = dense.grad + l2 * dense.detach()
        norm = (of_rows.square().sum() + of_dense_.square().sum()).sqrt()
        scale = min(1.0, clip / norm.item()) if clip else 1.0
        table.grad = torch.sparse_coo_tensor(touched, of_rows * scale, [ROWS, WIDTH], check_invariants=True)
        dense.grad = of_dense_ * scale
        for optimizer in optimizers:
            optimizer.param_groups[0]['lr'] = rate
            optimizer.step()
        for key, p in parameters.items():
            average[key] += (1 - AVERAGING) * (p.detach() - average[key])
        norms.append(norm)
    return {
        'name': name,
        'averaging': AVERAGING,
        'rates': RATES,
        'start': start,
        'inputs': {key: pack(x) for key, x in inputs.items()},
        'gradientNorms': pack(torch.stack(norms)),
        'end': {key: pack(p) for key, p in parameters.items()},
        'average': {key: pack(p) for key, p in average.items()},
    }


def cases():
    adam, sgd = torch.optim.Adam, torch.optim.SGD
    lazy_adam = torch.optim.SparseAdam
    return [
        rows('adam', lambda t: lazy_adam([t]), lambda d: adam([d])),
        rows('adam, clipped', lambda t: lazy_adam([t]), lambda d: adam([d]), clip=2.0),
        rows('adam with l2', lambda t: lazy_adam([t]), lambda d: adam([d]), l2=0.1),
        rows('sgd', lambda t: sgd([t]), lambda d: sgd([d])),
        rows('sgd with momentum', lambda t: LazyMomentum(t, 0.9), lambda d: sgd([d], momentum=0.9)),
    ]
