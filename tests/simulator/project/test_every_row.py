"""Every row of the table of resource types in docs/labs.md: deployed from a template, and something sent through it.

What each type does exactly is tested elsewhere. Here stands that all of them can be deployed and have their effect: for
each type a query over the summary, which says something else when the resources of the type are taken away.
"""

from functools import cache
from typing import Any

import jmespath
import pytest

from lambdalab.simulator.project.deploy import registered_types
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import Template, read_template
from tests.simulator.playing import CODE, Played, play, steps
from tests.simulator.project.rows.table import ROWS

PROOFS = [(row, kind) for row, each in ROWS.items() for kind in each.proofs]
SAM = "AWS::Serverless::"  # gone once a template is read: what each of them becomes is taken away
# What they belong to works without them, too, and each says why.
SUPERFLUOUS = {
    "AWS::ApiGateway::Deployment": "a stage serves what the template says, not what a deployment has frozen",
    "AWS::ApiGatewayV2::Deployment": "a stage serves what the template says, not what a deployment has frozen",
    "AWS::RDS::DBProxyTargetGroup": "a proxy takes connections whatever stands behind it: no SQL is spoken",
}


@cache
def template(row: str) -> Template:
    return read_template({**CODE, **ROWS[row].files, "template.yaml": ROWS[row].template.encode()})


@cache
def played(row: str) -> Played:
    each = ROWS[row]
    return play(each.template, steps(*each.steps, **each.scenario), each.script, files=each.files)


def without(row: str, kind: str) -> dict[str, Any]:
    """The row's template, all references resolved, with no resource of one type."""
    kept: dict[str, Any] = {}
    for name, resource in template(row).resources.items():
        if resource.type != kind:
            kept[name] = {"Type": resource.type, "Properties": resource.properties}
            if resource.update_policy:
                kept[name]["UpdatePolicy"] = resource.update_policy
    return {"Resources": kept}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_deployed_and_plays(row: str) -> None:
    assert played(row).stopped is None or "until" in ROWS[row].scenario


@pytest.mark.parametrize(("row", "kind"), PROOFS)
def test_something_goes_through_a_resource_type(row: str, kind: str) -> None:
    query, wanted = ROWS[row].proofs[kind]
    assert jmespath.search(query, played(row).summary) == wanted


@pytest.mark.parametrize(("row", "kind"), [each for each in PROOFS if not each[1].startswith(SAM)])
def test_nothing_goes_through_when_it_is_taken_away(row: str, kind: str) -> None:
    each = ROWS[row]
    query, wanted = each.proofs[kind]
    rest = without(row, kind)
    assert len(rest["Resources"]) < len(template(row).resources)
    try:
        poorer = play(rest, steps(*each.steps, **each.scenario), each.script, files=each.files)
    except ProjectError:  # something names it
        return
    assert (jmespath.search(query, poorer.summary) == wanted) == (kind in SUPERFLUOUS)


def test_every_registered_type_has_its_proof() -> None:
    proven = {kind for _, kind in PROOFS}
    assert registered_types() - proven == set()
    assert {kind for kind in proven if not kind.startswith((SAM, "Custom::"))} <= registered_types()
