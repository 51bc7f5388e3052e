"""The events that no library has a model of have the fields of a published sample, and each test says which."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lambdalab.simulator.vocabulary.events.catalogue import SOURCES, event_of
from tests.simulator.vocabulary.events.shapes import fields
from tests.simulator.vocabulary.events.test_parsing import MODELS, parse


def sample(name: str) -> Any:
    return event_of(SOURCES[name])


REQUEST = "config.distributionDomainName config.distributionId config.eventType config.requestId request.clientIp \
request.method request.querystring request.uri request.headers.host[].key request.headers.host[].value"
ORIGIN = "customHeaders domainName keepaliveTimeout path port protocol readTimeout sslProtocols[]"
RESPONSE = "status statusDescription headers.content-type[].key headers.content-type[].value"


@pytest.mark.parametrize("kind", ["viewer-request", "origin-request", "origin-response", "viewer-response"])
def test_an_event_of_the_edge_has_the_fields_of_cloudfronts_guide(kind: str) -> None:
    """Amazon CloudFront Developer Guide, "Lambda@Edge event structure" (read 2026-11-29)."""
    event = sample(f"cloudfront-{kind}")
    there = {field.removeprefix("Records[].cf.") for field in fields(event)}
    wanted = set(REQUEST.split())
    wanted |= {f"request.origin.custom.{name}" for name in ORIGIN.split()} if "origin" in kind else set()
    wanted |= {f"response.{name}" for name in RESPONSE.split()} if "response" in kind else set()
    assert wanted <= there
    assert event["Records"][0]["cf"]["config"]["eventType"] == kind
    assert ("response" in event["Records"][0]["cf"]) == ("response" in kind)
    assert ("origin" in event["Records"][0]["cf"]["request"]) == ("origin" in kind)


def test_an_alarm_has_the_fields_of_powertools_sample() -> None:
    """aws-powertools/powertools-lambda-python, tests/events/cloudWatchAlarmEventSingleMetric.json (2024-02)."""
    top = "source alarmArn accountId time region"
    state = "value reason reasonData timestamp"
    metric = "id returnData metricStat.period metricStat.stat metricStat.metric.namespace metricStat.metric.name"
    wanted = set(top.split()) | {"alarmData.alarmName", "alarmData.configuration.description"}
    wanted |= {f"alarmData.{which}.{name}" for which in ("state", "previousState") for name in state.split()}
    wanted |= {f"alarmData.configuration.metrics[].{name}" for name in metric.split()}
    wanted |= {"alarmData.configuration.metrics[].metricStat.metric.dimensions.FunctionName"}
    assert fields(sample("cloudwatch-alarm")) == wanted
    assert json.loads(sample("cloudwatch-alarm")["alarmData"]["state"]["reasonData"])["version"] == "1.0"


def test_a_job_of_codepipeline_has_the_fields_of_powertools_sample() -> None:
    """aws-powertools/powertools-lambda-python, tests/events/codePipelineEvent.json."""
    data = "actionConfiguration.configuration.FunctionName actionConfiguration.configuration.UserParameters \
    inputArtifacts[].name inputArtifacts[].revision inputArtifacts[].location.type outputArtifacts continuationToken \
    inputArtifacts[].location.s3Location.bucketName inputArtifacts[].location.s3Location.objectKey \
    artifactCredentials.accessKeyId artifactCredentials.secretAccessKey artifactCredentials.sessionToken"
    wanted = {"CodePipeline.job.id", "CodePipeline.job.accountId"}
    assert fields(sample("codepipeline")) == wanted | {f"CodePipeline.job.data.{name}" for name in data.split()}


def test_a_push_to_codecommit_has_the_fields_of_the_published_sample() -> None:
    """AWS Lambda Developer Guide, "Using AWS Lambda with AWS CodeCommit", which michaelbrewer/aws-lambda-events keeps
    (docs/code-commit.md); customData stands there where the trigger has some, as in sam local generate-event."""
    names = "awsRegion codecommit.references[].commit codecommit.references[].ref customData eventId eventName \
    eventPartNumber eventSource eventSourceARN eventTime eventTotalParts eventTriggerConfigId eventTriggerName \
    eventVersion userIdentityARN"
    assert fields(sample("codecommit")) == {f"Records[].{name}" for name in names.split()}


def test_a_hook_of_codedeploy_gets_two_ids() -> None:
    """AWS CodeDeploy User Guide, "AppSpec 'hooks' section for an AWS Lambda deployment"."""
    assert set(sample("codedeploy-hook")) == {"DeploymentId", "LifecycleEventHookExecutionId"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("config", "ConfigurationItemChangeNotification"), ("config-schedule", "ScheduledNotification")],
)
def test_a_rule_of_config_has_the_fields_of_powertools_sample(name: str, kind: str) -> None:
    """aws-powertools/powertools-lambda-python, tests/events/awsConfigRule*.json; without its evaluationMode, which the
    AWS Config Developer Guide, "Example events", does not have."""
    names = "version invokingEvent ruleParameters resultToken eventLeftScope executionRoleArn configRuleArn \
    configRuleName configRuleId accountId"
    event = sample(name)
    assert set(event) == set(names.split())
    told = json.loads(event["invokingEvent"])
    assert told["messageType"] == kind
    assert {"notificationCreationTime", "recordVersion"} <= set(told)
    assert isinstance(json.loads(event["ruleParameters"]), dict)


def test_a_turn_with_lex_has_the_fields_of_sams_sample() -> None:
    """aws/aws-sam-cli, samcli/lib/generated_sample_events/events/lex-v2/LexBookCar.json; sessionAttributes from the
    Amazon Lex V2 Developer Guide, "AWS Lambda input event format for Lex V2"."""
    event = sample("lex")
    names = "sessionId inputTranscript interpretations proposedNextState responseContentType sessionState \
    messageVersion invocationSource transcriptions inputMode bot"
    assert set(event) == set(names.split())
    assert set(event["bot"]) == {"aliasName", "aliasId", "name", "version", "localeId", "id"}
    for intent in (event["interpretations"][0]["intent"], event["sessionState"]["intent"]):
        assert set(intent) == {"slots", "confirmationState", "name", "state"}
    assert set(event["proposedNextState"]["dialogAction"]) == {"slotToElicit", "type"}
    wanted = {"resolvedSlots", "resolvedContext", "transcription", "transcriptionConfidence"}
    assert set(event["transcriptions"][0]) == wanted


def test_an_intent_of_alexa_has_the_fields_of_sams_sample() -> None:
    """aws/aws-sam-cli, samcli/lib/generated_sample_events/events/alexa-skills-kit/AlexaIntentMyColorIs.json."""
    names = "version session.new session.sessionId session.application.applicationId session.attributes \
    session.user.userId context.AudioPlayer.playerActivity context.System.application.applicationId \
    context.System.user.userId context.System.device.supportedInterfaces.AudioPlayer request.type request.requestId \
    request.timestamp request.locale request.intent.name request.intent.slots.Color.name \
    request.intent.slots.Color.value"
    assert fields(sample("alexa")) == set(names.split())


def test_a_directive_of_a_smart_home_has_header_endpoint_and_payload() -> None:
    """Alexa Skills Kit, "Alexa.PowerController interface": TurnOn directive."""
    directive = sample("alexa-smart-home")["directive"]
    assert set(directive) == {"header", "endpoint", "payload"}
    assert set(directive["header"]) == {"namespace", "name", "payloadVersion", "messageId", "correlationToken"}


def test_a_message_of_active_mq_has_the_fields_of_the_developer_guide() -> None:
    """AWS Lambda Developer Guide, "Using Lambda with Amazon MQ", sample event (read 2026-11-29)."""
    names = "messageID messageType deliveryMode replyTo type expiration priority correlationId redelivered \
    destination.physicalName data timestamp brokerInTime brokerOutTime properties.kind"
    assert fields(sample("activemq")) == {"eventSource", "eventSourceArn"} | {f"messages[].{n}" for n in names.split()}
    assert sample("activemq")["eventSource"] == "aws:mq"


def test_a_message_of_rabbit_mq_has_the_fields_of_powertools_sample() -> None:
    """aws-powertools/powertools-lambda-python, tests/events/rabbitMQEvent.json."""
    event = sample("rabbitmq")
    names = "contentType contentEncoding headers deliveryMode priority correlationId replyTo expiration messageId \
    timestamp type userId appId clusterId bodySize"
    ((queue, (message,)),) = event["rmqMessagesByQueue"].items()
    assert (event["eventSource"], queue) == ("aws:rmq", "orders::/")
    assert set(message) == {"basicProperties", "redelivered", "data"}
    assert set(message["basicProperties"]) == set(names.split())


def test_a_change_of_document_db_has_the_fields_of_the_developer_guide() -> None:
    """AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DocumentDB", example event (read 2026-11-29)."""
    names = "_id._data clusterTime.$timestamp.t clusterTime.$timestamp.i documentKey._id.$oid fullDocument._id.$oid \
    fullDocument.order ns.db ns.coll operationType"
    wanted = {"eventSourceArn", "eventSource"} | {f"events[].event.{name}" for name in names.split()}
    assert fields(sample("documentdb")) == wanted


