"""third-party.py MAJOR: prints the licenses of the crates that are compiled into the library for Postgres MAJOR, as their
licenses demand of whoever hands out the library. deny.toml says which licenses may be among them.

The texts are the files in the sources of the crates, word for word, so nothing is guessed from similarity.
"""

import json
import pathlib
import re
import subprocess
import sys

NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def cargo(*arguments):
    feature = ["--locked", "--no-default-features", "--features", f"pg{sys.argv[1]}"]
    return subprocess.run(["cargo", *arguments, *feature], check=True, stdout=subprocess.PIPE, text=True).stdout


def texts(folder):
    # aws-lc-sys holds the sources of AWS-LC, with a license of their own.
    for place in [folder, folder / "aws-lc"]:
        if place.is_dir():
            yield from (file for file in sorted(place.iterdir()) if file.is_file() and NAMES.match(file.name))


host = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout
host = re.search(r"^host: (.+)$", host, re.MULTILINE)[1]
tree = cargo("tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}", "--package", "pg_workos", "--target", host)
built = {tuple(line.split(" (")[0].split(" v")) for line in tree.splitlines()}
crates = [c for c in json.loads(cargo("metadata", "--format-version", "1"))["packages"] if (c["name"], c["version"]) in built and c["source"]]
# The program fails where a crate has no license.
users = {}
for crate in sorted(crates, key=lambda crate: (crate["name"], crate["version"])):
    label = f"{crate['name']} {crate['version']}: {crate['license'] or sys.exit(crate['name'] + ' has no license')}"
    found = [re.sub(r"[ \t]+$", "", file.read_text(errors="replace"), flags=re.MULTILINE).strip() for file in texts(pathlib.Path(crate["manifest_path"]).parent)]
    for text in dict.fromkeys(found or ["(The crate has no file with the text. Its license is named above.)"]):
        users.setdefault(text, []).append(label)

print("The library of pg_workos contains compiled code of these crates, under the licenses below them.")
for text, labels in sorted(users.items(), key=lambda item: item[1]):
    print("\n" + "=" * 80, *labels, "-" * 80, text, sep="\n")
