# Sphinx makes the web site from the documents that stage.py copies. Every link that leads nowhere is an error (site/build.sh calls it with -W).
import pathlib

project = "pg_workos"
copyright = "the authors of pg_workos"
html_show_sphinx = False
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False

root_doc = "README"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "pg_workos"
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}
html_favicon = "icon.svg"
html_static_path = ["narrow.css"]
html_css_files = ["narrow.css"]


# What the theme lacks for screen readers and the keyboard
REPAIRS = [
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="Documents">'),
    ('<aside class="toc-drawer">', '<aside class="toc-drawer" aria-label="On this page">'),
    ("<p><img ", '<p class="drawing" tabindex="0"><img '),
    ("<pre>", '<pre tabindex="0">'),
    ('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
    ('<th class="head"><p></p></th>', '<td class="head"></td>'),
]


def repair(app, error):
    for page in pathlib.Path(app.outdir).rglob("*.html"):
        if error is None and "playground" not in page.parts:
            text = page.read_text()
            for old, new in REPAIRS:
                text = text.replace(old, new)
            page.write_text(text)


def setup(app):
    app.connect("build-finished", repair)
