"""Documents and worlds by hand: each line that is written becomes text and value at once, with its place."""

from dataclasses import replace

from golive.protocol.contracts.learn import learn
from golive.protocol.document import Directive, Document, Fence, Gate, Item, Place, Placeholder, Section, Step
from golive.protocol.world import Script, World


class Draft:
    """A protocol that grows line by line."""

    def __init__(self, title="PROTOCOL 6: OPERATIONS"):
        self.lines = []
        self.sections, self.steps, self.gates, self.fences = [], [], [], []
        self.write(f"# {title}")

    def write(self, text):
        self.lines.append(text)
        return Place(line=len(self.lines))

    def section(self, kind, heading=""):
        at = self.write(f"## {heading or kind.upper()}")
        self.sections.append(Section(kind=kind, heading=heading or kind.upper(), level=2, at=at))
        self.into = self.sections
        return self

    def step(self, id, title="DO IT", **more):
        at = self.write(f"### STEP {id}: {title}")
        self.steps.append(Step(id=id, title=title, at=at, **more))
        self.into = self.steps
        return self

    def gate(self, id, title="A Gate", **more):
        at = self.write(f"### Gate {id}: {title}")
        self.gates.append(Gate(id=id, title=title, at=at, **more))
        self.into = self.gates
        return self

    def item(self, text, number="", **more):
        at = self.write(f"{number + '.' if number else '-'} {text}")
        if self.into is self.gates:
            self._add("criteria", text)
        else:
            held = "actions" if self.into is self.steps else "items"
            self._add(held, Item(text=text, at=at, number=number, **more))
        return self

    def run(self, text, argv=None, origin="directive"):
        at = self.write(f"{{SCRIPT: {text}}}")
        holes = tuple(
            Placeholder(name=word[1:-1], text=word, at=Place(line=at.line, column=10 + text.index(word)))
            for word in text.split()
            if word[0] in "<{" and word[-1] in ">}"
        )
        words = tuple(argv or text.split())
        self._add("directives", Directive(argv=words, text=text, at=at, origin=origin, placeholders=holes))
        return self

    def fence(self, *body):
        at = self.write("```")
        for line in body:
            self.write(line)
        self.write("```")
        self.fences.append(Fence(language="", name="", body="".join(f"{line}\n" for line in body), at=at))
        return self

    def _add(self, held, one):
        last = self.into[-1]
        self.into[-1] = replace(last, **{held: (*getattr(last, held), one)})

    def document(self, **more):
        return Document(
            text="\n".join(self.lines) + "\n",
            sections=tuple(self.sections),
            steps=tuple(self.steps),
            gates=tuple(self.gates),
            fences=tuple(self.fences),
            **more,
        )


def script(path, source, **more):
    """A script as a driver would find it."""
    facts = {"state": "file", "executable": True, "first_line": source.split("\n")[0], **more}
    return Script(path=path, contract=learn(source, path), **facts)


def world(*scripts, exists=()):
    return World(scripts={one.path: one for one in scripts}, exists=dict(exists))


FINE = '#!/bin/sh\n# golive: effect=reads\n# golive: values 0..*\n# golive: flag --env VALUE\nexec x "$@"\n'


def fine(path, effect="reads"):
    """A script that takes anything, with a declared effect."""
    return script(path, FINE.replace("effect=reads", f"effect={effect}"))
