import io
import zipfile
from dataclasses import replace

from lambdalab.curriculum import Lab
from lambdalab.playground.project_files import played_files, shown_files, zipped


def test_hidden_checks_are_shown_nowhere(lab: Lab) -> None:
    shown = shown_files(lab, {})["scenario.yaml"]
    assert "nothing-lost" in shown
    assert "secret" not in shown
    assert "41" not in shown


def test_hidden_checks_are_played_all_the_same(lab: Lab) -> None:
    assert b"secret" in played_files(lab, {})["scenario.yaml"]


def test_a_scenario_without_hidden_checks_is_shown_byte_for_byte(lab: Lab) -> None:
    text = "seed: 7   # lucky\nchecks: []\n"
    assert shown_files(_with(lab, text), {})["scenario.yaml"] == text


def test_editable_files_come_first_in_the_order_of_the_lab(lab: Lab) -> None:
    assert list(shown_files(lab, {})) == ["src/app.py", "template.yaml", "scenario.yaml"]


def test_only_editable_files_are_taken_from_the_student(lab: Lab) -> None:
    draft = {"src/app.py": "mine", "scenario.yaml": "checks: []", "src/other.py": "smuggled"}
    played = played_files(lab, draft)
    assert played["src/app.py"] == b"mine"
    assert played["scenario.yaml"] == lab.files["scenario.yaml"]
    assert "src/other.py" not in played


def test_the_archive_holds_the_students_work_and_no_hidden_check(lab: Lab) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(lab, {"src/app.py": "mine"}))) as archive:
        assert archive.read("try-again/src/app.py") == b"mine"
        assert b"secret" not in archive.read("try-again/scenario.yaml")


def _with(lab: Lab, scenario: str) -> Lab:
    return replace(lab, files={**lab.files, "scenario.yaml": scenario.encode()})
