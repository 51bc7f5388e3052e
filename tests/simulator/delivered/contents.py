"""What is sent through the triggers: contents that vary as widely as AWS lets them."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

# What SQS and SNS refuse (XML 1.0 has no place for it) and what an expression of a scenario would be.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t"), max_size=40).filter(
    lambda text: "{{" not in text
)
WORDS = st.text(st.sampled_from("abcdefgABCDEFG0123456789-_"), min_size=1, max_size=12)


@dataclass(frozen=True)
class Content:
    """``text`` may be empty, ``data`` is any bytes, ``words`` are names, ``subject`` may be missing."""

    text: str = ""
    data: bytes = b""
    words: tuple[str, ...] = ()
    subject: str | None = None

    @property
    def body(self) -> str:
        """The text where none is refused."""
        return self.text or " "

    @property
    def attributes(self) -> dict[str, Any]:
        """Message attributes of every type, one a word."""
        binary = {"DataType": "Binary.png", "BinaryValue": {"file": "data.bin"}} if self.data else None
        kinds = (
            {"DataType": "String", "StringValue": self.body},
            {"DataType": "Number.int", "StringValue": "-3"},
            binary,
        )
        return {f"a{n}{word}": kind for n, (word, kind) in enumerate(zip(self.words, kinds, strict=False)) if kind}

    @property
    def files(self) -> dict[str, bytes]:
        return {"data.bin": self.data}


CONTENTS = st.builds(
    Content,
    TEXT,
    st.binary(max_size=40),
    st.lists(WORDS, max_size=3).map(tuple),
    st.one_of(st.none(), WORDS),
)
EXAMPLES = {
    "nothing": Content(),
    "unicode": Content("Grüße, 東京 🛒\n\t\u200f", "Grüße 🛒".encode(), ("kind", "a_b", "photo"), "An order"),
    "JSON": Content('{"order": 17, "when": null}', b'{"order": 17}', ("kind",)),
    "long and binary": Content("x" * 5_000, bytes(range(256)) * 20, ("n" * 40, "b", "c"), "s" * 99),
}
