"""Gives tables without a header row one. README.md says by which rules.

Nothing but Python's standard library, and nothing of exlab-wizard: one line of JSON comes in on standard input,
lines of JSON go out on standard output, and the last of them says how it ended.
"""

import csv
import io
import json
import os
import re
import shutil
import sys

HEAD = 1024 * 1024
BOM = b"\xef\xbb\xbf"
PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}", re.ASCII)
VALUE = re.compile(
    r"(?:[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?\s*%?|nan|n/?a|[+-]?inf(?:inity)?|true|false)", re.I | re.ASCII
)
MOMENT = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{1,2}:\d{2}", re.ASCII)


def say(kind, **rest):
    """Writes one line of the protocol."""
    print(json.dumps({"kind": kind, **rest}), flush=True)


def text_of(value):
    """A value as text, as it stands in a form: whole numbers without a point, truth values in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_filled(value):
    return isinstance(value, (str, int, float)) and value != ""


def first_record(text, delimiter):
    """The first row; None when its quotes don't pair up, or when it goes on after the text."""
    csv.field_size_limit(HEAD)
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), []) or [""]
    except csv.Error:
        return None


def columns_of(variables):
    names = first_record(variables["py_csv_columns"], ",")
    return [PLACEHOLDER.sub(lambda found: text_of(variables[found[1]]), name).strip() for name in names]


def column_problems(variables):
    text = variables.get("py_csv_columns")
    if not isinstance(text, str) or text.strip() == "":
        return ["py_csv_columns must be the names of the columns, separated by commas"]
    if "\n" in text or "\r" in text:
        return ["py_csv_columns must be a single line"]
    if first_record(text, ",") is None:
        return ["py_csv_columns: its quotes don't pair up"]
    unknown = [name for name in dict.fromkeys(PLACEHOLDER.findall(text)) if not is_filled(variables.get(name))]
    if unknown:
        return [f"py_csv_columns uses {{{name}}}, which nobody has filled in" for name in unknown]
    columns = columns_of(variables)
    unnamed = [number for number, name in enumerate(columns, 1) if name == ""]
    repeated = [name for name in dict.fromkeys(columns) if name != "" and columns.count(name) > 1]
    return [f"py_csv_columns: column {number} has no name" for number in unnamed] + [
        f"py_csv_columns names the column {name} twice" for name in repeated
    ]


def problems_of(variables):
    problems = column_problems(variables)
    if not isinstance(variables.get("py_csv_files") or "", str):
        problems.append("py_csv_files must be names of files, separated by commas; * stands for anything")
    return problems


def selection_of(variables):
    globs = [glob.strip() for glob in (variables.get("py_csv_files") or "").split(",") if glob.strip()]

    def pattern_of(glob):
        return re.compile("[^/]*".join(re.escape(part) for part in re.split(r"\*+", glob)))

    def selects(file):
        name = file.rsplit("/", 1)[-1]
        chosen = any(pattern_of(glob).fullmatch(file if "/" in glob else name) for glob in globs)
        return not name.startswith(".") and (chosen or not globs)

    return selects


def looks_like_header(cells):
    names = [cell.strip() for cell in cells]
    return len(set(names)) == len(names) and all(
        name != "" and not VALUE.fullmatch(name) and not MOMENT.match(name) for name in names
    )


def delimiter_of(file, text):
    if file.lower().endswith(".tsv"):
        return "\t"
    line = re.sub(r'"(?:[^"]|"")*"', "", text)
    line = re.split("[\\r\\n]", line, maxsplit=1)[0]
    return ";" if line.count(";") > line.count(",") else ","


def quoted(cell, delimiter):
    needs = delimiter in cell or re.search(r'["\r\n]|^\s|\s$', cell)
    return '"' + cell.replace('"', '""') + '"' if needs else cell


def insert(path, bom, header):
    """Writes the header between the byte order mark and the rest, through a second file: tables may be long."""
    beside = path + ".with-header"
    with open(path, "rb") as old, open(beside, "xb") as new:
        old.seek(len(bom))
        new.write(bom + header.encode())
        shutil.copyfileobj(old, new)
    shutil.copymode(path, beside)
    os.replace(beside, path)


def transform(file, columns):
    """Gives back what was done, with a word on it; raises ValueError for a table that doesn't fit."""
    with open(file, "rb") as table:
        head = table.read(HEAD)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("is UTF-16 text; save it as UTF-8")
    bom = BOM if head.startswith(BOM) else b""
    text = head[len(bom) :].decode("utf-8", "replace")
    if "\0" in text:
        raise ValueError("is no text")
    delimiter = delimiter_of(file, text)
    line_end = (re.search("\r\n|\n|\r", text) or ["\n"])[0]
    if text != "":
        first = first_record(text, delimiter)
        if first is None:
            raise ValueError("its first row is longer than 1 MiB, or its quotes don't pair up")
        if looks_like_header(first):
            return "skipped", "has this header row" if first == columns else "has a header row"
        if len(first) != len(columns):
            raise ValueError(f"its first row has {len(first)} cells, and py_csv_columns names {len(columns)}")
    header = delimiter.join(quoted(name, delimiter) for name in columns)
    insert(file, bom, header + line_end)
    return "modified", header


def main():
    order = json.loads(sys.stdin.readline())
    variables = order["context"]["variables"]
    if order["mode"] == "validate":
        return say("result", errors=problems_of(variables))
    columns, selects, problems = columns_of(variables), selection_of(variables), []
    # The working directory is the tree: paths of files are relative to it.
    files = [file for file in order["files"] if selects(file)]
    for number, file in enumerate(files, 1):
        say("progress", file=file, current=number, total=len(files))
        try:
            status, detail = transform(file, columns)
        except (OSError, ValueError) as problem:
            problems.append(f"{file}: {problem}")
            status, detail = "skipped", str(problem)
        say("file", path=file, status=status, detail=detail)
    return say("error", message="; ".join(problems)) if problems else say("result")


main()
