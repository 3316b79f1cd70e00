"""Layers over rows: dense, embedding, activations, normalization, dropout, residuals."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from cases import Draws, case, drawn, ids, numbers, pack, same, transposed


def dense():
    name = 'dense'
    linear = drawn(nn.Linear(3, 2), name)
    return case(name, linear, [numbers(3, 3)],
                {'kernel': (linear.weight, transposed), 'bias': (linear.bias, same)})


def dense_over_sequences():
    name = 'dense over sequences, without a bias'
    linear = drawn(nn.Linear(3, 2, bias=False), name)
    return case(name, linear, [numbers(2, 3, 3)], {'kernel': (linear.weight, transposed)})


def embedding():
    """With more lookups than rows: such a table is trained whole, as PyTorch does; for others, see rows.py."""
    name = 'embedding'
    table = drawn(nn.Embedding(5, 2), name)
    return case(name, table, [ids(3, 2, count=5, first=torch.tensor([[0, 4], [4, 2], [2, 1]]))],
                {'table': (table.weight, same)})


def embedding_bag():
    name = 'bag of embeddings'
    table = drawn(nn.EmbeddingBag(4, 2, mode='mean', padding_idx=0), name)
    bags = torch.tensor([[1, 3, 1], [0, 0, 0], [2, 0, 0], [0, 3, 2]])
    return case(name, table, [ids(4, 3, count=4, first=bags)], {'table': (table.weight, same)})


def activations():
    functions = {
        'relu': F.relu,
        'tanh': torch.tanh,
        'sigmoid': torch.sigmoid,
        'gelu': F.gelu,
        'silu': F.silu,
    }
    return [case(name, function, [numbers(8, low=-4, high=4)]) for name, function in functions.items()]


def layer_norm(name, *shape):
    norm = drawn(nn.LayerNorm(shape[-1]), name, 0.3, 1.5)
    return case(name, norm, [numbers(*shape)], {'scale': (norm.weight, same), 'bias': (norm.bias, same)})


def batch_norm(name, training, batch=5, width=3):
    """Not of two examples: they are normalized to 1 and -1 whatever they were, so gradients are but rounding."""
    norm = drawn(nn.BatchNorm1d(width), name, 0.3, 1.5)
    draws = Draws(f'{name}: buffers')
    norm.running_mean.copy_(draws.floats([width]))
    norm.running_var.copy_(draws.floats([width], 0.5, 2))
    norm.train(training)
    return case(name, norm, [numbers(batch, width)], {'scale': (norm.weight, same), 'bias': (norm.bias, same)},
                buffers={'mean': norm.running_mean, 'variance': norm.running_var}, training=training, steps=training)


def dropout():
    """The mask is given: the hash of dropout.ts over the drawn noise, in single precision as there."""
    name, rate = 'dropout', 0.25
    draws = Draws(f'{name}: noise')
    rows, columns = draws.floats([4], 0, 1).float(), draws.floats([5], 0, 1).float()
    products = rows[:, None] * (1024 * columns + 1024)[None, :]
    mask = torch.floor(products + (1 - rate)) - torch.floor(products)
    assert 0 < mask.sum() < mask.numel()
    return case(name, lambda x: x * mask.double() / (1 - rate), [numbers(4, 5)], steps=False,
                noise={'rows': pack(rows), 'columns': pack(columns)})


def residual():
    name = 'residual'
    norm, linear = drawn(nn.LayerNorm(4), f'{name}, norm', 0.3, 1.5), drawn(nn.Linear(4, 4), name)
    return case(name, lambda x: x + F.relu(linear(norm(x))), [numbers(3, 4)], {
        'norm.scale': (norm.weight, same),
        'norm.bias': (norm.bias, same),
        'dense.kernel': (linear.weight, transposed),
        'dense.bias': (linear.bias, same),
    })


def cases():
    return [
        dense(),
        dense_over_sequences(),
        embedding(),
        embedding_bag(),
        *activations(),
        layer_norm('layer norm', 3, 4),
        layer_norm('layer norm over sequences', 2, 2, 4),
        batch_norm('batch norm', training=True),
        batch_norm('batch norm, inference', training=False),
        dropout(),
        residual(),
    ]
