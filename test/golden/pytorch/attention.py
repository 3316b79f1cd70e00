"""Attention over sequences, each computed alone, without its padding."""
import torch
import torch.nn as nn

from cases import Draws, case, drawn, numbers, parameter, same, transposed
from sequences import B, I, T, alone, lengths, over_steps

WIDTH, HEADS, HIDDEN = 4, 2, 6


def projections(module, prefix=''):
    """MultiheadAttention keeps query, key and value in one matrix."""
    parameters = {}
    for index, part in enumerate(('query', 'key', 'value')):
        third = slice(index * WIDTH, (index + 1) * WIDTH)
        parameters[f'{prefix}{part}.kernel'] = (module.in_proj_weight, lambda p, third=third: p[third].t())
        parameters[f'{prefix}{part}.bias'] = (module.in_proj_bias, lambda p, third=third: p[third])
    parameters[f'{prefix}output.kernel'] = (module.out_proj.weight, transposed)
    parameters[f'{prefix}output.bias'] = (module.out_proj.bias, same)
    return parameters


def self_attention():
    name = 'self-attention'
    module = drawn(nn.MultiheadAttention(WIDTH, HEADS), name)
    forward = over_steps(lambda x: module(x, x, x, need_weights=False)[0], WIDTH)
    return case(name, forward, [numbers(T, B, WIDTH), lengths()], projections(module))


def transformer():
    name = 'transformer block with positions'
    block = drawn(nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, dropout=0, activation='gelu', norm_first=True), name)
    table = parameter(Draws(f'{name}: positions'), T, WIDTH)
    forward = over_steps(lambda x: block(x + table[:len(x)]), WIDTH)
    return case(name, forward, [numbers(T, B, WIDTH), lengths()], {
        'positions.table': (table, lambda p: p[:, None]),
        'block.attentionNorm.scale': (block.norm1.weight, same),
        'block.attentionNorm.bias': (block.norm1.bias, same),
        **projections(block.self_attn, 'block.attention.'),
        'block.hiddenNorm.scale': (block.norm2.weight, same),
        'block.hiddenNorm.bias': (block.norm2.bias, same),
        'block.expand.kernel': (block.linear1.weight, transposed),
        'block.expand.bias': (block.linear1.bias, same),
        'block.contract.kernel': (block.linear2.weight, transposed),
        'block.contract.bias': (block.linear2.bias, same),
    })


def attention_pooling():
    """Yang et al. 2016, "Hierarchical Attention Networks", eq. 5 to 7."""
    name = 'attention pooling'
    hidden = drawn(nn.Linear(I, 3), f'{name}, hidden')
    context = parameter(Draws(f'{name}: context'), 3)

    def run(h):
        weights = torch.softmax(torch.tanh(hidden(h)) @ context, 0)
        return (weights[:, None] * h).sum(0)

    forward = lambda x, n: torch.stack(alone(x, n, run, torch.zeros(I).double()))
    return case(name, forward, [numbers(T, B, I), lengths()], {
        'hidden.kernel': (hidden.weight, transposed),
        'hidden.bias': (hidden.bias, same),
        'score.kernel': (context, lambda p: p[:, None]),
    })


def target_attention():
    """Zhou et al. 2018, "Deep Interest Network", figure 2, its scores through a softmax: a network over step,
    candidate, their difference and their product."""
    name = 'target attention'
    hidden, score = drawn(nn.Linear(4 * I, 3), f'{name}, hidden'), drawn(nn.Linear(3, 1), f'{name}, score')

    def forward(x, n, candidate):
        results = []
        for b, steps in enumerate(n.tolist()):
            h, c = x[:steps, b], candidate[b].expand(steps, I)
            joined = torch.cat([h, h - c, h * c, c], 1)
            weights = torch.softmax(score(torch.relu(hidden(joined))), 0)
            results.append((weights * h).sum(0))
        return torch.stack(results)

    return case(name, forward, [numbers(T, B, I), lengths(), numbers(B, I)], {
        'steps.kernel': (hidden.weight, lambda p: p[:, :3 * I].t()),
        'steps.bias': (hidden.bias, same),
        'candidate.kernel': (hidden.weight, lambda p: p[:, 3 * I:].t()),
        'score.kernel': (score.weight, transposed),
        'score.bias': (score.bias, same),
    })


def cases():
    return [self_attention(), transformer(), attention_pooling(), target_attention()]
