"""What can one do from a terminal? The command `lookalike`: one verb a file."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from lookalike import __version__
from lookalike.cli.backup import backup
from lookalike.cli.block import block
from lookalike.cli.calibrate import calibrate
from lookalike.cli.caption import caption
from lookalike.cli.compare import compare
from lookalike.cli.copy import copy
from lookalike.cli.demo import demo
from lookalike.cli.doctor import doctor
from lookalike.cli.duplicates import duplicates
from lookalike.cli.edit import edit
from lookalike.cli.encoders import encoders
from lookalike.cli.evaluate import evaluate
from lookalike.cli.export import export
from lookalike.cli.failing import BUG, INTERRUPTED, Verbs, report_bug
from lookalike.cli.failures import failures
from lookalike.cli.forget import forget
from lookalike.cli.import_ import import_
from lookalike.cli.index import index
from lookalike.cli.info import info
from lookalike.cli.keys import keys
from lookalike.cli.mcp import mcp
from lookalike.cli.options import Globals
from lookalike.cli.reencode import reencode
from lookalike.cli.register import register
from lookalike.cli.search import SearchCommand, search
from lookalike.cli.serve import serve

app = typer.Typer(
    name="lookalike",
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help is quicker to come, and reads the same in a pipe and in the documentation
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command(
    epilog="""\b
Examples:
  lookalike index ~/Pictures
  lookalike index ~/Pictures /media/camera --exclude '*.png' --exclude 'trash/*'
  lookalike index ~/Pictures --watch
  lookalike index ~/Pictures --captions
  lookalike index ~/Pictures --captioner hf:Salesforce/blip-image-captioning-base
  lookalike index --table flickr8k/captions.csv --images flickr8k/images
  lookalike index --table pictures.jsonl --map image=href --map caption=alt --map tags=keywords"""
)(index)
app.command(
    cls=SearchCommand,
    epilog="""\b
Examples:
  lookalike search playing dogs
  lookalike search '"on the beach" sunset:2 -people taken:2019..2021'
  lookalike search holiday.jpg
  lookalike search holiday.jpg --and 'in the snow'
  lookalike search holiday.jpg --mode caption
  lookalike search https://example.org/picture.jpg -k 20 --where 'taken:2019..2021 width>=1000'
  lookalike search holiday.jpg --crop 0.5,0,0.5,1 --show
  lookalike search holiday.jpg --sheet answers.html
  xclip -selection clipboard -target image/png -out | lookalike search - --json""",
)(search)
app.command(
    epilog="""\b
