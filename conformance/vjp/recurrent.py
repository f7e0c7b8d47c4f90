"""LSTM, GRU and RNN, written out: gates are laid out as in ONNX, not as in PyTorch."""

import torch

from .case import case, normal

STEPS, BATCH, INPUTS, UNITS = 4, 2, 3, 2


def lstm_direction(xs, w, r, b, hidden, cell):
    outputs = []
    for x in xs:
        gates = x @ w.T + hidden @ r.T + b[: 4 * UNITS] + b[4 * UNITS :]
        into, out, forget, new = gates.chunk(4, -1)
        cell = forget.sigmoid() * cell + into.sigmoid() * new.tanh()
        hidden = out.sigmoid() * cell.tanh()
        outputs.append(hidden)
    return outputs, hidden, cell


def gru_direction(linear_before_reset):
    def run(xs, w, r, b, hidden, _):
        outputs = []
        for x in xs:
            from_x = x @ w.T + b[: 3 * UNITS]
            update_x, reset_x, new_x = from_x.chunk(3, -1)
            r_update, r_reset, r_new = r.chunk(3)
            b_update, b_reset, b_new = b[3 * UNITS :].chunk(3)
            update = (update_x + hidden @ r_update.T + b_update).sigmoid()
            reset = (reset_x + hidden @ r_reset.T + b_reset).sigmoid()
            if linear_before_reset:
                new = (new_x + reset * (hidden @ r_new.T + b_new)).tanh()
            else:
                new = (new_x + (reset * hidden) @ r_new.T + b_new).tanh()
            hidden = (1 - update) * new + update * hidden
            outputs.append(hidden)
        return outputs, hidden, hidden

    return run


def rnn_direction(xs, w, r, b, hidden, _):
    outputs = []
    for x in xs:
        hidden = (x @ w.T + hidden @ r.T + b[:UNITS] + b[UNITS:]).tanh()
        outputs.append(hidden)
    return outputs, hidden, hidden


def run(direction_of, direction, outputs):
    """A layer in ONNX's layout: Y [steps, directions, batch, units] and the last states."""

    def layer(x, w, r, b=None, _=None, hidden=None, cell=None):
        results = []
        for index in range(len(w)):
            back = direction == "reverse" or index == 1
            zeros = x.new_zeros(x.shape[1], UNITS)
            ys, *last = direction_of(
                x.flip(0) if back else x,
                w[index],
                r[index],
                x.new_zeros(2 * len(w[index])) if b is None else b[index],
                zeros if hidden is None else hidden[index],
                zeros if cell is None else cell[index],
            )
            results.append((torch.stack(ys[::-1] if back else ys), *last))
        y, *last = zip(*results, strict=True)
        return (torch.stack(y, 1), *(torch.stack(state) for state in last))[:outputs]

    return layer


def recurrent(
    name, op, gates, direction_of, direction="forward", bias=True, states=False, **attributes
):
    directions = 2 if direction == "bidirectional" else 1
    outputs = 3 if op == "LSTM" else 2
    inputs = [
        normal(STEPS, BATCH, INPUTS),
        normal(directions, gates * UNITS, INPUTS),
        normal(directions, gates * UNITS, UNITS),
    ]
    if bias:
        inputs.append(normal(directions, 2 * gates * UNITS))
    if states:
        inputs += [None] + [normal(directions, BATCH, UNITS) for _ in range(outputs - 1)]
    function = run(direction_of, direction, outputs)
    case(
        f"{op}, {name}",
        op,
        function,
        inputs,
        outputs=outputs,
        hidden_size=UNITS,
        direction=direction,
        **attributes,
    )


recurrent("forward", "LSTM", 4, lstm_direction)
recurrent("reverse", "LSTM", 4, lstm_direction, "reverse")
recurrent(
    "both directions, initial states", "LSTM", 4, lstm_direction, "bidirectional", states=True
)
recurrent("no bias", "LSTM", 4, lstm_direction, bias=False)
recurrent("forward", "GRU", 3, gru_direction(False))
recurrent("linear before reset", "GRU", 3, gru_direction(True), linear_before_reset=1)
recurrent(
    "both directions, initial state",
    "GRU",
    3,
    gru_direction(True),
    "bidirectional",
    states=True,
    linear_before_reset=1,
)
recurrent("forward", "RNN", 1, rnn_direction)
recurrent("both directions, initial state", "RNN", 1, rnn_direction, "bidirectional", states=True)
