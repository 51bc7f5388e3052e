import re

import pytest
from django.core import mail
from django.test import Client

from lambdalab.accounts.models import User


def link_for(client: Client, address: str) -> str:
    client.post("/password-reset/", {"email": address})
    found = re.search(r"https?://testserver(\S+)", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def test_a_link_in_the_mail_sets_a_new_password_once(client: Client, ada: User) -> None:
    link = link_for(client, "ada@example.org")
    page = client.get(link, follow=True)
    new = {"new_password1": "a new sentence", "new_password2": "a new sentence"}
    done = client.post(page.redirect_chain[-1][0], new, follow=True)
    assert b"Your password is changed" in done.content
    ada.refresh_from_db()
    assert ada.check_password("a new sentence")
    assert b"does not work any more" in Client().get(link, follow=True).content


@pytest.mark.django_db
def test_an_unknown_address_gets_the_same_page_and_no_mail(client: Client) -> None:
    response = client.post("/password-reset/", {"email": "nobody@example.org"}, follow=True)
    assert b"Look into your mail" in response.content
    assert mail.outbox == []


def test_a_mailbox_cannot_be_filled_with_links(client: Client, ada: User) -> None:
    for _each in range(7):
        client.post("/password-reset/", {"email": "ada@example.org"})
    assert len(mail.outbox) == 5


def test_the_mail_tells_the_user_name_and_is_plain_text(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(name="<b>Ada</b>")
    link_for(client, "ada@example.org")
    assert mail.outbox[0].subject == "A new password for lambdalab"
    assert "Hello <b>Ada</b>" in mail.outbox[0].body
    assert not getattr(mail.outbox[0], "alternatives", [])
