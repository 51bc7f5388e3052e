"""The way from an address to a lab and to what a person has done in it."""

from uuid import UUID

from django.http import Http404

from lambdalab.accounts.models import User
from lambdalab.curriculum import Lab, Topic
from lambdalab.playground.models import LabDraft
from lambdalab.runs import access as runs
from lambdalab.runs.models import Run
from lambdalab.web import content_sync


def lab_for_reader(topic_slug: str, slug: str) -> tuple[Topic, Lab]:
    """A lab and its topic."""
    try:
        topic = content_sync.course().topic(topic_slug)
        return topic, topic.lab(slug)
    except KeyError:
        raise Http404 from None


def draft_of(user: User, lab: Lab) -> LabDraft:
    """What `user` has written in `lab`; an empty, unsaved draft when nothing."""
    return LabDraft.objects.filter(user=user, lab=lab.uuid).first() or LabDraft(user=user, lab=lab.uuid)


def run_of_lab(user: User, lab: Lab, run_id: UUID) -> Run:
    """A run of `lab` that `user` may see: their own, or a student's they teach."""
    run = runs.run_for_reader(user, run_id)
    if run.subject != str(lab.uuid):
        raise Http404
    return run
