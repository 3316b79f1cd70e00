"""Losses as scalars of logits z, labels y and weights w of examples."""
import torch
import torch.nn.functional as F

from cases import Input, case, numbers

B, C = 6, 3
#: Sure and wrong, sure and right, and in between.
LOGITS = torch.tensor([-40.0, 35.0, 0.25, 2.0, -1.5, 0.0]).double()
HARD = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0, 1.0]).double()
SOFT = torch.tensor([1.0, 0.75, 0.0, 0.5, 0.125, 1.0]).double()
WEIGHTS = torch.tensor([1.0, 2.0, 0.0, 0.5, 1.0, 1.0]).double()


def weights():
    """Some of them 0, never all."""
    return Input(lambda draws: draws.integers([B], 0, 2).double() + torch.eye(B)[0].double(), WEIGHTS, trained=False)


def hard(first=HARD):
    return Input(lambda draws: draws.integers([B], 0, 1).double(), first, trained=False)


def soft():
    return Input(lambda draws: draws.floats([B], 0, 1), SOFT, trained=False)


def classes():
    return Input(lambda draws: F.one_hot(draws.integers([B], 0, C - 1), C).double(), trained=False)


def logits(first=LOGITS):
    return numbers(B, low=-4, high=4, first=first)


def mean(losses, w):
    return (losses * w).sum() / w.sum()


def entropy(z, y, w):
    return F.binary_cross_entropy_with_logits(z, y, weight=w, reduction='sum') / w.sum()


def focal(gamma):
    """Lin et al. 2017, eq. 4 and 2: FL(p_t) = -(1 - p_t)^gamma log p_t."""

    def loss(z, y, w):
        p = torch.where(y > 0.5, torch.sigmoid(z), torch.sigmoid(-z))
        return mean(-((1 - p) ** gamma) * F.logsigmoid(torch.where(y > 0.5, z, -z)), w)

    return loss


def hinge(z, y, w):
    return mean(F.hinge_embedding_loss((2 * y - 1) * z, -torch.ones_like(z), reduction='none'), w)


def binary(name, loss, labels=None, first=LOGITS):
    return case(name, loss, [logits(first), labels or hard(), weights()], objective='output')


def multi_class(name, loss):
    return case(name, loss, [numbers(B, C, low=-4, high=4), classes(), weights()], objective='output')


def several_tasks():
    def loss(z, y, w, logits_BC, labels_BC, prediction, target):
        return (1.0 * entropy(z, y, w) + 0.5 * F.cross_entropy(logits_BC, labels_BC)
                + 0.25 * F.mse_loss(prediction, target))

    inputs = [logits(), hard(), weights(), numbers(B, C), classes(), numbers(B), numbers(B, trained=False)]
    return case('several tasks', loss, inputs, objective='output')


def cases():
    return [
        binary('binary cross-entropy', entropy),
        binary('binary cross-entropy, soft labels', entropy, soft()),
        binary('binary cross-entropy, positives only', entropy, hard(torch.ones(B).double())),
        binary('binary cross-entropy, class weights', lambda z, y, w: entropy(z, y, w * torch.where(y > 0.5, 3.0, 1.0))),
        binary('binary cross-entropy, smoothed', lambda z, y, w: entropy(z, 0.9 * y + 0.05, w)),
        binary('focal loss', focal(2)),
        binary('focal loss, fading slowly', focal(0.5), first=LOGITS.clamp(-8, 8)),
        binary('hinge loss', hinge),
        binary('squared error', lambda z, y, w: mean(F.mse_loss(z, y, reduction='none'), w), soft()),
        multi_class('softmax cross-entropy',
                    lambda z, y, w: mean(F.cross_entropy(z, y.argmax(1), reduction='none'), w)),
        multi_class('softmax cross-entropy, smoothed',
                    lambda z, y, w: mean(F.cross_entropy(z, y.argmax(1), reduction='none', label_smoothing=0.2), w)),
        several_tasks(),
    ]
