"""Mails as we write them: a template and the values of a case become a draft, and the draft is checked word by word.

    templates/emails/<name>.txt --load_templates--> Templates --render(name, values)--> Rendered(subject, body, findings)
                                                        └ lint(name, subject, body, values): the same checks after an edit

A draft with findings cannot be approved. A mail with a blank in it is never written: a value that is not known is a finding
"missing: <fact>" and the draft has no text. Values may come from mail and are only ever inserted as plain text; templates
come from disk and may only fill in and choose (docs/spec/safety.md rows 4, 5, 8, 29; I10).
"""

from supportbot.drafting.lint import FORBIDDABLE, REQUIRABLE, links_in
from supportbot.drafting.loading import load_templates
from supportbot.drafting.templates import Rendered, Template, Templates
from supportbot.drafting.values import NAMES
from supportbot.drafting.vocabulary import ANSWERS, KNOWN_CARRIERS

__all__ = [
    "ANSWERS",
    "FORBIDDABLE",
    "KNOWN_CARRIERS",
    "NAMES",
    "REQUIRABLE",
    "Rendered",
    "Template",
    "Templates",
    "links_in",
    "load_templates",
]
