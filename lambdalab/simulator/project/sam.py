"""SAM's types expanded into CloudFormation's, by AWS's own translator."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import managed_policies
from lambdalab.simulator.project.dependencies import origin
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.yaml_source import Path, Source
from lambdalab.simulator.vocabulary.arns import REGION

TYPES = (
    "AWS::Serverless::StateMachine",
    "AWS::Serverless::Function",
    "AWS::Serverless::LayerVersion",
    "AWS::Serverless::SimpleTable",
)
"""What it makes of types that take effect here."""
_NAMED = re.compile(r"\[(\w+)\]")
_UNKNOWN_PROPERTY = re.compile(r"property (\S+) not defined for resource of type (\S+)")


def expanded(source: Source, document: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template without SAM's types. Raises :class:`ProjectError` with everything that the translator refuses."""
    if not any(str(r.get("Type", "")).startswith("AWS::Serverless::") for r in document["Resources"].values()):
        return document
    import boto3  # the translator wants a session for the Region's name; nothing is ever sent
    from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.utils.py27hash_fix import to_py27_compatible_template, undo_mark_unicode_str_in_template

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of switches inside AWS
    to_py27_compatible_template(document, values)
    session = boto3.session.Session(region_name=REGION)
    metrics = Metrics("ServerlessTransform", DummyMetricsPublisher())
    translator = Translator(managed_policies.arns(), Parser(), boto_session=session, metrics=metrics)
    try:
        translated = translator.translate(document, parameter_values=dict(values))
    except InvalidDocumentException as error:
        raise ProjectError([_problem(source, cause) for cause in error.causes]) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # it expects shapes that nobody checked
        text = f"SAM's translator cannot read this template ({type(error).__name__}: {error})."
        raise ProjectError([source.problem(("Resources",), text)]) from None
    finally:
        metrics.publish()  # to nowhere; the translator complains when nobody does
    result: dict[str, Any] = undo_mark_unicode_str_in_template(translated)
    return result


def _problem(source: Source, cause: Any) -> Problem:
    message = str(getattr(cause, "message", cause))
    named = _NAMED.search(message)
    logical_id = origin(source, named[1]) if named else ""
    if logical_id not in source.value["Resources"]:
        return source.problem(("Resources",), message)
    path: Path = ("Resources", logical_id)
    unknown = _UNKNOWN_PROPERTY.search(message)
    if unknown is None:
        return source.problem(path, message)
    name, kind = unknown[1], unknown[2]
    here = next((each for each in source.places if each[:2] == path and each[-1] == name), path)
    return source.problem(here, message, source.meant(name, _properties(kind)))


def _properties(kind: str) -> list[str]:
    """The properties that SAM knows of one of its types, or of an event of a function."""
    from samtranslator.model import ResourceTypeResolver, sam_resources
    from samtranslator.model.eventsources import cloudwatchlogs, pull, push, scheduler

    known = ResourceTypeResolver(sam_resources, push, pull, scheduler, cloudwatchlogs).resource_types.get(kind)
    return [] if known is None else list(known.property_types)
