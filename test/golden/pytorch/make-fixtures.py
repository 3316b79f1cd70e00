"""Writes fixtures.json: what PyTorch computes for the engine's layers, losses and optimizers.

    python3 test/golden/pytorch/make-fixtures.py          writes the file
    python3 test/golden/pytorch/make-fixtures.py --check  fails where the file is not what it would write

Made with the PyTorch that the file names. Everything is drawn from seeds, computed in double precision from
inputs that single precision holds exactly, and written with seven digits: the same on every machine.
"""
import json
import os
import sys

import torch

import attention
import layers
import losses
import networks
import optimizers
import rows
import sequences
import tabular

FILE = os.path.join(os.path.dirname(__file__), 'fixtures.json')
SECTIONS = {
    'layers': layers.cases() + sequences.cases() + attention.cases() + tabular.cases(),
    'losses': losses.cases(),
    'optimizers': optimizers.cases(),
    'rows': rows.cases(),
    'networks': networks.cases(),
}


def lines():
    """One line per case, so that a change shows where it is."""
    yield '{"torch":%s' % json.dumps(torch.__version__)
    for section, cases in SECTIONS.items():
        listed = ',\n'.join(json.dumps(one, separators=(',', ':')) for one in cases)
        yield ',\n"%s":[\n%s\n]' % (section, listed)
    yield '}\n'


text = ''.join(lines())
if '--check' in sys.argv:
    with open(FILE) as file:
        sys.exit(0 if file.read() == text else 'fixtures.json is not what this script writes')
with open(FILE, 'w') as file:
    file.write(text)
