"""Real work at several sizes: ratios only, for no machine is as fast as another."""

import json
from pathlib import Path

import pytest

from lambdalab.runtime.command import main

TEMPLATE = """
Parameters:
  Memory: {Type: Number, Default: 128}
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      Code: src/
      Timeout: 60
      MemorySize: !Ref Memory
      Role: !GetAtt Role.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
"""
SCENARIO = """
compute: {mode: measured}
steps:
  - at: 0s
    call: lambda.invoke
    with: {FunctionName: work}
    repeat: {count: 3, every: 2m}
"""
CODE = """
def handler(event, context):
    total = 0
    for n in range(400_000):
        total += n * n
    return total
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "scenario.yaml").write_text(SCENARIO)
    return tmp_path


def test_real_work_takes_the_time_that_its_share_of_a_vcpu_gives(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", str(project), "--set", "Memory=128,1769", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)["work"]
    small, large = table["settings"]
    assert (small["memory_mb"], large["memory_mb"]) == (128, 1_769)
    assert 4 < small["duration_ms"] / large["duration_ms"] < 48  # 13.8, were the machine always as fast
    assert table["fastest"] == 1_769


def test_the_table_is_for_people(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", str(project), "--set", "Memory=512"]) == 0
    name, head, row = capsys.readouterr().out.splitlines()
    assert name == "work"
    assert head.split() == ["memory", "duration", "billed", "a", "million"]
    assert row.split()[:2] == ["512", "MB"]
    assert row.endswith("fastest, cheapest")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Memory", "'Memory' is not PARAM=VALUE,VALUE,…."),
        ("Memory=128,", "'Memory=128,' is not PARAM=VALUE,VALUE,…."),
        ("Memory=" + ",".join(["128"] * 21), "21 values are too many: 20 at most."),
        ("Memory=64", "Member must have value greater than or equal to 128"),
    ],
)
def test_sizes_that_make_no_table_are_refused(
    project: Path, given: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", str(project), "--set", given]) == 2
    assert words in capsys.readouterr().err
