"""The wheel has the lessons without outputs, which `mnist1d-edu start` would throw away."""

import json
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonsWithoutOutputs(BuildHookInterface):
    def initialize(self, version: str, build_data: dict) -> None:
        if version == "editable":  # the lessons of the checkout serve
            return
        self.folder = tempfile.TemporaryDirectory()
        for source in sorted((Path(self.root) / "lessons").glob("*.ipynb")):
            notebook = json.loads(source.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    cell.update(outputs=[], execution_count=None)
            bare = Path(self.folder.name) / source.name
            bare.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n",
                            encoding="utf-8")
            build_data["force_include"][str(bare)] = f"mnist1d_edu/lessons/{source.name}"

    def finalize(self, version: str, build_data: dict, artifact_path: str) -> None:
        if version != "editable":
            self.folder.cleanup()
