"""A whole network, trained with all that a recipe can hold: AdamW, clipping, averaged weights, running statistics."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

from cases import STEPS, Draws, drawn, pack, packed, same, transposed
from sequences import gates, windows

T, B, CATEGORIES, WIDTH, FILTERS, UNITS, HIDDEN = 4, 6, 5, 2, 3, 3, 4
RATE, DECAY, CLIP, AVERAGING = 0.01, 0.1, 0.5, 0.8


class Network(nn.Module):
    """Embedding -> causal convolution -> LSTM -> its last state -> dense, normalized over the batch -> logit."""

    def __init__(self):
        super().__init__()
        self.events = nn.Embedding(CATEGORIES, WIDTH)
        self.convolution = nn.Conv1d(WIDTH, FILTERS, 2)
        self.memory = nn.LSTM(FILTERS, UNITS)
        # No bias: the batch's mean would take it out, and Adam would magnify what rounding leaves of its gradient.
        self.hidden = nn.Linear(UNITS, HIDDEN, bias=False)
        self.norm = nn.BatchNorm1d(HIDDEN)
        self.logit = nn.Linear(HIDDEN, 1)

    def forward(self, ids, lengths):
        last = []
        for b, steps in enumerate(lengths.tolist()):
            if steps == 0:
                last.append(torch.zeros(UNITS).double())
                continue
            channels = F.pad(self.events(ids[:steps, b]).t(), (1, 0))
            _, (state, _) = self.memory(torch.relu(self.convolution(channels)).t())
            last.append(state[0])
        hidden = torch.relu(self.norm(self.hidden(torch.stack(last))))
        return self.logit(hidden)[:, 0]

    def engine(self):
        """The engine's names and layouts."""
        return {
            'events.table': (self.events.weight, same),
            'convolution.kernel': (self.convolution.weight, windows),
            'convolution.bias': (self.convolution.bias, same),
            'memory.kernel': (self.memory.weight_ih_l0, gates([0, 3, 1, 2])),
            'memory.recurrentKernel': (self.memory.weight_hh_l0, gates([0, 3, 1, 2])),
            'memory.bias': (self.memory.bias_ih_l0, gates([0, 3, 1, 2])),
            'hidden.kernel': (self.hidden.weight, transposed),
            'norm.scale': (self.norm.weight, same),
            'norm.bias': (self.norm.bias, same),
            'logit.kernel': (self.logit.weight, transposed),
            'logit.bias': (self.logit.bias, same),
        }

    def buffers_of_engine(self):
        return {'norm.mean': pack(self.norm.running_mean), 'norm.variance': pack(self.norm.running_var)}


def network():
    name = 'sequence network'
    model = drawn(Network(), name)
    model.memory.bias_hh_l0.requires_grad_(False).zero_()
    draws = Draws(name)
    ids = draws.integers([STEPS, T, B], 0, CATEGORIES - 1)
    lengths = draws.integers([STEPS, B], 0, T)
    labels = draws.integers([STEPS, B], 0, 1).double()
    start = packed(model.engine())
    averaged = AveragedModel(model, avg_fn=get_ema_avg_fn(AVERAGING))
    averaged.update_parameters(model)
    decaying = [p for key, (p, _) in model.engine().items() if key.lower().endswith('kernel')]
    others = [p for key, (p, _) in model.engine().items() if not key.lower().endswith('kernel')]
    optimizer = torch.optim.AdamW([{'params': decaying, 'weight_decay': DECAY},
                                   {'params': others, 'weight_decay': 0.0}], lr=RATE)
    losses, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(ids[step], lengths[step]), labels[step])
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_([*decaying, *others], CLIP))
        optimizer.step()
        averaged.update_parameters(model)
        losses.append(loss)
    return {
        'name': name,
        'rate': RATE,
        'decay': DECAY,
        'clip': CLIP,
        'averaging': AVERAGING,
        'inputs': {'ids': pack(ids), 'lengths': pack(lengths), 'labels': pack(labels)},
        'start': start,
        'losses': pack(torch.stack(losses)),
        'gradientNorms': pack(torch.stack(norms)),
        'end': packed(model.engine()),
        'average': packed(averaged.module.engine()),
        'buffers': model.buffers_of_engine(),
    }


def cases():
    return [network()]
