"""Tesseract, in this process: a page as a picture, straightened, becomes words and places."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pymupdf
import tesserocr

from services.ingest.formats.pdf_ocr.hocr import Word, words_of
from services.ingest.formats.pdf_ocr.straight import slope
from services.ingest.formats.pdf_text.geometry import Box
from services.ingest.formats.unreadable import Unreadable

LANGUAGE, ORIENTATION = "fra", "osd"
HOMES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
"""Where systems keep what tesseract has learned, when TESSDATA_PREFIX does not say it."""

Band = tuple[float, float]
"""From top to bottom, in points."""
DPI, FINE_DPI = 200, 300
MOST_PIXELS = 16_000_000
"""A page that is larger at the wanted resolution is drawn smaller."""
MILLISECONDS = 10_000
"""That one look at a page may take; what was recognised until then counts."""
UNSURE = 62
"""Mean certainty below which a page may lie on its side or stand on its head."""
SURE_OF_TURN = 2.0
SETTINGS = {"invert_threshold": "0.4"}
"""White letters on black are tried where black ones on white are hopeless, and only there."""
EDGE = 6.0
"""Points."""
LEAST_BAND = 20
"""Pixels."""


@dataclass(frozen=True, slots=True)
class View:
    """How a page was drawn, and how its words stand on it."""

    zoom: float
    angle: float
    """Degrees by which it was turned before it was drawn."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as tesseract saw it, straightened: its words in points, and the way back."""

    number: int
    width: float
    height: float
    words: Sequence[Word]
    view: View
    back: pymupdf.Matrix
    whole: bool = True
    """Whether there was time for all of it."""

    @property
    def sure(self) -> int:
        """Mean certainty, of 100."""
        return sum(word.sure for word in self.words) // max(len(self.words), 1)

    def surety(self, box: Box) -> int:
        """How sure the least sure word in a box is; all of it where there is none."""
        return min((word.sure for word in self.words if _inside(word, box)), default=100)

    def place(self, box: Box) -> Box:
        """A box on the straightened page as the box on the page itself."""
        rect = (pymupdf.Rect(box).quad * self.back).rect
        return round(rect.x0, 2), round(rect.y0, 2), round(rect.x1, 2), round(rect.y1, 2)


def look(page: pymupdf.Page) -> Sheet:
    """The words of a page, whichever way it lies."""
    sheet = _look(page, 0)
    if sheet.sure < UNSURE and (turn := _turn(page)):
        turned = _look(page, turn)
        return turned if turned.sure > sheet.sure else sheet
    return sheet


def look_closer(page: pymupdf.Page, sheet: Sheet, bands: Sequence[Band]) -> Sheet:
    """The page with the words in bands of it taken from a larger drawing, scattered ones too."""
    api = engine(LANGUAGE)
    api.SetPageSegMode(tesserocr.PSM.SPARSE_TEXT)
    view = replace(sheet.view, zoom=zoom_for(page.rect, FINE_DPI))
    picture, _ = _picture(page, view)
    words = [word for word in sheet.words if not any(_within(word, band) for band in bands)]
    whole = sheet.whole
    for top, bottom in bands:
        low, high = max(int(top * view.zoom), 0), min(int(bottom * view.zoom), picture.height)
        if high - low < LEAST_BAND:
            continue
        _lay(api, picture, view, low, high)
        whole &= bool(api.Recognize(MILLISECONDS))
        seen = _in_points(words_of(api.GetHOCRText(0)), view.zoom, low)
        words += [word for word in seen if _within(word, (top, bottom))]
    api.Clear()
    return replace(sheet, words=words, whole=whole)


def zoom_for(rect: pymupdf.Rect, dpi: int) -> float:
    """How much larger than in points a page is drawn."""
    return float(min(dpi / 72, math.sqrt(MOST_PIXELS / max(rect.width * rect.height, 1))))


def _look(page: pymupdf.Page, turn: int) -> Sheet:
    api = engine(LANGUAGE)
    api.SetPageSegMode(tesserocr.PSM.SINGLE_COLUMN)
    view = View(zoom_for(page.rect, DPI), turn - slope(page, turn))
    picture, matrix = _picture(page, view)
    _lay(api, picture, view, 0, picture.height)
    whole = bool(api.Recognize(MILLISECONDS))
    words = list(_in_points(words_of(api.GetHOCRText(0)), view.zoom))
    api.Clear()
    drawn = pymupdf.Matrix(view.zoom, 0, 0, view.zoom, picture.x, picture.y)
    size = picture.width / view.zoom, picture.height / view.zoom
    return Sheet((page.number or 0) + 1, *size, words, view, drawn * ~matrix, whole)


def _in_points(words: Iterable[Word], zoom: float, low: int = 0) -> Iterable[Word]:
    for w in words:
        top, bottom = (w.y0 + low) / zoom, (w.y1 + low) / zoom
        yield Word(w.x0 / zoom, top, w.x1 / zoom, bottom, w.text, w.sure)


def _inside(word: Word, box: Box) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _within(word: Word, band: Band) -> bool:
    """Whether a word lies in a band, clear of its edges, where lines are cut."""
    return band[0] + EDGE <= (word.y0 + word.y1) / 2 <= band[1] - EDGE


def _picture(page: pymupdf.Page, view: View) -> tuple[pymupdf.Pixmap, pymupdf.Matrix]:
    """The drawing of a page, and how it was moved there."""
    matrix = pymupdf.Matrix(view.zoom, view.zoom).prerotate(view.angle)
    return page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY), matrix


def _lay(
    api: tesserocr.PyTessBaseAPI, picture: pymupdf.Pixmap, view: View, low: int, high: int
) -> None:
    """Lay some rows of a drawing before tesseract, whose own rectangles go astray."""
    step = picture.stride
    rows = picture.samples[low * step : high * step]
    api.SetImageBytes(rows, picture.width, high - low, 1, step)
    api.SetSourceResolution(round(view.zoom * 72))


def _turn(page: pymupdf.Page) -> int:
    """By how many degrees a page must be turned to stand upright; 0 when nobody can tell."""
    if not has(ORIENTATION):
        return 0
    api = engine(ORIENTATION)
    view = View(zoom_for(page.rect, DPI), 0)
    picture, _ = _picture(page, view)
    _lay(api, picture, view, 0, picture.height)
    found = api.DetectOrientationScript()
    api.Clear()
    if not found or found["orient_conf"] < SURE_OF_TURN:
        return 0
    return -int(found["orient_deg"])


@cache
def home() -> str:
    """Where French lies. Raises Unreadable when it is not installed."""
    named, languages = tesserocr.get_languages()
    if LANGUAGE in languages:
        return str(named)
    for folder in HOMES:
        if (Path(folder) / f"{LANGUAGE}.traineddata").exists():
            return folder
    raise Unreadable.because("FAC-READ-019")


def has(what: str) -> bool:
    """Whether tesseract has learned this."""
    return (Path(home()) / f"{what}.traineddata").exists()


@cache
def engine(what: str) -> tesserocr.PyTessBaseAPI:
    """Tesseract with one thing that it has learned, kept for the next page."""
    turning = what == ORIENTATION
    return tesserocr.PyTessBaseAPI(
        path=home(),
        lang=what,
        psm=tesserocr.PSM.OSD_ONLY if turning else tesserocr.PSM.SINGLE_COLUMN,
        oem=tesserocr.OEM.TESSERACT_ONLY if turning else tesserocr.OEM.LSTM_ONLY,
        variables=SETTINGS,
    )
