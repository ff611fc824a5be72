"""What the program writes down about itself: lines for people, or JSON for a collector. No secrets, no addresses."""

import json
import logging
import traceback

from fundlaunch.settings import Settings

CHATTY = ("httpx", "alembic", "uvicorn.error")
"""Libraries whose everyday lines would drown ours."""


class JsonLine(logging.Formatter):
    """One JSON object a line: at, level, from, says, and trace where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Send log lines to standard error in the form the settings ask for; once for each process."""
    out = logging.StreamHandler()
    if settings.log_format == "json":
        out.setFormatter(JsonLine())
    else:
        out.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[out])
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
