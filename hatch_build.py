"""Build hook: lets the `PROPPR` namespace be imported from an editable install.

The packages live at the top of the repository but are imported as `PROPPR.<package>`. A wheel gets that name from
hatchling's `sources`; an editable install gets it from links in `.ns/PROPPR/`, which this hook makes.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NamespaceHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            return
        root = Path(self.root)
        namespace = root / ".ns" / "PROPPR"
        namespace.mkdir(parents=True, exist_ok=True)
        for package in self.build_config.build_config["only-include"]:
            link = namespace / package
            if not link.is_symlink():
                link.symlink_to(Path("..") / ".." / package, target_is_directory=True)
