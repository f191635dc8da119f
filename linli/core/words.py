"""Texts that a declaration carries in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Chinese (first) and English."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """The text for a language tag such as ``zh-hans`` or ``en``; Chinese unless English is asked for."""
        return self.en if language.startswith("en") else self.zh

    def filled(self, params: Mapping[str, object]) -> "Words":
        """Both texts with ``{name}`` places filled from *params*; a parameter that is ``Words`` goes in by language."""
        zh = {k: v.zh if isinstance(v, Words) else v for k, v in params.items()}
        en = {k: v.en if isinstance(v, Words) else v for k, v in params.items()}
        return Words(self.zh.format_map(zh), self.en.format_map(en))


NO_WORDS = Words("", "")
