"""Batch normalisation, worked into the weights of the convolution before it.

At evaluation it is a factor and a term for each channel, known once the weights are there. A
convolutional tower then has one step less after every convolution, and the same vectors.
"""

from __future__ import annotations

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norms(module: nn.Module) -> int:
    """Fold every normalisation declared right after its convolution, in place; how many.

    ``module`` is in evaluation mode. Modules are declared in the order in which they are used, by
    convention and not by force: whoever folds compares the vectors with those before.
    """
    folded = 0
    children = list(module.named_children())
    for place, (name, child) in enumerate(children):
        after, norm = children[place + 1] if place + 1 < len(children) else ("", None)
        if isinstance(child, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d) and _fit(child, norm):
            setattr(module, name, fuse_conv_bn_eval(child, norm))
            # Those of timm bring their activation.
            setattr(module, after, nn.Sequential(*norm.children()))
            folded += 1
        else:
            folded += fold_batch_norms(child)
    return folded


def _fit(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> bool:
    return norm.running_mean is not None and norm.num_features == convolution.out_channels
