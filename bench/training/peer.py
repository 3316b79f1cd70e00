"""PyTorch's side of the training bench: the same network, trained eagerly.

    python3 peer.py <threads> [cpu | cuda]

Writes one JSON object per line: first which PyTorch this is, or why there is none; then an answer to each line read:
    {"command": "build", "description": …, "batch": n, "steps": n, "inputs": […], "file": path} → {"parameters": n}
    {"command": "run", "steps": n} → {"seconds": s, "cpuSeconds": s, "loss": x, "maxRssBytes": n}
`description` is a NetworkDescription (network-description.ts). The file holds all batches of one input after those
of another, little-endian, in the order of `inputs`.
"""
import json
import resource
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as error:
    print(json.dumps({'error': str(error)}), flush=True)
    sys.exit(0)

DEVICE = torch.device(sys.argv[2] if len(sys.argv) > 2 else 'cpu')
if DEVICE.type == 'cuda' and not torch.cuda.is_available():
    print(json.dumps({'error': f'PyTorch {torch.__version__} finds no CUDA device'}), flush=True)
    sys.exit(0)

# Shape legend: N examples, T steps, C columns of ids, E width of what is joined.


class EmbeddedColumns(nn.Module):
    """ids [..., C] → vectors side by side [..., E]. Columns of equal width share one table, each with its own rows."""

    def __init__(self, columns):
        super().__init__()
        self.groups = []
        self.tables = nn.ModuleList()
        for width in dict.fromkeys(column['width'] for column in columns):
            picked = [index for index, column in enumerate(columns) if column['width'] == width]
            sizes = [columns[index]['cardinality'] for index in picked]
            first_rows = torch.tensor([sum(sizes[:index]) for index in range(len(sizes))], device=DEVICE)
            self.groups.append((picked if len(picked) < len(columns) else None, first_rows))
            self.tables.append(nn.Embedding(sum(sizes), width))
        self.width = sum(column['width'] for column in columns)

    def forward(self, ids):
        parts = []
        for (picked, first_rows), table in zip(self.groups, self.tables):
            own = ids if picked is None else ids[..., picked]
            parts.append(table(own + first_rows if len(first_rows) > 1 else own).flatten(-2))
        return parts[0] if len(parts) == 1 else torch.cat(parts, -1)


class History(nn.Module):
    """Events → convolution over time → ReLU → recurrent layer → its state after the last event, zeros without any."""

    def __init__(self, sequence):
        super().__init__()
        self.masked = sequence['masked']
        self.embedded = EmbeddedColumns(sequence['categories']) if sequence['categories'] else None
        width = sequence['numericWidth'] + (self.embedded.width if self.embedded else 0)
        convolution, recurrent = sequence['convolution'], sequence['recurrent']
        self.convolution = nn.Conv1d(
            width, convolution['filters'], convolution['kernelSize'],
            dilation=convolution['dilation'], padding='same')
        cell = {'RNN': nn.RNN, 'GRU': nn.GRU, 'LSTM': nn.LSTM}[recurrent['cell']]
        self.recurrent = cell(convolution['filters'], recurrent['units'], batch_first=True)
        if recurrent['cell'] != 'GRU':
            # PyTorch keeps two biases where one does all; the second one is switched off.
            nn.init.zeros_(self.recurrent.bias_hh_l0).requires_grad_(False)
        self.register_buffer('steps', torch.arange(sequence['length']), persistent=False)

    def forward(self, inputs):
        parts = []
        if 'sequenceNumeric' in inputs:
            parts.append(inputs['sequenceNumeric'])
        if self.embedded:
            parts.append(self.embedded(inputs['sequenceCategorical']))
        x_NTE = parts[0] if len(parts) == 1 else torch.cat(parts, -1)
        lengths = inputs['lengths']
        if self.masked:
            x_NTE = x_NTE * (self.steps < lengths[:, None])[..., None]
        events = torch.relu(self.convolution(x_NTE.transpose(1, 2))).transpose(1, 2)
        all_NTH, state = self.recurrent(events)
        if not self.masked:
            return (state[0] if isinstance(state, tuple) else state)[0]
        last = all_NTH[torch.arange(len(lengths), device=DEVICE), (lengths - 1).clamp(min=0)]
        return last * (lengths > 0)[:, None]


