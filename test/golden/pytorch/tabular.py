"""Layers for tables, which PyTorch does not have: each written from its paper's formula."""
import torch
import torch.nn as nn

from cases import Draws, case, drawn, numbers, parameter, same, transposed

EDGES = [[-1.0, 0.0, 1.0], [0.0, 0.5, 1.25]]


def cross_network():
    """Wang et al. 2021, "DCN V2", eq. 1."""
    name, width = 'cross network', 3
    linear = [drawn(nn.Linear(width, width), f'{name}, {layer}') for layer in range(2)]

    def forward(x0):
        x = x0
        for layer in linear:
            x = x0 * layer(x) + x
        return x

    parameters = {}
    for index, layer in enumerate(linear):
        parameters[f'{index}.kernel'] = (layer.weight, transposed)
        parameters[f'{index}.bias'] = (layer.bias, same)
    return case(name, forward, [numbers(4, width)], parameters)


def piecewise_linear():
    """Gorishniy et al. 2022, "On Embeddings for Numerical Features", eq. 1, number by number."""

    def encode(x, edges):
        bins = len(edges) - 1
        parts = []
        for t in range(1, bins + 1):
            if x < edges[t - 1] and t > 1:
                parts.append(x * 0)
            elif x >= edges[t] and t < bins:
                parts.append(x * 0 + 1)
            else:
                parts.append((x - edges[t - 1]) / (edges[t] - edges[t - 1]))
        return torch.stack(parts)

    def forward(x):
        return torch.stack([torch.cat([encode(x[b, f], EDGES[f]) for f in range(2)]) for b in range(len(x))])

    return case('piecewise-linear encoding', forward, [numbers(6, 2, low=-3, high=3)])


def ensemble():
    """Wen et al. 2020, "BatchEnsemble", eq. 5, member by member; two layers, as in TabM (Gorishniy et al. 2025)."""
    name, members = 'ensemble of dense layers', 3
    draws = Draws(f'{name}: parameters')
    shapes = [(3, 2), (2, 1)]
    layers = [{
        'kernel': parameter(draws, inputs, units),
        'before': parameter(draws, members, inputs, low=0.5, high=1.5),
        'after': parameter(draws, members, units, low=0.5, high=1.5),
        'bias': parameter(draws, members, units),
    } for inputs, units in shapes]

    def forward(x):
        outputs = []
        for k in range(members):
            h = x
            for layer in layers:
                h = layer['after'][k] * ((layer['before'][k] * h) @ layer['kernel']) + layer['bias'][k]
            outputs.append(h)
        return torch.stack(outputs, 1)

    parameters = {f'{index}.{key}': (p, same) for index, layer in enumerate(layers) for key, p in layer.items()}
    return case(name, forward, [numbers(4, 3)], parameters)


def cases():
    return [cross_network(), piecewise_linear(), ensemble()]