def test_a_load_balancer_with_all_values_renames_two_fields() -> None:
    """Elastic Load Balancing, "Use Lambda functions as targets", multi-value headers (read 2026-11-29)."""
    single, multi = sample("alb"), sample("alb-multi-value")
    assert set(single) ^ set(multi) == {
        "headers", "queryStringParameters", "multiValueHeaders", "multiValueQueryStringParameters",
    }  # fmt: skip
    assert all(isinstance(value, list) for value in multi["multiValueHeaders"].values())


def test_a_test_event_of_s3_has_the_fields_of_its_guide() -> None:
    """Amazon S3 User Guide, "Event message structure": the test message."""
    assert set(sample("s3-test")) == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}


def test_a_trigger_of_cognito_sync_has_the_fields_of_sams_sample() -> None:
    """aws/aws-sam-cli, samcli/lib/generated_sample_events/events/cognito/CognitoSyncTrigger.json."""
    names = "version eventType region identityPoolId identityId datasetName datasetRecords"
    assert set(sample("cognito-sync")) == set(names.split())


def test_a_record_of_a_destination_has_the_fields_of_the_developer_guide() -> None:
    """AWS Lambda Developer Guide, "Capturing records of asynchronous invocations" (read 2026-11-29)."""
    wanted = {"version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload"}
    assert set(sample("destination-success")) == set(sample("destination-failure")) == wanted
    assert "functionError" not in sample("destination-success")["responseContext"]
    assert sample("destination-failure")["requestContext"]["approximateInvokeCount"] == 3


OWN = {"iot", "step-functions", "step-functions-token"}  # their shape is the author's


def test_a_token_of_version_2_has_the_scopes_as_a_list() -> None:
    """Amazon Cognito Developer Guide, "Pre token generation Lambda trigger", version 2 (read 2026-11-29): scopes is
    a list of texts. The library's model of it wants a mapping, so only the rest is held to the model of version 1."""
    event = sample("cognito-pre-token-v2")
    assert event["request"].pop("scopes") == ["aws.cognito.signin.user.admin", "openid"]
    assert event["version"] == "2"
    parse(MODELS["cognito-pre-token"], event)


def test_every_event_is_held_to_a_model_or_a_published_sample() -> None:
    named = set(re.findall(r'sample\("([^"]+)"\)', Path(__file__).read_text())) | {"config", "config-schedule"}
    edges = {name for name in SOURCES if name.startswith("cloudfront-")}
    assert set(SOURCES) == set(MODELS) | edges | OWN | named
