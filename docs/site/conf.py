"""How Sphinx makes the web site; build.py calls it. No page may ask anybody for anything, not even fonts."""

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

project = "Handwritten digits, from scratch"
author = "the HWD contributors"
project_copyright = author
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
html_extra_path = ["extra"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
html_show_search_summary = False  # it would have to fetch pages, which no browser does from a disk
html_theme_options = {
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # the search stands in the sidebar
    "secondary_sidebar_items": {"index": [], "**": ["page-toc"]},
}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # DATA_FOLDER, and not where that is on this machine
maximum_signature_line_length = 60
autodoc_typehints = "none"  # they say less than the docstrings do
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # build.py has run them, two at a time
nb_ipywidgets_js = {}
nb_output_stderr = "remove"
nb_merge_streams = True
suppress_warnings = ["myst.header"]  # some texts go from # to ###


def setup(app):
    """Formulas become MathML, which every browser draws by itself."""

    def inline(writer, node):
        writer.body.append(tex2mathml(node.astext(), as_block=False))
        raise SkipNode

    def block(writer, node):
        writer.body.append(tex2mathml(node.astext(), as_block=True))
        raise SkipNode

    app.add_html_math_renderer("mathml", (inline, None), (block, None))
