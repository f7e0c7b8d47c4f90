"""What PyTorch says: output, loss, gradients, and a few steps of training."""

import copy
from dataclasses import dataclass

import torch

STEPS = 10
# The share of the loss that the first step would take away if the loss were linear.
FIRST_STEP = 0.02


@dataclass
class Reference:
    dtype: str
    output: torch.Tensor
    target: torch.Tensor
    loss: float
    gradients: dict[str, torch.Tensor]
    learning_rate: float
    # Before each step and after the last one.
    losses: list[float]


def loss_of(output, target):
    return 0.5 * (output - target).square().mean()


def make_target(network):
    """Random values of the output's mean and deviation: the loss starts near 1 deviation."""
    with torch.no_grad():
        output = network.module(*network.inputs.values())
    return output.mean() + output.std() * torch.randn_like(output)


def refer(network, target, trained):
    """The reference, in float64 where the module can; only parameters named in `trained` move."""
    try:
        return compute(network, target, trained, torch.float64)
    except RuntimeError:
        return compute(network, target, trained, torch.float32)


def compute(network, target, trained, dtype):
    module = copy.deepcopy(network.module).to(dtype)
    inputs = [
        value.to(dtype) if value.is_floating_point() else value for value in network.inputs.values()
    ]
    target = target.to(dtype)
    output = module(*inputs)
    loss = loss_of(output, target)
    gradients = gradients_of(module, loss)
    norm = sum(gradients[name].square().sum() for name in gradients if name in trained)
    rate = (FIRST_STEP * loss / norm).float().item()
    return Reference(
        dtype=str(dtype).removeprefix("torch."),
        output=output.detach(),
        target=target,
        loss=loss.item(),
        gradients=gradients,
        learning_rate=rate,
        losses=train(module, inputs, target, trained, rate),
    )


def gradients_of(module, loss):
    """Gradients by name, of the parameters that the loss depends on."""
    loss.backward()
    return {
        name: parameter.grad.clone()
        for name, parameter in module.named_parameters()
        if parameter.grad is not None
    }


def names_read(network):
    """The parameters that the output depends on."""
    module = copy.deepcopy(network.module)
    return set(gradients_of(module, module(*network.inputs.values()).sum()))


def train(module, inputs, target, trained, rate):
    """Plain gradient descent on the one batch."""
    parameters = [value for name, value in module.named_parameters() if name in trained]
    optimizer = torch.optim.SGD(parameters, lr=rate)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(module(*inputs), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        losses.append(loss_of(module(*inputs), target).item())
    return losses
