"""Optimizers on given gradients."""
import torch
import torch.nn as nn
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

from cases import STEPS, Draws, pack

SHAPES = {'kernel': [2, 3], 'bias': [3]}
#: A learning rate that changes from step to step: schedules are the caller's.
RATES = [0.1 / (1 + step) for step in range(STEPS)]


def optimizer(name, make, clip=None, penalty=0.0, l1=0.0, averaging=None):
    """
    Ten steps of two parameters, of which the kernel alone decays, on gradients of all sizes.
    make: decaying and other parameters -> optimizer. penalty (l2) and l1 are added to the loss, not by the optimizer.
    """
    draws = Draws(name)
    model = nn.ParameterDict({key: nn.Parameter(draws.floats(shape)) for key, shape in SHAPES.items()})
    start = {key: pack(p) for key, p in model.items()}
    scales = torch.logspace(-3, 2, 6).reshape(2, 3)
    gradients = {
        'kernel': torch.stack([draws.floats([2, 3]) * scales for _ in range(STEPS)]).float().double(),
        'bias': torch.stack([draws.floats([3]) for _ in range(STEPS)]),
    }
    averaged = AveragedModel(model, avg_fn=get_ema_avg_fn(averaging)) if averaging else None
    if averaged:
        averaged.update_parameters(model)  # The first one is taken as it is.
    o = make(model['kernel'], model['bias'])
    for step, rate in enumerate(RATES):
        for group in o.param_groups:
            group['lr'] = rate
        o.zero_grad()
        loss = sum((gradients[key][step] * p).sum() for key, p in model.items())
        kernel = model['kernel']
        (loss + penalty / 2 * (kernel ** 2).sum() + l1 * kernel.abs().sum()).backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        o.step()
        if averaged:
            averaged.update_parameters(model)
    return {
        'name': name,
        'start': start,
        'gradients': {key: pack(g) for key, g in gradients.items()},
        'rates': RATES,
        'end': {key: pack(p) for key, p in model.items()},
        **({'average': {key: pack(p) for key, p in averaged.module.items()}} if averaged else {}),
    }


def groups(kernel, bias, decay):
    return [{'params': [kernel], 'weight_decay': decay}, {'params': [bias], 'weight_decay': 0.0}]


def cases():
    sgd, adam, adamw = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
    return [
        optimizer('sgd', lambda k, b: sgd([k, b])),
        optimizer('sgd with momentum', lambda k, b: sgd([k, b], momentum=0.9)),
        optimizer('sgd with momentum and l2', lambda k, b: sgd(groups(k, b, 0.1), momentum=0.9)),
        optimizer('sgd, clipped', lambda k, b: sgd([k, b]), clip=2.0),
        optimizer('adam', lambda k, b: adam([k, b])),
        optimizer('adam, other constants', lambda k, b: adam([k, b], betas=(0.8, 0.95), eps=1e-3)),
        optimizer('adam with l2', lambda k, b: adam(groups(k, b, 0.1))),
        optimizer('adam with l2, clipped', lambda k, b: adam([k, b]), clip=1.0, penalty=0.1),
        optimizer('sgd with l1', lambda k, b: sgd([k, b]), l1=0.3),
        optimizer('adam with l1 and l2', lambda k, b: adam([k, b]), penalty=0.1, l1=0.3),
        optimizer('adamw', lambda k, b: adamw(groups(k, b, 0.1))),
        optimizer('adamw, clipped far away', lambda k, b: adamw(groups(k, b, 0.1)), clip=1e6),
        optimizer('adam with averaging', lambda k, b: adam([k, b]), averaging=0.9),
        optimizer('adamw, clipped, with averaging', lambda k, b: adamw(groups(k, b, 0.1)), clip=1.0, averaging=0.8),
    ]
