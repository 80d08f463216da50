"""Copies the documents into a folder from which Sphinx makes the web site:  stage.py FOLDER

Every link leads to the same place as on GitHub. A file that a document links to, such as a script, becomes a page with its text, and a folder the
page of its README.md or a list of its files. A link to site/playground leads to the playground. docs/README.md is also the menu.
"""

import pathlib
import re
import shutil
import subprocess
import sys

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLAYGROUND = pathlib.PurePosixPath("site/playground")
LANGUAGES = {".sql": "sql", ".sh": "bash", ".py": "python", ".ts": "typescript", ".tsx": "typescript", ".mjs": "javascript", ".rs": "rust", ".toml": "toml", ".yml": "yaml", ".service": "ini", ".timer": "ini"}
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def listed(folder):
    names = subprocess.run(["git", "ls-files", str(folder)], cwd=ROOT, check=True, capture_output=True, text=True)
    return [pathlib.PurePosixPath(name) for name in names.stdout.splitlines()]


def normal(path):
    parts = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return pathlib.PurePosixPath(*parts)


def relative(start, target):
    """The way from the page `start` to the file `target`."""
    up = start.parent.parts
    down = target.parts
    while up and down and up[0] == down[0]:
        up, down = up[1:], down[1:]
    return "/".join([".."] * len(up) + list(down))


def page_of(path):
    """The page that shows this path, and None if it is the playground."""
    if path == PLAYGROUND:
        return None
    if (ROOT / path).is_dir():
        readme = path / "README.md"
        return readme if (ROOT / readme).exists() else path / "index.md"
    return path if path.suffix == ".md" else path.with_name(path.name + ".md")


def code_lines(text):
    """The numbers of the lines that are code, in which nothing is a link."""
    lines = set()
    for token in MarkdownIt("commonmark").parse(text):
        if token.type in ("fence", "code_block"):
            lines.update(range(*token.map))
    return lines


class Stage:
    def __init__(self, folder):
        self.folder = folder
        self.done = set()
        self.waiting = [pathlib.PurePosixPath("README.md"), *(name for name in listed("docs") if name.suffix == ".md")]

    def run(self):
        while self.waiting:
            path = self.waiting.pop()
            page = page_of(path)
            if page in self.done:
                continue
            self.done.add(page)
            write = self.folder / page
            write.parent.mkdir(parents=True, exist_ok=True)
            write.write_text(self.text(path, page))
        for image in [name for name in listed("docs") if name.suffix == ".svg"]:
            (self.folder / image).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / image, self.folder / image)
        menu = self.menu()
        for name in ("README.md", "docs/README.md"):
            path = self.folder / name
            path.write_text(path.read_text() + (menu if name == "README.md" else ""))

    def text(self, path, page):
        source = ROOT / path
        if page.suffix == ".md" and page.name not in (path.name, "README.md", "index.md"):
            text = source.read_text()
            fence = "`" * (3 + max((len(run) for run in re.findall(r"`{3,}", text)), default=0))
            return f"---\norphan: true\n---\n# {path}\n\n{fence}{LANGUAGES.get(path.suffix, 'text')}\n{text}\n{fence}\n"
        if page.name == "index.md":
            files = [name for name in listed(path) if name != path]
            self.waiting.extend(files)
            lines = [f"- [{name.relative_to(path)}]({relative(page, page_of(name))})" for name in files]
            return f"---\norphan: true\n---\n# {path}\n\n" + "\n".join(lines) + "\n"
        text = (ROOT / page).read_text()
        in_code = code_lines(text)
        lines = [line if n in in_code else LINK.sub(lambda link: self.link(page, link), line) for n, line in enumerate(text.split("\n"))]
        return "---\norphan: true\n---\n" + alerts("\n".join(lines))

    def link(self, page, link):
        words, target = link[1], link[2]
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        name, _, fragment = target.partition("#")
        path = normal(page.parent / name)
        shown = page_of(path)
        if shown is None:
            return f'<a href="{relative(page, pathlib.PurePosixPath("playground/index.html"))}">{words}</a>'
        if (ROOT / path).suffix != ".svg":
            self.waiting.append(path)
        return f"[{words}]({relative(page, shown)}{'#' + fragment if fragment else ''})"

    def menu(self):
        """Toctrees with the documents of docs/README.md, under its words in bold."""
        parts, caption = {}, None
        for line in (ROOT / "docs/README.md").read_text().splitlines():
            if bold := re.match(r"\*\*(.+?)\*\*", line):
                caption = bold[1]
            elif caption and line.startswith("- "):
                parts.setdefault(caption, []).extend(target for _, target in LINK.findall(line) if target.endswith(".md"))
        parts["Project"] = [f"../{name}.md" for name in ("SECURITY", "CHANGELOG", "RELEASING", "CONTRIBUTING") if pathlib.PurePosixPath(f"{name}.md") in self.done]
        blocks = [f"\n```{{toctree}}\n:hidden:\n:caption: {name}\n\n" + "\n".join(dict.fromkeys(str(normal(pathlib.PurePosixPath("docs") / target)) for target in targets)) + "\n```\n" for name, targets in parts.items()]
        return "".join(blocks)


def alerts(text):
    """GitHub's alerts (> [!NOTE]), as MyST writes them."""
    def block(found):
        body = re.sub(r"^> ?", "", found[2], flags=re.M)
        return f":::{{{found[1].lower()}}}\n{body}:::\n"
    return re.sub(r"^> \[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\n((?:>.*\n)+)", block, text, flags=re.M)


if __name__ == "__main__":
    Stage(pathlib.Path(sys.argv[1])).run()
