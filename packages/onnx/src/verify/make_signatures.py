"""Writes signatures.ts: how many inputs and outputs the operators of ONNX have, by operator set.

    python make_signatures.py

Made with onnx 1.23.2.
"""

import pathlib

from onnx import defs

HEAD = """\
/**
 * Inputs and outputs of every operator of ONNX, by the operator set that a signature holds from. A sign
 * for each: `1` must be there, `?` may be left out, `+` stands for one or more at the end, `*` for any
 * number. Written by make_signatures.py from the definitions of ONNX; see there.
 */
export const signatures: Readonly<Record<string, Readonly<Record<number, string>>>> = {
"""
Option = defs.OpSchema.FormalParameterOption


def sign(parameter):
    if parameter.option == Option.Optional:
        return "?"
    if parameter.option == Option.Variadic:
        return "*" if parameter.min_arity == 0 else "+"
    return "1"


def signature(schema):
    inputs = "".join(map(sign, schema.inputs))
    outputs = "".join(map(sign, schema.outputs))
    return f"{inputs} {outputs}"


def main():
    operators = {}
    for schema in defs.get_all_schemas_with_history():
        if schema.domain == "" and not schema.deprecated:
            operators.setdefault(schema.name, {})[schema.since_version] = signature(schema)
    lines = []
    for name, versions in sorted(operators.items()):
        changes, last = [], None
        for version, text in sorted(versions.items()):
            if text != last:
                changes.append(f'{version}: "{text}"')
            last = text
        lines.append(f"  {name}: {{ {', '.join(changes)} }},\n")
    path = pathlib.Path(__file__).with_name("signatures.ts")
    path.write_text(HEAD + "".join(lines) + "};\n")


main()
