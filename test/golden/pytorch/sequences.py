"""Layers over sequences x_TBE. Each sequence is computed alone, without its padding: what the engine's masks must
come to. Gates are reordered from PyTorch's order to ONNX's."""
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

from cases import Draws, Input, case, drawn, numbers, same

# PyTorch's way to pad kernels of even width on both sides costs it a copy, which it says.
warnings.filterwarnings('ignore', message='Using padding')

T, B, I, H = 4, 4, 2, 2
#: Full, empty, a single step, and in between.
LENGTHS = torch.tensor([4, 0, 1, 2])


def lengths(least=0):
    return Input(lambda draws: draws.integers([B], least, T), LENGTHS, trained=False)


def padded(y):
    """[n, ...] with zeros up to T steps."""
    return torch.cat([y, y.new_zeros(T - len(y), *y.shape[1:])])


def alone(x, lengths, run, empty):
    """Runs each sequence without its padding; `empty` stands for those that have no step."""
    return [run(x[:n, b]) if n > 0 else empty for b, n in enumerate(lengths.tolist())]


def over_steps(run, width):
    """A layer that keeps the steps: zeros at padding."""
    empty = torch.zeros(0, width).double()
    return lambda x, n: torch.stack([padded(y) for y in alone(x, n, run, empty)], 1)


def pooling(name, run):
    zeros = torch.zeros(I).double()
    return case(name, lambda x, n: torch.stack(alone(x, n, run, zeros)), [numbers(T, B, I), lengths()])


def gates(order):
    """PyTorch's gates (rows) as the engine's (columns), in ONNX's order."""

    def layout(p):
        blocks = p.chunk(len(order), dim=0)
        joined = torch.cat([blocks[i] for i in order], dim=0)
        return joined.t() if joined.dim() == 2 else joined

    return layout


def windows(p):
    """[filters, channels, width] as the engine's [width * channels, filters]."""
    return p.permute(2, 1, 0).reshape(-1, p.shape[0])


def recurrent(kind, order, biases, bidirectional):
    name = f'{kind}, both ways' if bidirectional else kind
    module = {'rnn': nn.RNN, 'gru': nn.GRU, 'lstm': nn.LSTM}[kind](I, H, bidirectional=bidirectional)
    drawn(module, name)
    directions = {'forward.': '_l0', 'backward.': '_l0_reverse'} if bidirectional else {'': '_l0'}
    layout = gates(order)
    parameters = {}
    for prefix, suffix in directions.items():
        parameters[f'{prefix}kernel'] = (getattr(module, f'weight_ih{suffix}'), layout)
        parameters[f'{prefix}recurrentKernel'] = (getattr(module, f'weight_hh{suffix}'), layout)
        parameters[f'{prefix}bias'] = (getattr(module, f'bias_ih{suffix}'), layout)
        second = getattr(module, f'bias_hh{suffix}')
        if biases == 2:
            parameters[f'{prefix}recurrentBias'] = (second, layout)
        else:
            second.requires_grad_(False).zero_()

    def run(x):
        """The states of all steps, padded, and after them the last states."""
        steps, state = module(x)
        last = state[0] if kind == 'lstm' else state
        return torch.cat([padded(steps), last.reshape(1, -1)])

    empty = torch.zeros(T + 1, H * len(directions)).double()
    return case(name, lambda x, n: torch.stack(alone(x, n, run, empty), 1), [numbers(T, B, I), lengths()], parameters)


def convolution(name, width, dilation=1, causal=False, steps=T):
    module = drawn(nn.Conv1d(I, 2, width, dilation=dilation, padding=0 if causal else 'same'), name)

    def forward(x):
        channels = x.permute(1, 2, 0)
        return module(F.pad(channels, ((width - 1) * dilation, 0)) if causal else channels).permute(2, 0, 1)

    return case(name, forward, [numbers(steps, B, I)],
                {'kernel': (module.weight, windows), 'bias': (module.bias, same)})


def batch_norm():
    name = 'batch norm over sequences'
    norm = drawn(nn.BatchNorm1d(I), name, 0.3, 1.5)
    draws = Draws(f'{name}: buffers')
    norm.running_mean.copy_(draws.floats([I]))
    norm.running_var.copy_(draws.floats([I], 0.5, 2))

    def forward(x, n):
        valid = torch.arange(T)[:, None] < n[None, :]
        return torch.zeros_like(x).masked_scatter(valid[:, :, None], norm(x[valid]))

    return case(name, forward, [numbers(T, B, I), lengths(least=1)],
                {'scale': (norm.weight, same), 'bias': (norm.bias, same)},
                buffers={'mean': norm.running_mean, 'variance': norm.running_var})


def cases():
    return [
        convolution('conv1d, same', 3),
        convolution('conv1d, same, of even width', 4),
        convolution('conv1d, same and dilated', 3, dilation=2),
        convolution('conv1d, causal', 3, causal=True),
        convolution('conv1d, causal and dilated', 2, dilation=2, causal=True),
        convolution('conv1d, of one step', 3, causal=True, steps=1),
        case('masked sequence', over_steps(same, I), [numbers(T, B, I), lengths()]),
        pooling('mean over time', lambda x: x.mean(0)),
        pooling('max over time', lambda x: x.max(0).values),
        pooling('last step', lambda x: x[-1]),
        *[recurrent(kind, order, biases, bidirectional)
          for kind, order, biases in [('rnn', [0], 1), ('gru', [1, 0, 2], 2), ('lstm', [0, 3, 1, 2], 1)]
          for bidirectional in (False, True)],
        batch_norm(),
    ]
