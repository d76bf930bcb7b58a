# SPDX-License-Identifier: Apache-2.0
"""As much reading of C as the checks need: tokens, functions, prototypes."""

import re

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<cpp>^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d[\w.]*)
  | (?P<punct>->|\+\+|--|&&|\|\||<<=?|>>=?|[-+*/%&|^!=<>]=|\.\.\.|[^\s\w])
""", re.X | re.S | re.M)


class Token:
    __slots__ = ("kind", "text", "line")

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line

    def __repr__(self):
        return f"{self.text}@{self.line}"


def tokens(text, comments=False):
    out, line, last = [], 1, 0
    for m in TOKEN.finditer(text):
        line += text.count("\n", last, m.start())
        last = m.start()
        if m.lastgroup == "cpp" or m.lastgroup == "comment" and not comments:
            continue
        out.append(Token(m.lastgroup, m[0], line))
    return out


CLOSES = {"(": ")", "{": "}", "[": "]"}


def skip_group(toks, i):
    """The index after the group that opens at i."""
    stack = []
    while i < len(toks):
        t = toks[i].text
        if t in CLOSES:
            stack.append(CLOSES[t])
        elif stack and t == stack[-1]:
            stack.pop()
            if not stack:
                return i + 1
        i += 1
    return i


def split_params(toks):
    """The parameters between, not including, the parentheses."""
    params, current, depth = [], [], 0
    for t in toks:
        if t.text in "([{":
            depth += 1
        elif t.text in ")]}":
            depth -= 1
        if t.text == "," and depth == 0:
            params.append(current)
            current = []
        else:
            current.append(t)
    if current and [t.text for t in current] != ["void"]:
        params.append(current)
    return params


def param_name(toks):
    """The name a parameter declares, or None: `...`, or none given."""
    for i, t in enumerate(toks):
        if t.text == "(" and i + 2 < len(toks) and toks[i + 1].text == "*":
            return toks[i + 2].text
    words = [t for i, t in enumerate(toks) if t.kind == "word"
             and not (i and toks[i - 1].text == "[")]
    return words[-1].text if len(words) > 1 else None


class Function:
    """A definition: its name, where it is, its parameters and its body."""

    def __init__(self, name, line, end, params, body):
        self.name, self.line, self.end = name, line, end
        self.params, self.body = params, body

    @property
    def length(self):
        return self.end - self.line + 1


def functions(text):
    toks = tokens(text)
    found, i = [], 0
    while i < len(toks):
        t = toks[i]
        if t.kind == "word" and i + 1 < len(toks) and toks[i + 1].text == "(":
            close = skip_group(toks, i + 1)
            if close < len(toks) and toks[close].text == "{":
                end = skip_group(toks, close)
                found.append(Function(
                    t.text, t.line, toks[end - 1].line,
                    split_params(toks[i + 2:close - 1]), toks[close:end]))
                i = end
                continue
            i = close
        elif t.text == "{":
            # extern "C" is entered, everything else at top level skipped.
            opens = i > 1 and toks[i - 1].text == '"C"'
            i = i + 1 if opens else skip_group(toks, i)
        else:
            i += 1
    return found


class Measure:
    """Walks one body: deepest nesting of control, and decisions taken.

    A switch is one decision however many cases it has: a table written as
    code is not hard to follow.
    """

    CONTROL = {"if", "for", "while", "switch"}

    def __init__(self, body):
        self.toks, self.i = body, 0
        self.nesting = 0
        words = [t.text for t in body]
        self.complexity = 1 + sum(words.count(w) for w in (
            "if", "for", "while", "switch", "&&", "||", "?"))
        self.gotos = words.count("goto")
        self.statement(0)

    def text(self, ahead=0):
        i = self.i + ahead
        return self.toks[i].text if i < len(self.toks) else ""

    def group(self):
        self.i = skip_group(self.toks, self.i)

    def block(self, depth):
        self.i += 1
        while self.i < len(self.toks) and self.text() != "}":
            self.statement(depth)
        self.i += 1

    def controlled(self, depth):
        self.nesting = max(self.nesting, depth + 1)
        self.statement(depth + 1)

    def statement(self, depth):
        word = self.text()
        if word == "{":
            self.block(depth)
        elif word in self.CONTROL:
            self.i += 1
            self.group()
            self.controlled(depth)
            if word == "if" and self.text() == "else":
                self.i += 1
                if self.text() == "if":
                    self.statement(depth)
                else:
                    self.controlled(depth)
        elif word == "do":
            self.i += 1
            self.controlled(depth)
            self.simple()
        elif word in ("case", "default"):
            while self.text() not in (":", ""):
                self.i += 1
            self.i += 1
        elif self.text(1) == "(" and self.macro_loop():
            self.i += 1
            self.group()
            self.controlled(depth)
        else:
            self.simple()

    def macro_loop(self):
        after = skip_group(self.toks, self.i + 1)
        return after < len(self.toks) and self.toks[after].text == "{"

    def simple(self):
        while self.i < len(self.toks) and self.text() not in (";", "}"):
            if self.text() in CLOSES:
                self.group()
            else:
                self.i += 1
        if self.text() == ";":
            self.i += 1
