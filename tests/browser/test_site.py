"""The web site: it builds without a warning, works from a disk, and asks nobody for anything."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from docs.site import build
from tests.browser.test_app import axe, violations  # noqa: F401
from tools.browser import DIGITS, Hand


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, with one of its notebooks run: `python3 start.py site` runs all of them."""

    def run(path):
        if path.name.startswith("00"):
            return build.run_notebook(path)
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        return notebook

    folder = tmp_path_factory.mktemp("site") / "site"
    build.build(folder, run)
    return folder


class Page(HTMLParser):
    """What a page links to and loads, and the places in it that can be linked to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loads, self.places, self.silent = [], [], {""}, []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places |= {attributes.get("id"), attributes.get("name")}
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        for name in ("src", "href", "data"):
            if name in attributes and tag in ("img", "script", "iframe", "link", "source", "object"):
                self.loads.append(attributes[name])
        if tag == "img" and not attributes.get("alt"):
            self.silent.append(attributes.get("src", "")[:80])
        if tag == "iframe" and not attributes.get("title"):
            self.silent.append("a frame")


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html") if path.name != build.PAGE}


@pytest.mark.slow
def test_every_link_leads_somewhere(site, pages):
    broken = []
    for path, page in pages.items():
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                broken.append(f"{path.name}: {link}")
            elif target in pages and unquote(parts.fragment) not in pages[target].places:
                broken.append(f"{path.name}: {link}: there is no such place")
    assert not broken


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site, pages):
    loads = {(path.name, load) for path, page in pages.items() for load in page.loads}
    assert [load for load in loads if urlsplit(load[1]).scheme not in ("", "data")] == []
    styles = [path.read_text("utf-8", errors="replace") for path in site.rglob("*.css")]
    assert not [url for text in styles for url in re.findall(r"url\([\"']?(?:https?:)?//[^)]*", text)]


@pytest.mark.slow
def test_every_picture_has_words(pages):
    assert {path.name: page.silent for path, page in pages.items() if page.silent} == {}


@pytest.mark.slow
def test_panels_are_pictures_with_a_sentence(site):
    text = (site / "notebooks" / "00_draw_first.html").read_text("utf-8")
    figures = re.findall(r'<figure class="hwd-panel"><img src="([^"]+)" alt="[^"]{20,}">'
                         r"<figcaption>([^<]{20,})</figcaption>", text)  # fmt: skip
    assert [picture for picture, _ in figures] == ["img/app.png", "img/panels/mover.png"]
    assert "widget-view" not in text and "require.js" not in text


@pytest.mark.slow
def test_the_notebooks_follow_one_another(site):
    text = (site / "notebooks" / "00_draw_first.html").read_text("utf-8")
    assert re.search(r'class="right-next"\s+href="01_mnist.html"', text)
    assert (site / build.PAGE).read_bytes().startswith(b"<!DOCTYPE html>")
    assert "../docs/site/try.html" in text


@pytest.mark.slow
@pytest.mark.parametrize("window", [(1280, 900), (390, 664)], ids=str)
def test_it_works_from_a_disk_with_no_network(site, browser, window):
    context = browser.new_context(viewport=dict(zip(("width", "height"), window, strict=True)), offline=True)
    page, wrong, asked = context.new_page(), [], []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for name in ("index.html", "notebooks/00_draw_first.html", "notebooks/glossary.html"):
        page.goto((site / name).as_uri(), wait_until="load")
        assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
        assert page.evaluate("document.documentElement.scrollWidth") == window[0]
    page.goto((site / "search.html").as_uri() + "?q=softmax")
    page.locator("#search-results a").first.wait_for()
    page.goto((site / "index.html").as_uri())
    inside = page.frame_locator("iframe.reader")
    inside.locator("body[data-ready=yes]").wait_for()
    hand = Hand(page)
    hand.canvas = inside.locator("canvas").first
    hand.draw(DIGITS[7])
    inside.locator(".hwd-guess").get_by_text("7").wait_for()
    assert wrong == [] and not [url for url in asked if not url.startswith(("file:", "data:"))]
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["index", "notebooks/00_draw_first", "notebooks/glossary"])
def test_nothing_stands_in_the_way_of_anybody(site, browser, axe, name):  # noqa: F811
    page = browser.new_page()
    page.goto((site / f"{name}.html").as_uri())
    assert violations(page, axe, ["light"]) == []
    page.close()
