"""Writes fixtures.json: what PyTorch computes for the engine's layers and optimizers.

    python3 test/golden/pytorch/make-fixtures.py

Each case has inputs, parameters in the engine's layout and names, outputs, and the gradients of
sum(upstream * output). Sequences are time-major. Gates are reordered from PyTorch's order to ONNX's.
"""
import json
import os

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(7)
T, B, I, H = 4, 3, 3, 2
LENGTHS = torch.tensor([4, 1, 2])


def pack(tensor):
    kind = 'int32' if tensor.dtype in (torch.int32, torch.int64) else 'float32'
    data = tensor.detach().flatten().tolist()
    return {'dtype': kind, 'shape': list(tensor.shape), 'data': [float(f'{x:.9g}') for x in data]}


def case(name, forward, inputs, parameters):
    """parameters: name -> (tensor of PyTorch's, function to the engine's layout)."""
    floats = [x for x in inputs if x.is_floating_point()]
    for x in floats:
        x.requires_grad_(True)
    output = forward(*inputs)
    upstream = torch.randn_like(output)
    (output * upstream).sum().backward()
    return {
        'name': name,
        'inputs': [pack(x) for x in inputs],
        'parameters': {key: pack(layout(p)) for key, (p, layout) in parameters.items()},
        'output': pack(output),
        'upstream': pack(upstream),
        'inputGradients': [pack(x.grad) for x in floats],
        'parameterGradients': {key: pack(layout(p.grad)) for key, (p, layout) in parameters.items()},
    }


same = lambda p: p
transposed = lambda p: p.t()


def gates(order):
    """PyTorch's gates (rows) as the engine's (columns), in ONNX's order."""

    def layout(p):
        blocks = p.chunk(len(order), dim=0)
        joined = torch.cat([blocks[i] for i in order], dim=0)
        return joined.t() if joined.dim() == 2 else joined

    return layout


def recurrent(kind, module, order, biases):
    layout = gates(order)

    def forward(x, lengths):
        packed = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
        output, _ = module(packed)
        return pad_packed_sequence(output, total_length=T)[0]

    parameters = {
        'kernel': (module.weight_ih_l0, layout),
        'recurrentKernel': (module.weight_hh_l0, layout),
        'bias': (module.bias_ih_l0, layout),
    }
    if biases == 2:
        parameters['recurrentBias'] = (module.bias_hh_l0, layout)
    else:
        with torch.no_grad():
            module.bias_hh_l0.zero_()
    return case(kind, forward, [torch.randn(T, B, I), LENGTHS.clone()], parameters)


def convolution(name, width, dilation, causal):
    module = nn.Conv1d(I, 2, width, dilation=dilation)
    reach = (width - 1) * dilation
    before = reach if causal else reach // 2
    # [filters, channels, width] -> [width * channels, filters]
    layout = lambda p: p.permute(2, 1, 0).reshape(width * I, 2)

    def forward(x):
        padded = nn.functional.pad(x.permute(1, 2, 0), (before, reach - before))
        return module(padded).permute(2, 0, 1)

    parameters = {'kernel': (module.weight, layout), 'bias': (module.bias, same)}
    return case(name, forward, [torch.randn(T, B, I)], parameters)


def attention():
    width, heads = 4, 2
    parts = {name: nn.Linear(width, width) for name in ('query', 'key', 'value', 'output')}
    padding = torch.arange(T)[None, :] >= LENGTHS[:, None]

    def forward(x):
        split = lambda y: y.view(T, B, heads, width // heads).permute(1, 2, 0, 3)
        q, k, v = (split(parts[name](x)) for name in ('query', 'key', 'value'))
        mask = ~padding[:, None, None, :]
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = parts['output'](mixed.permute(2, 0, 1, 3).reshape(T, B, width))
        return y * (~padding).t()[:, :, None]

    parameters = {}
    for name, part in parts.items():
        parameters[f'{name}.kernel'] = (part.weight, transposed)
        parameters[f'{name}.bias'] = (part.bias, same)
    return case('self-attention', forward, [torch.randn(T, B, width)], parameters)


def layers():
    linear, norm, table = nn.Linear(3, 2), nn.LayerNorm(4), nn.Embedding(5, 2)
    with torch.no_grad():
        norm.weight.copy_(torch.rand(4) + 0.5)
        norm.bias.copy_(torch.randn(4))
    loss = nn.functional.binary_cross_entropy_with_logits
    labels = torch.tensor([1.0, 0.0, 0.5, 1.0])
    weights = torch.tensor([1.0, 2.0, 0.0, 0.5])
    return [
        case('dense', linear, [torch.randn(3, 3)],
             {'kernel': (linear.weight, transposed), 'bias': (linear.bias, same)}),
        case('layer norm', norm, [torch.randn(3, 4)],
             {'scale': (norm.weight, same), 'bias': (norm.bias, same)}),
        case('embedding', table, [torch.tensor([[0, 4], [4, 2]])], {'table': (table.weight, same)}),
        case('gelu', nn.functional.gelu, [torch.randn(6)], {}),
        case('silu', nn.functional.silu, [torch.randn(6)], {}),
        case('binary cross-entropy',
             lambda z: (loss(z, labels, weight=weights, reduction='sum') / weights.sum()).reshape(()),
             [torch.tensor([-40.0, 0.3, 2.0, 1.5])], {}),
        convolution('conv1d, same', 3, 1, False),
        convolution('conv1d, causal and dilated', 2, 2, True),
        recurrent('rnn', nn.RNN(I, H), [0], 1),
        recurrent('gru', nn.GRU(I, H), [1, 0, 2], 2),
        recurrent('lstm', nn.LSTM(I, H), [0, 3, 1, 2], 1),
        attention(),
    ]


def optimizer(name, make, clip=None):
    """Ten steps on given gradients, with a learning rate that changes."""
    start = torch.randn(6)
    gradients = torch.randn(10, 6) * torch.logspace(-3, 2, 6)
    rates = [0.1 / (1 + step) for step in range(10)]
    p = start.clone().requires_grad_(True)
    o = make([p])
    for gradient, rate in zip(gradients, rates):
        for group in o.param_groups:
            group['lr'] = rate
        p.grad = gradient.clone()
        if clip:
            nn.utils.clip_grad_norm_([p], clip)
        o.step()
    return {'name': name, 'start': pack(start), 'gradients': pack(gradients), 'rates': rates, 'end': pack(p)}


def optimizers():
    return [
        optimizer('sgd', lambda p: torch.optim.SGD(p)),
        optimizer('sgd with momentum', lambda p: torch.optim.SGD(p, momentum=0.9)),
        optimizer('adam', lambda p: torch.optim.Adam(p)),
        optimizer('adam with l2', lambda p: torch.optim.Adam(p, weight_decay=0.1)),
        optimizer('adamw', lambda p: torch.optim.AdamW(p, weight_decay=0.1)),
        optimizer('adam, clipped', lambda p: torch.optim.Adam(p), clip=1.0),
    ]


path = os.path.join(os.path.dirname(__file__), 'fixtures.json')
with open(path, 'w') as file:
    json.dump({'torch': torch.__version__, 'layers': layers(), 'optimizers': optimizers()}, file)
    file.write('\n')
