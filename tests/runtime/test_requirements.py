import base64

import pytest

from lambdalab.runtime import ProjectError
from lambdalab.runtime.requirements import LINES_MAX, NotOffered, wanted
from tests.runtime.conftest import Play
from tests.runtime.projects import make_project

VERSIONS = {"pillow": "13.0.0", "requests": "2.34.2"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Pillow", ["pillow"]),
        ("  pillow >= 10 # pictures\n\nrequests==2.34.2\n", ["pillow", "requests"]),
        ("PILLOW\npillow\n", ["pillow"]),
        ("boto3>=1.30\nbotocore\n# all of it\n", []),
    ],
)
def test_what_is_offered_can_be_had_in_any_spelling(text: str, names: list[str]) -> None:
    assert wanted(text, VERSIONS) == names


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("requests\nleft-pad", 2, "left-pad is not among the packages of this installation. Offered: pillow, req"),
        ("numpy", 1, "numpy is not among the packages of this installation"),  # in the catalogue, not installed
        ("pillow<2", 1, "pillow<2: this installation offers pillow 13.0.0."),
        ("-r more.txt", 1, "-r more.txt is no requirement"),
        ("--index-url https://example.com", 1, "is no requirement"),
        ("../evil", 1, "../evil is no requirement"),
        ("pillow @ https://example.com/p.whl", 1, "from no address"),
        ("requests[socks]", 1, "without extras"),
        ("pillow\n" * (LINES_MAX + 1), LINES_MAX + 1, "more than 100 lines"),
    ],
)
def test_anything_else_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(NotOffered) as refused:
        wanted(text, VERSIONS)
    assert refused.value.line == line
    assert words in str(refused.value)


def test_where_nothing_is_offered_that_is_said() -> None:
    with pytest.raises(NotOffered, match="Offered: none"):
        wanted("pillow", {})


def test_a_function_gets_the_packages_that_it_requires(played: Play) -> None:
    code = """
import base64, io
import requests
from PIL import Image
def handler(event, context):
    picture = Image.new("RGB", (640, 480), "teal")
    picture.thumbnail((64, 64))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return [picture.size, base64.b64encode(out.getvalue()).decode()[:12], Image.__file__, requests.__version__]
"""
    made = played(make_project(code) | {"src/requirements.txt": b"Pillow>=10\nrequests\n"})
    size, head, where, _ = made.result
    assert size == [64, 48]
    assert base64.b64decode(head + "====")[:4] == b"\x89PNG"
    assert where == "/var/task/PIL/Image.py"


def test_without_a_requirement_there_is_no_such_module(played: Play) -> None:
    made = played(make_project("import PIL\ndef handler(event, context): pass\n"))
    assert "No module named 'PIL'" in made.summary["functions"]["work"]["last_error"]["message"]


def test_a_package_that_is_not_offered_stops_the_run_with_its_line(played: Play) -> None:
    files = make_project("def handler(event, context): pass\n") | {"src/requirements.txt": b"Pillow\nleft-pad\n"}
    with pytest.raises(ProjectError) as refused:
        played(files)
    (problem,) = refused.value.problems
    assert (problem.path, problem.line) == ("src/requirements.txt", 2)
    assert problem.message.startswith("left-pad is not among the packages of this installation.")
