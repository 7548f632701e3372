"""Takes the pictures of the console for the README: `make pictures`. The teams in them are invented."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from browser_rig import CHROMIUM, NARROW, Eyes, Scheme, launch, sign_in
from console_process import TOKEN, ConsoleProcess
from console_seed import Seeded, seed
from console_seed_fleet import beat
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from pymongo import MongoClient
from support import eventually

from PROPPR.SharedServices.storage.embedded import EmbeddedServer

FOLDER: Final = Path(__file__).parents[3] / "docs" / "pictures"
WIDE: Final = (1200, 780)
COLOURS: Final = 256


class Picture(NamedTuple):
    """What is shown and how; `wait` is what must be there first."""

    name: str
    path: str
    scheme: Scheme
    size: tuple[int, int]
    scale: float = 1
    wait: str = "main"


PICTURES: Final = (
    Picture("fleet-dark", "/", "dark", WIDE),
    Picture("fixture-light", "/fixtures/{stirred}", "light", WIDE, wait="canvas"),
    Picture("ledger-light", "/ledger", "light", WIDE, wait="canvas"),
    Picture("ledger-dark", "/ledger", "dark", WIDE, wait="canvas"),
    Picture("phone-light", "/", "light", NARROW, 1.5),
    Picture("phone-dark", "/alerts", "dark", NARROW, 1.5),
)


def save(page: Page, target: Path) -> None:
    """A small PNG: flat pages need few colours."""
    whole = Image.open(io.BytesIO(page.screenshot()))
    few = whole.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


def take(eyes: Eyes, seeded: Seeded, picture: Picture, folder: Path) -> Path:
    """Take one picture; where it is."""
    target = folder / f"{picture.name}.png"
    with eyes.look(signed_in=True, size=picture.size, scheme=picture.scheme, scale=picture.scale) as look:
        look.visit(picture.path.format(stirred=seeded.stirred.id))
        look.page.locator(picture.wait).first.wait_for()
        look.page.wait_for_load_state("load")
        look.page.wait_for_timeout(700)  # what every new connection is sent first
        save(look.page, target)
    return target


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, show_default="docs/pictures")
def main(folder: Path) -> None:
    """Take all of them."""
    if not CHROMIUM.exists():
        raise click.ClickException(f"{CHROMIUM} is not here: apt install chromium, or name one in CHROMIUM")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="console-pictures-") as data:
        server = EmbeddedServer(Path(data) / "mongo")
        server.start()
        client: MongoClient[dict[str, Any]] = MongoClient(server.uri, tz_aware=True, w="majority", journal=True)
        database = client["pictures"]
        seeded = seed(database)
        console = ConsoleProcess(server.uri, database, Path(data))
        try:
            console.start()
            with sync_playwright() as playwright:
                browser = launch(playwright)
                eyes = Eyes(browser, console.url)
                with eyes.look() as look:
                    look.visit("/login")
                    sign_in(look.page, TOKEN)
                    eyes.signed_in_state = look.page.context.storage_state()
                # The console's first heartbeat says that it starts.
                own = {"service": "console", "status": "healthy"}
                eventually(lambda: database["service_heartbeats"].find_one(own), timeout=30, what="its heartbeat")
                for picture in PICTURES:
                    beat(database)
                    target = take(eyes, seeded, picture, folder)
                    click.echo(f"{target.stat().st_size / 1024:>5.0f} KB  {target}")
                browser.close()
        finally:
            console.kill()
            client.close()
            server.discard()


if __name__ == "__main__":
    main()
