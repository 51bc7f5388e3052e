"""What Lex, Alexa and AWS IoT send.

Sources: Amazon Lex V2 Developer Guide, "AWS Lambda input event format for Lex V2"; Alexa Skills Kit, "Request and
response JSON reference"; AWS IoT Core Developer Guide, "Registry events".
Lex and Alexa: held against the samples in SAM CLI 1.144, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION


def lex() -> dict[str, Any]:
    """A turn of a conversation with a bot (Lex V2)."""
    intent = {
        "name": "BookCar",
        "slots": {"PickUpCity": None, "PickUpDate": None},
        "state": "InProgress",
        "confirmationState": "None",
    }
    return {
        "sessionId": "254688924456220",
        "inputTranscript": "Book a car",
        "interpretations": [{"intent": _copy(intent), "nluConfidence": 1.0}],
        "proposedNextState": {
            "intent": _copy(intent),
            "dialogAction": {"slotToElicit": "PickUpCity", "type": "ElicitSlot"},
        },
        "responseContentType": "text/plain; charset=utf-8",
        "sessionState": {
            "intent": _copy(intent),
            "sessionAttributes": {},
            "originatingRequestId": "d32005f8-c142-48b5-bf88-c2dd4c05a25e",
        },
        "messageVersion": "1.0",
        "invocationSource": "DialogCodeHook",
        "transcriptions": [
            {
                "resolvedSlots": {},
                "resolvedContext": {"intent": "BookCar"},
                "transcription": "Book a car",
                "transcriptionConfidence": 1.0,
            }
        ],
        "inputMode": "Text",
        "bot": {
            "aliasName": "TestBotAlias",
            "aliasId": "TSTALIASID",
            "name": "BookTrip",
            "version": "DRAFT",
            "localeId": "en_US",
            "id": "CCGFLGVZMD",
        },
    }


def _copy(intent: dict[str, Any]) -> dict[str, Any]:
    return intent | {"slots": dict(intent["slots"])}


def alexa() -> dict[str, Any]:
    """An intent of a custom skill."""
    application, user = {"applicationId": "amzn1.ask.skill.EXAMPLE"}, {"userId": "amzn1.ask.account.EXAMPLE"}
    return {
        "version": "1.0",
        "session": {
            "new": False,
            "sessionId": "amzn1.echo-api.session.EXAMPLE",
            "application": dict(application),
            "attributes": {},
            "user": dict(user),
        },
        "context": {
            "AudioPlayer": {"playerActivity": "IDLE"},
            "System": {
                "application": dict(application),
                "user": dict(user),
                "device": {"supportedInterfaces": {"AudioPlayer": {}}},
            },
        },
        "request": {
            "type": "IntentRequest",
            "requestId": "amzn1.echo-api.request.EXAMPLE",
            "timestamp": "2026-11-23T12:00:00Z",
            "locale": "en-US",
            "intent": {"name": "MyColorIsIntent", "slots": {"Color": {"name": "Color", "value": "blue"}}},
        },
    }


def alexa_home() -> dict[str, Any]:
    """A directive of a smart home skill."""
    return {
        "directive": {
            "header": {
                "namespace": "Alexa.PowerController",
                "name": "TurnOn",
                "payloadVersion": "3",
                "messageId": "1bd5d003-31b9-476f-ad03-71d471922820",
                "correlationToken": "dFMb0z+PgpgdDmluhJ1LddFvSqZ/jCc8ptlAKulUj90jSqg==",
            },
            "endpoint": {
                "scope": {"type": "BearerToken", "token": "access-token-from-skill"},
                "endpointId": "endpoint-001",
                "cookie": {},
            },
            "payload": {},
        }
    }


def iot() -> dict[str, Any]:
    """A rule of AWS IoT with SELECT *: the message as the device has sent it."""
    return {"device": "thermometer-7", "temperature": 21.5, "at": 1795435200}


def iot_thing() -> dict[str, Any]:
    """A registry event: a thing was made."""
    return {
        "eventType": "THING_EVENT",
        "eventId": "f5ae9b94-8b8e-4d8e-8c8f-b3266dd89853",
        "timestamp": 1234567890123,
        "operation": "CREATED",
        "accountId": "123456789012",
        "thingId": "b604f69c-aa9a-4d4a-829e-c480e958a0b5",
        "thingName": "thermometer-7",
        "versionNumber": 1,
        "thingTypeName": None,
        "attributes": {"room": "kitchen", "region": REGION},
    }
