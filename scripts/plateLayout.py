"""Makes templates/runs/plate_reader_run/layout/plate_layout.xlsx, which is kept beside its template.

After a change: python3 -m pip install XlsxWriter==3.3.1, then python3 scripts/plateLayout.py
"""

import datetime
import pathlib

import xlsxwriter

TARGET = pathlib.Path(__file__).parent.parent / "templates/runs/plate_reader_run/layout/plate_layout.xlsx"

# Name, label, where the value comes from, type, number format; and what a person is asked: required, default, hint.
CELLS = [
    ("run_title", "Run", "{run_name}", "", "@"),
    ("project", "Project", "{project_short_id}: {project_name}", "", "@"),
    ("operator_name", "Operator", "operator", "", "@"),
    ("run_day", "Date", "run_date", "date", "yyyy-mm-dd"),
    ("assay_name", "Assay", "assay", "", "@"),
    ("wells", "Wells", "plate_format", "integer", "0"),
    ("plate_barcode", "Barcode of the plate", "", "string", "@", "yes", "P-0001", "On its short side"),
    ("temperature", "Temperature in the reader, °C", "", "number", "0.0", "no", 25, "As the reader shows it"),
]

FIRST_ROW = 2

book = xlsxwriter.Workbook(str(TARGET))
book.set_properties({"title": "Plate layout", "created": datetime.datetime(2026, 1, 1)})
head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
title = book.add_format({"bold": True, "font_size": 16, "bg_color": "#DDEBF7"})
well = book.add_format({"border": 1, "align": "center"})
run, layout, listed = (book.add_worksheet(name) for name in ("Run", "Layout", "metadata"))

run.set_column("A:A", 32)
run.set_column("B:B", 44)
run.merge_range("A1:B1", "Plate reader run", title)
for row, (name, label, _, _, number_format, *_) in enumerate(CELLS, FIRST_ROW):
    run.write(row, 0, label, head)
    entry = {"bg_color": "#FFF9E5", "border": 1, "align": "left", "num_format": number_format}
    run.write_blank(row, 1, None, book.add_format(entry))
    book.define_name(name, f"=Run!$B${row + 1}")
below = FIRST_ROW + len(CELLS) + 1
run.write(below, 0, "Wells with samples", head)
run.write_formula(below, 1, '=COUNTIF(Layout!B2:M9,"Sample")', None, 72)
run.write(below + 1, 0, "Label for the lid", head)
run.write_formula(below + 1, 1, '=assay_name&" / "&plate_barcode', None, " / ")

for column in range(1, 13):
    layout.write(0, column, column, head)
for row, letter in enumerate("ABCDEFGH", 1):
    layout.write(row, 0, letter, head)
    for column in range(1, 13):
        layout.write(row, column, "Standard" if column <= 2 else "Blank" if column == 12 else "Sample", well)
layout.data_validation("B2:M9", {"validate": "list", "source": ["Sample", "Standard", "Blank", "Empty"]})
for contents, colour in (("Standard", "#C6E0B4"), ("Blank", "#D9D9D9"), ("Empty", "#FFFFFF")):
    criteria = {"type": "cell", "criteria": "==", "value": f'"{contents}"'}
    layout.conditional_format("B2:M9", {**criteria, "format": book.add_format({"bg_color": colour})})

for column, (heading, width) in enumerate(
    [("cell", 18), ("from", 36), ("label", 32), ("type", 12), ("required", 12), ("default", 14), ("hint", 32)]
):
    listed.write(0, column, heading, head)
    listed.set_column(column, column, width)
for row, (name, label, source, kind, _, *asked) in enumerate(CELLS, 1):
    for column, value in enumerate([name, source, label, kind, *asked]):
        if value != "":
            listed.write(row, column, value)

book.close()
