import pytest

from lambdalab.playground.template_edit import TemplateUnreadable, settings_of, with_settings

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
# The shop.
Globals:
  Function:
    Timeout: 5
Resources:
  Charge:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler   # the door
      MemorySize: 512
      Environment:
        Variables:
          TABLE: !Ref Orders
      Events:
        Nightly:
          Type: Schedule
          Properties: {Schedule: rate(1 hour)}
      Policies:
        - SQSSendMessagePolicy:
            QueueName: !GetAtt Dead.QueueName
      DeadLetterQueue:
        Type: SQS
        TargetArn: !GetAtt Dead.Arn
  Dead:
    Type: AWS::SQS::Queue
  Orders:
    Type: AWS::Serverless::SimpleTable
"""


def test_settings_come_from_the_function_then_from_globals_then_from_aws() -> None:
    (charge,) = settings_of(TEMPLATE)
    assert (charge.memory_mb, charge.timeout_s, charge.retries, charge.reserved) == (512, 5, 2, None)
    assert charge.on_failure == "DLQ"


def test_a_changed_setting_changes_one_line_and_keeps_every_comment() -> None:
    changed = with_settings(TEMPLATE, "Charge", {"memory_mb": 1024})
    assert changed == TEMPLATE.replace("MemorySize: 512", "MemorySize: 1024")


def test_values_that_already_hold_leave_the_text_byte_for_byte() -> None:
    same = {"memory_mb": 512, "timeout_s": 5, "retries": 2, "reserved": None}
    assert with_settings(TEMPLATE, "Charge", same) is TEMPLATE


def test_retries_are_written_where_sam_reads_them() -> None:
    changed = with_settings(TEMPLATE, "Charge", {"retries": 0})
    assert "      EventInvokeConfig:\n        MaximumRetryAttempts: 0\n" in changed
    assert settings_of(changed)[0].retries == 0


def test_no_reserved_concurrency_takes_the_property_out() -> None:
    limited = with_settings(TEMPLATE, "Charge", {"reserved": 3})
    assert settings_of(limited)[0].reserved == 3
    assert with_settings(limited, "Charge", {"reserved": None}) == TEMPLATE


def test_a_computed_value_is_not_shown_as_a_number() -> None:
    computed = TEMPLATE.replace("MemorySize: 512", "MemorySize: !Ref Memory")
    assert settings_of(computed)[0].memory_mb is None


@pytest.mark.parametrize(("text", "line"), [("Resources:\n  A: [1\n", 3), ("- 1\n", 1), ("Resources: 3\n", 1)])
def test_a_template_that_cannot_be_read_names_the_line(text: str, line: int) -> None:
    with pytest.raises(TemplateUnreadable) as refusal:
        settings_of(text)
    assert refusal.value.line == line


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(TemplateUnreadable, match="no function Other"):
        with_settings(TEMPLATE, "Other", {"memory_mb": 128})
