"""The instructor's class pages. Access is decided by `accounts.access`."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lambdalab.accounts import access, queries, services
from lambdalab.accounts.models import SchoolClass
from lambdalab.classroom.contexts import class_page
from lambdalab.classroom.export import as_csv
from lambdalab.classroom.forms import ClassForm, InstructorForm
from lambdalab.web.htmx import UNPROCESSABLE, HtmxRequest, render_page, see_other

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def class_list(request: HtmxRequest) -> HttpResponse:
    """The classes that the reader teaches; a student's own are on the account page."""
    if not request.user.is_instructor:
        return see_other(request, "account")
    classes = queries.classes_with_counts(request.user)
    return render_page(request, "classroom/class_list.html", {"classes": classes})


@form_page
def class_new(request: HtmxRequest) -> HttpResponse:
    """Open a class."""
    access.require_instructor(request.user)
    form = ClassForm(request.POST or None, initial={"time_zone": request.user.time_zone})
    if form.is_valid():
        school_class = services.class_create(instructor=request.user, **form.cleaned_data)
        return see_other(request, "class-detail", school_class.pk)
    return _form(request, "classroom/class_new.html", form)


@require_GET
def class_detail(request: HtmxRequest, class_id: int) -> HttpResponse:
    """The members and how far they are."""
    school_class = access.class_for_instructor(request.user, class_id)
    return render_page(
        request, "classroom/class_detail.html", {"page": class_page(school_class)}, fragments={"progress"}
    )


@form_page
def class_settings(request: HtmxRequest, class_id: int) -> HttpResponse:
    """Name, zone, join code and instructors of a class."""
    school_class = access.class_for_instructor(request.user, class_id)
    form = ClassForm(request.POST or None, initial={"name": school_class.name, "time_zone": school_class.time_zone})
    if form.is_valid():
        services.class_update(school_class=school_class, **form.cleaned_data)
        messages.success(request, _("The class is saved."))
        return see_other(request, "class-settings", class_id)
    return _settings(request, school_class, form=form)


@require_POST
def class_instructor(request: HtmxRequest, class_id: int) -> HttpResponse:
    """Let another instructor teach in the class."""
    school_class = access.class_for_instructor(request.user, class_id)
    form = InstructorForm(request.POST)
    if form.is_valid():
        try:
            services.class_add_instructor(school_class=school_class, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return see_other(request, "class-settings", class_id)
    return _settings(request, school_class, instructor_form=form)


@require_POST
def class_code(request: HtmxRequest, class_id: int) -> HttpResponse:
    """Replace the join code."""
    school_class = access.class_for_instructor(request.user, class_id)
    services.class_rotate_code(school_class=school_class)
    messages.success(request, _("The class has a new join code. The old one opens nothing any more."))
    return see_other(request, "class-settings", class_id)


@require_POST
def member_remove(request: HtmxRequest, class_id: int, user_id: int) -> HttpResponse:
    """Take a member or an instructor out of the class."""
    school_class = access.class_for_instructor(request.user, class_id)
    membership = get_object_or_404(school_class.memberships.select_related("user"), user_id=user_id)
    try:
        services.membership_remove(membership=membership)
    except ValidationError as refused:
        messages.error(request, refused.message)
    else:
        name = membership.user.name
        messages.success(request, _("%(name)s is no longer in the class.") % {"name": name})
    return see_other(request, "class-detail", class_id)


@require_GET
def class_csv(request: HtmxRequest, class_id: int) -> HttpResponse:
    """The same table for a spreadsheet."""
    school_class = access.class_for_instructor(request.user, class_id)
    response = HttpResponse(as_csv(class_page(school_class)), content_type="text/csv; charset=utf-8")
    name = slugify(school_class.name) or "class"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _settings(
    request: HtmxRequest,
    school_class: SchoolClass,
    *,
    form: ClassForm | None = None,
    instructor_form: InstructorForm | None = None,
) -> HttpResponse:
    initial = {"name": school_class.name, "time_zone": school_class.time_zone}
    context = {
        "page": class_page(school_class),
        "instructor_form": instructor_form or InstructorForm(),
    }
    return _form(request, "classroom/class_settings.html", form or ClassForm(initial=initial), context)


def _form(
    request: HtmxRequest, template: str, form: ClassForm, context: dict[str, object] | None = None
) -> HttpResponse:
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, template, {"form": form, **(context or {})}, status=status)
