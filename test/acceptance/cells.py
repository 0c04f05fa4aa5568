"""Prints what a workbook holds, read with nothing but Python's standard library: names, cells, formulas, styles."""

import json
import sys
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def texts(element):
    return "".join(text.text or "" for text in element.iter(MAIN + "t"))


def value_of(cell, strings):
    kind, value = cell.get("t", "n"), cell.findtext(MAIN + "v")
    if kind == "inlineStr":
        return texts(cell.find(MAIN + "is"))
    if value is None:
        return None
    if kind == "s":
        return strings[int(value)]
    return {"n": float, "b": lambda text: text == "1"}.get(kind, str)(value)


with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None

    def read(part):
        return ElementTree.fromstring(archive.read(part))

    book = read("xl/workbook.xml")
    strings = [texts(item) for item in read("xl/sharedStrings.xml")]
    formats = {item.get("numFmtId"): item.get("formatCode") for item in read("xl/styles.xml").iter(MAIN + "numFmt")}
    styles = [
        {"format": formats.get(xf.get("numFmtId"), xf.get("numFmtId")), "font": xf.get("fontId"), "fill": xf.get("fillId")}
        for xf in read("xl/styles.xml").find(MAIN + "cellXfs")
    ]
    targets = {item.get("Id"): item.get("Target") for item in read("xl/_rels/workbook.xml.rels")}
    sheets = {}
    for sheet in book.iter(MAIN + "sheet"):
        xml = read("xl/" + targets[sheet.get(OFFICE + "id")])
        sheets[sheet.get("name")] = {
            cell.get("r"): {
                "value": value_of(cell, strings),
                "formula": cell.findtext(MAIN + "f"),
                "style": styles[int(cell.get("s", 0))],
            }
            for cell in xml.iter(MAIN + "c")
        }
    names = {name.get("name"): name.text.replace("$", "") for name in book.iter(MAIN + "definedName")}
    print(json.dumps({"names": names, "sheets": sheets, "parts": sorted(archive.namelist())}))