class Member(nn.Module):
    """Numbers, category vectors and history side by side → dense layers → a logit, plus a linear term: [N]."""

    def __init__(self, description):
        super().__init__()
        categories, sequence = description['categories'], description.get('sequence')
        self.categories = EmbeddedColumns(categories) if categories else None
        self.history = History(sequence) if sequence else None
        width = description['numericWidth'] + (self.categories.width if self.categories else 0)
        width += sequence['recurrent']['units'] if sequence else 0
        self.wide = nn.Linear(width, 1, bias=False) if description['wide'] else None
        layers = []
        for units in description['dense']:
            layers += [nn.Linear(width, units), nn.ReLU()]
            if description['dropout']:
                layers.append(nn.Dropout(description['dropout']))
            width = units
        self.deep = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, inputs):
        parts = [inputs['numeric']] if 'numeric' in inputs else []
        if self.categories:
            parts.append(self.categories(inputs['categorical']))
        if self.history:
            parts.append(self.history(inputs))
        joined = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
        logit = self.deep(joined)
        return (logit + self.wide(joined) if self.wide else logit).flatten()


class Bench:
    """A network with its optimizer and its batches."""

    def __init__(self, message):
        description = message['description']
        self.members = nn.ModuleList(Member(description) for _ in range(description['members'])).to(DEVICE)
        named = [(name, p) for name, p in self.members.named_parameters() if p.requires_grad]
        self.parameters = [p for _, p in named]
        settings = description['optimizer']
        self.clip_norm = settings['clipNorm']
        self.optimizer = torch.optim.AdamW(
            [
                {'params': [p for name, p in named if is_kernel(name)]},
                {'params': [p for name, p in named if not is_kernel(name)], 'weight_decay': 0.0},
            ],
            lr=settings['learningRate'],
            betas=(settings['beta1'], settings['beta2']),
            eps=settings['epsilon'],
            weight_decay=settings['weightDecay'],
            fused=True,
        )
        self.average = None
        if settings['averaging']:
            self.average = [p.detach().clone() for p in self.parameters]
            self.move_average = torch.optim.swa_utils.get_ema_multi_avg_fn(settings['averaging'])
        self.batches = read_batches(message)
        self.next = 0

    def step(self):
        inputs = self.batches[self.next]
        self.next = (self.next + 1) % len(self.batches)
        self.optimizer.zero_grad(set_to_none=True)
        losses = [F.binary_cross_entropy_with_logits(member(inputs), inputs['labels']) for member in self.members]
        loss = losses[0] if len(losses) == 1 else sum(losses) / len(losses)
        loss.backward()
        if self.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        self.optimizer.step()
        if self.average:
            self.move_average(self.average, self.parameters, None)
        return loss

    def run(self, steps):
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        if DEVICE.type == 'cuda':
            torch.cuda.synchronize()
        seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
        return {
            'seconds': seconds,
            'cpuSeconds': cpu_seconds,
            'loss': loss.item(),
            'maxRssBytes': max_rss_bytes(),
        }


def max_rss_bytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but for macOS.
    return peak if sys.platform == 'darwin' else 1024 * peak


def is_kernel(name):
    """What weight decay applies to: not biases, not embeddings."""
    return 'bias' not in name and '.tables.' not in name


def read_batches(message):
    """One dict of tensors per step."""
    batches = [{} for _ in range(message['steps'])]
    with open(message['file'], 'rb') as file:
        for entry in message['inputs']:
            shape = [message['steps'], message['batch'], *entry['shape']]
            count = 4 * torch.Size(shape).numel()
            dtype = torch.int32 if entry['dtype'] == 'int32' else torch.float32
            data = torch.frombuffer(bytearray(file.read(count)), dtype=dtype).reshape(shape)
            # The usual type of ids; copies, so that every batch has memory of its own.
            data = data.long() if entry['dtype'] == 'int32' else data
            for batch, value in zip(batches, data):
                batch[entry['name']] = value.clone().to(DEVICE)
    return batches


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    print(json.dumps({'version': torch.__version__, 'maxRssBytes': max_rss_bytes()}), flush=True)
    bench = None
    for line in sys.stdin:
        message = json.loads(line)
        if message['command'] == 'build':
            bench = Bench(message)
            answer = {'parameters': sum(p.numel() for p in bench.parameters)}
        else:
            answer = bench.run(message['steps'])
        print(json.dumps(answer), flush=True)


main()