Examples:
  lookalike compare holiday.jpg https://example.org/holiday-cropped.jpg
  lookalike compare screenshot.png kq3v5n2xwz7dymbt --crop 0,0.1,1,0.6 --show
  lookalike compare holiday.jpg poster.jpg --sheet both.html
  curl -s https://example.org/picture.jpg | lookalike compare - holiday.jpg --json"""
)(compare)
app.command(
    epilog="""\b
Examples:
  lookalike serve ~/Pictures
  lookalike serve --demo
  lookalike serve --host 0.0.0.0 --port 80 --no-open
  lookalike serve --host 0.0.0.0 --log-format json --no-open"""
)(serve)
app.command(
    epilog="""\b
Examples:
  lookalike keys add phone --scope write
  lookalike keys add backup-script --expires 90d
  lookalike keys list
  lookalike keys revoke phone"""
)(keys)
app.command(
    epilog="""\b
Examples:
  lookalike info
  lookalike info --json"""
)(info)
app.command(
    epilog="""\b
Examples:
  lookalike encoders
  lookalike encoders pull hf:google/siglip2-base-patch16-256
  lookalike encoders show timm:resnet50@a1_in1k
  lookalike encoders export open_clip:ViT-B-32/openai --onnx --int8 --pictures ~/Pictures"""
)(encoders)
app.command(
    epilog="""\b
Examples:
  lookalike reencode --encoder onnx:model.onnx
  lookalike reencode --encoder onnx:model.onnx --throttle 5 --no-switch
  lookalike reencode --rollback
  lookalike reencode --drop mini"""
)(reencode)
app.command(
    epilog="""\b
Examples:
  lookalike register mini --to models:/photos@champion
  lookalike register onnx:photos.onnx --to models:/photos@challenger
  lookalike register mlflow:models:/photos/2 --to models:/photos@champion
  lookalike register hf:Salesforce/blip-image-captioning-base --captioner --to models:/captions@champion"""
)(register)
app.command(
    epilog="""\b
Examples:
  lookalike failures
  lookalike failures --retry"""
)(failures)
app.command(
    epilog="""\b
Examples:
  lookalike duplicates
  lookalike duplicates ~/Pictures --tier identical --json
  lookalike duplicates --sheet duplicates.html --protect ~/Pictures/albums
  lookalike duplicates --apply move --to ~/spare-pictures --yes
  lookalike duplicates --undo
  lookalike duplicates --undo --all"""
)(duplicates)
app.command(
    epilog="""\b
Examples:
  lookalike evaluate
  lookalike evaluate ~/flowers --by folder --names --report flowers.html
  lookalike evaluate --by label --truth labels.csv --queries 0
  lookalike evaluate --captions --truth Flickr8k.token.txt
  lookalike evaluate --copies --where 'taken:2019..' --report copies.html
  lookalike evaluate --pairs pairs.csv --images queries --json
  lookalike evaluate --compare mini onnx:model.onnx"""
)(evaluate)
app.command(
    epilog="""\b
Examples:
  lookalike calibrate --dry-run
  lookalike calibrate
  lookalike calibrate --by folder
  lookalike calibrate --reset"""
)(calibrate)
app.command(
    epilog="""\b
Examples:
  lookalike caption holiday.jpg
  lookalike caption kq3v5n2xwz7dymbt holiday.jpg --save
  lookalike caption https://example.org/picture.jpg --json
  lookalike caption --all --captioner hf:Salesforce/blip-image-captioning-base
  lookalike caption --all --where 'taken:2019..2021' --anew --beams 5"""
)(caption)
app.command(
    epilog="""\b
Examples:
  lookalike edit holiday.jpg --caption 'Grandma on the beach' --add-tag family
  lookalike edit ~/Pictures/2012 --add-tag wedding --owner Anna
  lookalike edit kq3v5n2xwz7dymbt --tags 'dog, snow' --remove-tag husky
  lookalike edit holiday.jpg --caption ''"""
)(edit)
app.command(
    epilog="""\b
Examples:
  lookalike block spam.jpg https://example.org/banner.png
  lookalike block kq3v5n2xwz7dymbt --title "the old logo" --forget
  lookalike block --list
  lookalike block --remove kq3v5n2xwz7dymbt"""
)(block)
app.command(
    epilog="""\b
Examples:
  lookalike forget ~/Pictures/2012
  lookalike forget holiday.jpg kq3v5n2xwz7dymbt"""
)(forget)
app.command(
    epilog="""\b
Examples:
  lookalike export pictures.parquet
  lookalike export folder --layout clip-retrieval --where 'taken:2020..'"""
)(export)
app.command(
    "import",
    epilog="""\b
Examples:
  lookalike import pictures.parquet
  lookalike import folder --space mini@2/visual""",
)(import_)
app.command(
    epilog="""\b
Examples:
  lookalike backup /media/disk/pictures.gallery"""
)(backup)
app.command(
    epilog="""\b
Examples:
  lookalike copy photos.gallery milvus://localhost:19530/photos
  lookalike copy milvus://localhost:19530/photos /media/disk/photos.gallery
  lookalike copy photos.gallery milvus://localhost:19530/photos --verify-only"""
)(copy)
app.command(
    epilog="""\b
Examples:
  lookalike mcp
  lookalike mcp --gallery ~/photos.gallery"""
)(mcp)
app.command(
    epilog="""\b
Examples:
  lookalike doctor
  lookalike doctor --json"""
)(doctor)
app.command(
    epilog="""\b
Examples:
  lookalike demo
  lookalike demo some-folder"""
)(demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lookalike {__version__}")
        raise typer.Exit


@app.callback()
def lookalike(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read settings from this file instead of the usual lookalike.toml."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="When something goes wrong, show where.")] = False,
    version: Annotated[  # noqa: ARG001 - the callback has answered
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Find pictures among your own: the same one, an edited copy, or one that looks alike."""
    context.obj = Globals(config=config, debug=debug)


def main() -> None:
    """Run the command line and exit with its code."""
    # Work is shared among threads of our own. Those that OpenBLAS starts for one product of small matrices would then
    # keep a core busy for 30 ms with waiting for the next; a search by picture took 98 ms instead of 65.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for as long as the program runs
        getattr(sys, name).reconfigure(errors="replace")  # what a terminal cannot show is no reason to stop
    try:
        app(prog_name="lookalike", windows_expand_args=False)  # which would take the names of files for --exclude *.png
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets a sentence
        report_bug(error)
        sys.exit(BUG)
