"""A model made from the catalogue alone, for a city that has no labelled messages yet: the same interface as a trained
one. It knows every level-1 label of the catalogue, in both languages, and needs no file.

What the subject line says counts twice: it stands for itself and within the whole.
"""

from linli.core.catalogue import Catalogue
from linli.understanding import classify, evidence
from linli.understanding.lexicon import folded
from linli.understanding.text import clean

SPARED = 0.002
"""The least share of a label of which nothing was said."""


class Cold:
    """Level-1 probabilities by the catalogue's keywords and example sentences."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.version = f"cold+{catalogue.version}"
        self.labels: tuple[str, ...] = tuple(node.names.zh for node in catalogue.tree)
        self.figures: dict[str, float] = {}
        self._tops = tuple(node.code for node in catalogue.tree)
        self._index = evidence.index_of(catalogue)
        self._catalogue = catalogue  # keeps the index alive

    def probabilities(self, subject: str, detail: str = "") -> dict[str, float]:
        """By level-1 name, summing to 1. The best one has the confidence that its words earned on real messages."""
        sums: dict[str, float] = {}
        for text in (subject, f"{subject}。{detail}") if detail else (subject,):
            for code, total in self._seen(text).totals().items():
                sums[code] = sums.get(code, 0.0) + total
        found = classify.by_words(self._index, sums, SPARED)
        whole = sum(found.values())
        return {label: found[top] / whole for label, top in zip(self.labels, self._tops, strict=True)}

    def speaks(self, subject: str, detail: str, label: str, most: int = 5) -> tuple[str, ...]:
        """The catalogue's words in the message that speak for *label*, strongest first."""
        top = dict(zip(self.labels, self._tops, strict=True)).get(label, "")
        seen = self._seen(f"{subject}。{detail}" if detail else subject)
        words = {word: w for code, said in seen.words.items() if code.startswith(f"{top}.") for word, w in said}
        return tuple(sorted(words, key=lambda word: (-words[word], word))[:most])

    def _seen(self, text: str) -> evidence.Evidence:
        text = folded(clean(text)[0])
        return evidence.weigh(self._index, text, self._index.lexicon.scan(text))
