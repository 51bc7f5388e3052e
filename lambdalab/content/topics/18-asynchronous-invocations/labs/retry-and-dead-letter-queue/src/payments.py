"""The payment provider, as this lab meets it. You cannot edit this file."""

import datetime
import time

# On this morning the provider's American Express line is down until 09:00:30.
AMEX_IS_BACK = datetime.datetime(2025, 12, 1, 9, 0, 30, tzinfo=datetime.timezone.utc)


class CardDeclined(Exception):
    """The bank says no. It will say no every time."""


class ProviderUnavailable(Exception):
    """The provider does not answer. It may answer later."""


def charge(card, total):
    """Charge ``total`` to ``card`` and return the receipt's number."""
    time.sleep(0.25)  # the provider's answer takes a quarter of a second
    if card["number"].endswith("0341"):
        raise CardDeclined("card ending 0341 was declined")
    if card["network"] == "amex" and datetime.datetime.now(datetime.timezone.utc) < AMEX_IS_BACK:
        raise ProviderUnavailable("the provider's amex line is down")
    return f"receipt-{card['number'][-4:]}-{total}"
