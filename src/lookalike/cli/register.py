"""How does a model get into an MLflow registry?"""

from typing import Annotated

import typer

from lookalike.cli.options import JsonOption, argument, flag, option
from lookalike.cli.terminal import print_json, readable

_MLFLOW = "mlflow:"


def register(
    context: typer.Context,  # noqa: ARG001 - as every verb
    model: Annotated[
        str, argument("MODEL", "What to register: mini, onnx:model.onnx, hf:org/model; or mlflow:models:/name/3.")
    ],
    to: Annotated[str, option("--to", "models:/NAME[@ALIAS]", "Under which name, and which alias names it then.")],
    captioner: Annotated[
        bool, flag("--captioner", "It is a captioner: mini, hf:org/model, or a folder with captioner.toml.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Register an encoder or a captioner in MLflow, and give it an alias.

    The registry is the one that MLFLOW_TRACKING_URI names. The same files again are no new version; a version that
    is there already gets another alias by `mlflow:models:/name/3`.
    """
    from lookalike.models.registry import Address, set_alias

    target = Address.parse(to)
    if model.startswith(_MLFLOW):
        address = target.pinned(_version_of(model.removeprefix(_MLFLOW), target.name))
        set_alias(address)
    else:
        address = _register(model, target, captioner=captioner)
    loaded = f"{_MLFLOW}models:/{address.name}" + (f"@{address.alias}" if address.alias else f"/{address.version}")
    if as_json:
        facts = {"model": address.name, "version": address.version, "alias": address.alias, "name": loaded}
        print_json(facts)
    else:
        print(f"Version {address.version} of {readable(address.name)}. Use it as {readable(loaded)}")


def _register(model: str, to: "Address", *, captioner: bool) -> "Address":  # noqa: F821
    from lookalike.models.registry import register as log_and_register

    if captioner:
        from lookalike.captioners.registry import registrable
    else:
        from lookalike.encoders.registry import registrable
    return log_and_register(*registrable(model), to)


def _version_of(text: str, name: str) -> int:
    from lookalike.errors import BadInput
    from lookalike.models.registry import Address

    given = Address.parse(text)
    if given.name != name or not given.version:
        what = f"{text} is no version of {name}."
        raise BadInput(what, f"Write `lookalike register mlflow:models:/{name}/3 --to models:/{name}@champion`.")
    return given.version
