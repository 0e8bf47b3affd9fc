"""Words put into their templates: text and HTML, in French."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifications.domain.letters import Facts
from services.notifications.domain.mail import Letter
from services.notifications.domain.notices import NOTICES, Notice
from services.notifications.domain.words import clean

FOLDER = Path(__file__).parent.parent / "templates"


class Letters:
    """The templates, loaded once; one that is missing stops the start."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=lambda name: bool(name and name.endswith(".html")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates = {
            f"{row.template}.{form}": self._environment.get_template(f"{row.template}.{form}")
            for row in NOTICES
            for form in ("txt", "html")
        }

    def write(self, notice: Notice, facts: Facts) -> Letter:
        """The words of a mail."""
        subject = clean(notice.subject.format_map(facts))
        text, html = (
            self._templates[f"{notice.template}.{form}"].render(facts, subject=subject)
            for form in ("txt", "html")
        )
        return Letter(subject, text, html)
