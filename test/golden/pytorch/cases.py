"""What one case is made of: drawn inputs, a reference forward pass, its gradients, and ten optimizer steps."""
import random

import torch

STEPS = 10
RATE = 0.05
MOMENTUM = 0.9


class Draws:
    """Numbers that depend on a name alone, exact in single precision."""

    def __init__(self, name):
        self.random = random.Random(name)

    def floats(self, shape, low=-1.5, high=1.5):
        count = torch.Size(shape).numel()
        values = [round(self.random.uniform(low, high), 3) for _ in range(count)]
        return torch.tensor(values, dtype=torch.float32).double().reshape(shape)

    def integers(self, shape, low, high):
        """low..high, both included."""
        count = torch.Size(shape).numel()
        return torch.tensor([self.random.randint(low, high) for _ in range(count)]).reshape(shape)


class Input:
    """An input of a layer: `first` for forward pass and gradients, then a fresh draw for every step.

    A trained input is floating: its gradient is asked for, and in the ten steps a trainable offset is added to it.
    """

    def __init__(self, draw, first=None, trained=True):
        self.draw, self.first, self.trained = draw, first, trained

    def at_first(self, draws):
        return self.draw(draws) if self.first is None else self.first


def numbers(*shape, low=-1.5, high=1.5, first=None, trained=True):
    return Input(lambda draws: draws.floats(shape, low, high), first, trained)


def ids(*shape, count, first=None):
    return Input(lambda draws: draws.integers(shape, 0, count - 1), first, trained=False)


def written(x):
    """Seven digits; what is zero but for rounding, as zero."""
    return float(f'{x:.7g}') if abs(x) > 1e-12 else 0.0


def pack(tensor):
    if not tensor.is_floating_point():
        return {'dtype': 'int32', 'shape': list(tensor.shape), 'data': tensor.flatten().tolist()}
    data = [written(x) for x in tensor.detach().flatten().tolist()]
    return {'dtype': 'float32', 'shape': list(tensor.shape), 'data': data}


def same(p):
    return p


def transposed(p):
    return p.t()


def drawn(module, name, low=-0.7, high=0.7):
    """A module in double precision whose parameters are draws."""
    draws = Draws(f'{name}: parameters')
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(draws.floats(parameter.shape, low, high))
    return module


def parameter(draws, *shape, low=-0.7, high=0.7):
    """A parameter of a formula that PyTorch has no module for."""
    return torch.nn.Parameter(draws.floats(shape, low, high))


def packed(parameters, of=same):
    """parameters: name in the engine -> (PyTorch's tensor, function to the engine's layout)."""
    return {name: pack(layout(of(p))) for name, (p, layout) in parameters.items()}


def case(name, forward, inputs, parameters=None, **options):
    """
    forward: tensors -> output. parameters as in `packed`; buffers: name -> tensor that forward changes in place.
    objective: 'distance' trains towards the upstream gradient as a target, 'output' lowers the (scalar) output.
    """
    parameters = parameters or {}
    buffers = options.pop('buffers', {})
    objective = options.pop('objective', 'distance')
    steps = options.pop('steps', True)
    draws = Draws(name)
    first = [one.at_first(draws) for one in inputs]
    fixture = {
        'name': name,
        'inputs': [{**pack(x), 'trained': one.trained} for one, x in zip(inputs, first)],
        'parameters': packed(parameters),
        **({'buffers': {key: pack(b) for key, b in buffers.items()}} if buffers else {}),
        **options,
    }
    given = [x.clone().requires_grad_(one.trained) for one, x in zip(inputs, first)]
    output = forward(*given)
    upstream = draws.floats(output.shape) if objective == 'distance' else torch.ones_like(output)
    (output * upstream).sum().backward()
    fixture['output'] = pack(output)
    fixture['upstream'] = pack(upstream)
    fixture['inputGradients'] = [pack(x.grad) if one.trained else None for one, x in zip(inputs, given)]
    fixture['parameterGradients'] = packed(parameters, of=lambda p: p.grad)
    if buffers:
        fixture['nextBuffers'] = {key: pack(b) for key, b in buffers.items()}
    if steps:
        target = upstream if objective == 'distance' else None
        fixture['steps'] = ten_steps(forward, inputs, draws, parameters, buffers, target)
    return fixture


def ten_steps(forward, inputs, draws, parameters, buffers, target):
    """Stochastic gradient descent with momentum, whose steps do not magnify gradients that are zero but for
    rounding (a key's bias before a softmax), as Adam's would."""
    batches = [[one.draw(draws) for one in inputs] for _ in range(STEPS)]
    offsets = [torch.zeros_like(x).requires_grad_(True) if one.trained else None
               for one, x in zip(inputs, batches[0])]
    # A tensor of PyTorch's may hold several parameters of the engine's.
    own = {id(p): p for p, _ in parameters.values()}
    trained = [*own.values(), *(o for o in offsets if o is not None)]
    optimizer = torch.optim.SGD(trained, lr=RATE, momentum=MOMENTUM)
    reached = []
    for batch in batches:
        optimizer.zero_grad()
        output = forward(*[x if o is None else x + o for x, o in zip(batch, offsets)])
        loss = output if target is None else ((output - target) ** 2).mean()
        loss.backward()
        optimizer.step()
        reached.append(loss)
    return {
        'rate': RATE,
        'momentum': MOMENTUM,
        'inputs': [pack(torch.stack(one)) for one in zip(*batches)],
        'losses': pack(torch.stack(reached)),
        'offsets': [None if o is None else pack(o) for o in offsets],
        'parameters': packed(parameters),
        **({'buffers': {key: pack(b) for key, b in buffers.items()}} if buffers else {}),
    }
