"""Layers that real code imports from /opt. Fact K.3."""

import io
import zipfile
from typing import Any

from tests.runtime.conftest import Play
from tests.runtime.projects import invoke, make_project

CODE = """
import os
import mine
import shared

def handler(event, context):
    return {"shared": shared.WHO, "mine": mine.WHO, "opt": sorted(os.listdir("/opt/python")),
            "note": open("/opt/note.txt").read()}
"""


def packed(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


FILES = {
    "layers/one/python/shared.py": b"WHO = 'the first layer'",
    "layers/one/python/mine.py": b"WHO = 'a layer'",
    "layers/one/note.txt": b"of the first",
    "layers/two.zip": packed({"python/lib/python3.13/site-packages/shared.py": "WHO = 'the second layer'"}),
    "layers/three/python/shared.py": b"WHO = 'the third layer'",
    "src/mine.py": b"WHO = 'the function'",
}


def a_layer(name: str, content: str) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": {"LayerName": name, "Content": content}}


def with_layers(*names: str, steps: tuple[Any, ...] = ()) -> dict[str, bytes]:
    resources = {"One": a_layer("one", "layers/one"), "Two": a_layer("two", "layers/two.zip"),
                 "Three": a_layer("three", "layers/three")}  # fmt: skip
    function = {"Layers": [{"Ref": name} for name in names]}
    return {**make_project(CODE, *(steps or (invoke(),)), function=function, resources=resources), **FILES}


def test_code_imports_from_opt_python_and_its_own_modules_come_first(played: Play) -> None:
    result = played(with_layers("One")).result
    assert result == {
        "shared": "the first layer",
        "mine": "the function",
        "opt": ["mine.py", "shared.py"],
        "note": "of the first",
    }


def test_the_last_layer_that_has_a_file_wins(played: Play) -> None:
    found = [played(with_layers(*names)).result["shared"] for names in (("One", "Three"), ("Three", "One"))]
    assert found == ["the third layer", "the first layer"]


def test_site_packages_of_a_zipped_layer_come_before_opt_python(played: Play) -> None:
    assert played(with_layers("One", "Two")).result["shared"] == "the second layer"


def test_new_content_of_a_layer_is_what_the_next_environment_sees(played: Play) -> None:
    deploy = {"at": "10s", "deploy": {"code": {"One": "layers/three"}}}
    code = "import shared\n\ndef handler(event, context):\n    return shared.WHO\n"
    steps = (invoke("0s"), deploy, invoke("60s"))
    files = {**with_layers("One", steps=steps), "src/app.py": code.encode()}
    run = played(files)
    assert run.summary["functions"]["work"]["results"] == ["the first layer", "the third layer"]


def test_without_the_layer_the_import_fails_as_on_lambda(played: Play) -> None:
    error = played(with_layers()).summary["functions"]["work"]["last_error"]
    assert "No module named 'shared'" in str(error)
