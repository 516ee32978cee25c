"""Text types with marks of their own, as plain lines: format=flowed (RFC 3676) and text/enriched (RFC 1896)."""

import re

_PARAM = re.compile(r"<param>[^<]{0,2000}</param>", re.IGNORECASE)
_COMMAND = re.compile(r"<(?!<)/?[A-Za-z0-9-]{1,60}>")
_RICH_BREAK = re.compile(r"<(?:nl|np)>", re.IGNORECASE)
_LINE_RUN = re.compile(r"\n++")


def unflow(text: str, *, delete_space: bool) -> str:
    """The paragraphs of format=flowed text: soft breaks joined within one quote depth, stuffed blanks removed."""
    out: list[str] = []
    joining: list[str] = []
    depth = 0

    def flush() -> None:
        if joining:
            out.append(">" * depth + " " * bool(depth) + "".join(joining))
            joining.clear()

    for line in text.replace("\r\n", "\n").split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        content = line[marks:].removeprefix(" ")
        if marks != depth or content in ("-- ", ""):
            flush()
        depth = marks
        soft = content.endswith(" ") and content != "-- "
        joining.append(content[:-1] if soft and delete_space else content)
        if not soft:
            flush()
    flush()
    return "\n".join(out)


def enriched(text: str, *, richtext: bool = False) -> str:
    """The words of text/enriched: a single line break is a blank, n of them are n - 1; `richtext` is RFC 1341's older form."""
    text = _PARAM.sub("", text.replace("\r\n", "\n"))
    if richtext:
        text = _RICH_BREAK.sub("\0", text.replace("\n", " ").replace("<lt>", "<<"))
    else:
        text = _LINE_RUN.sub(lambda run: " " if len(run[0]) == 1 else "\n" * (len(run[0]) - 1), text)
    return _COMMAND.sub("", text.replace("<<", "\1")).replace("\1", "<").replace("\0", "\n")
