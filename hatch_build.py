"""What a wheel has otherwise than the checkout.

The lessons are without outputs, which `mnist1d-edu start` would throw away. The long description is
the README without its pictures and its links into the checkout, neither of which is there.
"""

import json
import re
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class ReadmeAlone(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = re.sub(r"^!\[.*\n\n?", "", text, flags=re.MULTILINE)
        text = re.sub(r"\[([^]]+)\]\((?!https?:)[^)]*\)", r"\1", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


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
