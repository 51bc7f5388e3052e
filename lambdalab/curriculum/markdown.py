"""Markdown to safe HTML: CommonMark with tables, highlighted code and glossary terms; never raw HTML."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from lambdalab.curriculum.model import Term

CONTAINERS = ("check", "note", "exam", "misconception", "try")
GLOSSARY_URL = "/glossary/"

TermLookup = Mapping[str, Term]
"""Terms by each of their spellings in lower case."""


def _code(code: str, language: str, _attrs: str = "") -> str:
    """A highlighted block. It can be focused, because it may scroll sideways."""
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    inner = highlight(code, lexer, HtmlFormatter(nowrap=True))
    name = html.escape(language)
    return f'<pre class="code" tabindex="0"><code class="hl language-{name}">{inner}</code></pre>'


def lesson_parser() -> MarkdownIt:
    """The Markdown of lessons: with our containers and `[word]{.term}`."""
    parser = MarkdownIt("commonmark", {"html": False, "highlight": _code, "typographer": True})
    parser.enable(["table", "smartquotes", "replacements"])
    parser.use(attrs_plugin, spans=True, allowed=["class"])
    for name in CONTAINERS:
        parser.use(container_plugin, name)
    return parser


def _plain_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "highlight": _code, "typographer": True})
    return parser.enable(["table", "smartquotes", "replacements"]).disable("image")


_PLAIN = _plain_parser()
_CLASSES = {
    "pre": {"class", "tabindex"},
    "code": {"class"},
    "span": {"class"},
    "a": {"href", "title"},
    "ol": {"start"},
}
_TAGS = {
    *("p", "em", "strong", "code", "pre", "span", "ul", "ol", "li", "blockquote", "a", "br", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td", "h3", "h4"),
}


def render(text: str) -> str:
    """Block Markdown, whoever typed it, as HTML that is safe to put on a page."""
    rendered: str = nh3.clean(_PLAIN.render(text), tags=_TAGS, attributes=_CLASSES)
    return rendered.strip()


def render_inline(text: str) -> str:
    """Markdown without a paragraph around it when it is one paragraph (an option, a reason)."""
    rendered = render(text)
    inner = rendered.removeprefix("<p>").removesuffix("</p>")
    return rendered if "<p>" in inner or not rendered.startswith("<p>") else inner


class TermLinker:
    """Turns `[word]{.term}` into a link to the glossary that carries its definition.

    The definition stands beside the link as a tooltip that the style sheet shows on focus and hover,
    so it works without a script. Ids are numbered within one lesson. Words that the glossary does not
    know go to ``unknown`` with the line of their block.
    """

    def __init__(self, terms: TermLookup, unknown: Callable[[str, int], None]) -> None:
        self.terms, self.unknown, self.count = terms, unknown, 0

    def apply(self, tokens: list[Token]) -> None:
        """Replace the term spans in ``tokens``, in place."""
        for token in tokens:
            if token.type == "inline" and token.children:
                token.children = self._children(token.children, (token.map or [0])[0])

    def _children(self, children: list[Token], line: int) -> list[Token]:
        result: list[Token] = []
        index = 0
        while index < len(children):
            child = children[index]
            if child.type == "span_open" and "term" in str(child.attrs.get("class", "")).split():
                end = next(i for i in range(index, len(children)) if children[i].type == "span_close")
                result.append(self._link(children[index + 1 : end], line))
                index = end
            else:
                result.append(child)
            index += 1
        return result

    def _link(self, inside: list[Token], line: int) -> Token:
        word = "".join(token.content for token in inside)
        term = self.terms.get(word.lower())
        content = html.escape(word)
        if term is None:
            self.unknown(word, line)
        else:
            self.count += 1
            tip = f"term-{term.slug}-{self.count}"
            target = f"{GLOSSARY_URL}#{term.slug}"
            link = f'<a class="term-word" href="{target}" aria-describedby="{tip}">{content}</a>'
            definition = html.escape(term.text)
            tooltip = f'<span class="term-definition" role="tooltip" id="{tip}">{definition}</span>'
            content = f'<span class="term">{link}{tooltip}</span>'
        return Token("html_inline", "", 0, content=content)


def render_tokens(parser: MarkdownIt, tokens: list[Token], env: MutableMapping[str, Any]) -> str:
    """Some top-level tokens of a parsed text as HTML."""
    rendered: str = parser.renderer.render(tokens, parser.options, env)
    return rendered.strip()
