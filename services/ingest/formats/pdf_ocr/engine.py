"""Tesseract, in this process: a page as a picture, straightened, becomes words and places."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pymupdf
import tesserocr

from services.ingest.formats.pdf_ocr.hocr import Word, words_of
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

DPI, FINE_DPI = 200, 300
MOST_PIXELS = 16_000_000
"""A page that is larger at the wanted resolution is drawn smaller."""
MILLISECONDS = 10_000
"""That one look at a page may take; what was recognised until then counts."""
CROOKED = 0.25
"""Degrees from which on a page is straightened."""
LONG = 0.75
"""Inches: shorter lines say nothing about how crooked a page is."""
UNSURE = 62
"""Mean certainty below which a page may lie on its side or stand on its head."""
SURE_OF_TURN = 2.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as tesseract saw it, straightened: its words in points, and the way back."""

    number: int
    width: float
    height: float
    words: list[Word]
    back: pymupdf.Matrix
    sure: int
    """Mean certainty, of 100."""
    whole: bool
    """Whether there was time for all of it."""

    def place(self, box: Box) -> Box:
        """A box on the straightened page as the box on the page itself."""
        rect = (pymupdf.Rect(box).quad * self.back).rect
        return round(rect.x0, 2), round(rect.y0, 2), round(rect.x1, 2), round(rect.y1, 2)


def look(page: pymupdf.Page, *, fine: bool = False) -> Sheet:
    """The words of a page; `fine` looks longer, for words that stand alone too."""
    mode = tesserocr.PSM.SPARSE_TEXT if fine else tesserocr.PSM.SINGLE_COLUMN
    zoom = zoom_for(page.rect, FINE_DPI if fine else DPI)
    sheet = _look(page, zoom, 0, mode)
    if sheet.sure < UNSURE and (turn := _turn(page, zoom)):
        turned = _look(page, zoom, turn, mode)
        return turned if turned.sure > sheet.sure else sheet
    return sheet


def zoom_for(rect: pymupdf.Rect, dpi: int) -> float:
    """How much larger than in points a page is drawn."""
    return float(min(dpi / 72, math.sqrt(MOST_PIXELS / max(rect.width * rect.height, 1))))


def _look(page: pymupdf.Page, zoom: float, turn: int, mode: int) -> Sheet:
    api = engine(LANGUAGE)
    api.SetPageSegMode(mode)
    picture, matrix = _picture(api, page, zoom, turn)
    angle = _crookedness(api, zoom)
    if abs(angle) > CROOKED:
        picture, matrix = _picture(api, page, zoom, turn - angle)
    whole = api.Recognize(MILLISECONDS)
    words = list(words_of(api.GetHOCRText(0))) if whole else []
    api.Clear()
    back = pymupdf.Matrix(zoom, zoom) * pymupdf.Matrix(1, 0, 0, 1, picture.x, picture.y) * ~matrix
    return Sheet(
        (page.number or 0) + 1,
        picture.width / zoom,
        picture.height / zoom,
        [Word(w.x0 / zoom, w.y0 / zoom, w.x1 / zoom, w.y1 / zoom, w.text, w.sure) for w in words],
        back,
        sum(word.sure for word in words) // max(len(words), 1),
        whole,
    )


def _picture(
    api: tesserocr.PyTessBaseAPI, page: pymupdf.Page, zoom: float, angle: float
) -> tuple[pymupdf.Pixmap, pymupdf.Matrix]:
    """Draw a page turned by an angle and lay it before tesseract."""
    matrix = pymupdf.Matrix(zoom, zoom).prerotate(angle)
    picture = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY)
    api.SetImageBytes(picture.samples, picture.width, picture.height, 1, picture.stride)
    api.SetSourceResolution(round(zoom * 72))
    return picture, matrix


def _crookedness(api: tesserocr.PyTessBaseAPI, zoom: float) -> float:
    """By how many degrees the lines fall to the right: half of what is long falls more."""
    lines = api.AnalyseLayout()
    if lines is None:
        return 0.0
    falls: list[tuple[float, float]] = []
    while True:
        if base := lines.Baseline(tesserocr.RIL.TEXTLINE):
            (x0, y0), (x1, y1) = base
            if x1 - x0 > LONG * 72 * zoom:
                falls.append(((y1 - y0) / (x1 - x0), x1 - x0))
        if not lines.Next(tesserocr.RIL.TEXTLINE):
            break
    half = sum(length for _, length in falls) / 2
    for fall, length in sorted(falls):
        half -= length
        if half <= 0:
            return math.degrees(math.atan(fall))
    return 0.0


def _turn(page: pymupdf.Page, zoom: float) -> int:
    """By how many degrees a page must be turned to stand upright; 0 when nobody can tell."""
    if not has(ORIENTATION):
        return 0
    api = engine(ORIENTATION)
    _picture(api, page, zoom, 0)
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
    )
