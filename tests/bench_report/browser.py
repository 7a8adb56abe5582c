# SPDX-License-Identifier: GPL-2.0-only
"""A report in a real browser: at a desk, on a phone, on paper. Is anything too wide, does any label
lie over another, is any picture empty? The page is put into a frame of each width, next to a script
that looks; --dump-dom prints what it found. With ZC_SCREENSHOTS=FOLDER, pictures to look at, too.
"""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
# Width in CSS pixels; paper is A4 without its margins, at 96 pixels an inch.
VIEWS = {"desktop": (1280, False), "phone": (390, False), "narrow phone": (320, False), "paper": (703, True)}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--hide-scrollbars"]

LOOK = """
function look(doc, width, paper) {
  const found = [];
  const say = (what, node) => found.push(what + ': ' + (node.textContent || '').trim().slice(0, 60));
  const scrolls = node => !paper && node.closest('.scroll') && !node.matches('.scroll');
  for (const node of doc.body.querySelectorAll('*')) {
    if (scrolls(node) || node.closest('svg') && !node.matches('svg')) continue;
    const box = node.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) say('too wide <' + node.tagName + '>', node);
  }
  for (const cell of doc.querySelectorAll('td, th'))
    if (cell.scrollWidth > cell.clientWidth + 1) say('text leaves its cell', cell);
  const svgs = [...doc.querySelectorAll('svg')];
  for (const svg of svgs) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim());
    const marks = svg.querySelectorAll('polygon, use').length;
    if (!marks || texts.length < 3 || frame.height < 60) say('empty picture', svg);
    const boxes = texts.map(text => text.getBoundingClientRect());
    boxes.forEach((a, i) => {
      if (a.left < frame.left - 2 || a.right > frame.right + 2) say('label cut off', texts[i]);
      if (a.height < 6) say('label too small to read', texts[i]);
      boxes.slice(i + 1).forEach((b, k) => {
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 2 && y > 4) say('labels overlap', {textContent: texts[i].textContent + ' / ' + texts[i + 1 + k].textContent});
      });
    });
  }
  const ids = [...doc.querySelectorAll('[id]')].map(node => node.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  if (twice.length) found.push('id twice: ' + twice[0]);
  if (doc.querySelector('script, link, img, iframe, [src]')) found.push('something to fetch or run');
  return {pictures: svgs.length, found};
}
onload = () => {
  const frame = document.querySelector('iframe');
  const report = look(frame.contentDocument, +frame.width, frame.dataset.paper === 'true');
  document.getElementById('result').textContent = JSON.stringify(report);
};
"""


def chromium(*arguments):
    """Runs it with a profile of its own and returns what it prints."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", *FLAGS, f"--user-data-dir={profile}", *arguments]
        run = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return run.stdout


def checking_page(page, width, paper):
    if paper:
        page = page.replace("@media print", "@media all")
    return (f'<!DOCTYPE html><meta charset="utf-8"><script>{LOOK}</script><pre id="result"></pre>'
            f'<iframe width="{width}" height="900" data-paper="{str(paper).lower()}" '
            f'style="border:0" srcdoc="{html.escape(page)}"></iframe>')


def look_at(page, folder, width, paper):
    path = folder / "check.html"
    path.write_text(checking_page(page, width, paper), encoding="utf-8")
    dom = chromium(f"--window-size={max(width, 800)},1000", "--dump-dom", path.as_uri())
    result = re.search(r'<pre id="result">(.*?)</pre>', dom, re.S)
    if not result or not result[1]:
        raise SystemExit("the checking page did not run")
    return json.loads(html.unescape(result[1]))


def check_views(path, folder, has_pictures):
    page = path.read_text(encoding="utf-8")
    failures = 0
    for name, (width, paper) in VIEWS.items():
        result = look_at(page, folder, width, paper)
        print(f"{name}: {result['pictures']} pictures, {len(result['found'])} faults")
        for fault in result["found"][:20]:
            print(f"  {fault}")
        failures += len(result["found"]) + (has_pictures and result["pictures"] == 0)
    return failures


def check_print(path, folder):
    """A PDF with pages in it."""
    pdf = folder / "report.pdf"
    chromium("--no-pdf-header-footer", f"--print-to-pdf={pdf}", path.as_uri())
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
    print(f"print: {pages} pages")
    return 0 if pages else 1


def take_screenshots(path, folder):
    for name, (width, _) in VIEWS.items():
        chromium(f"--window-size={max(width, 500)},2400", f"--screenshot={folder}/{path.stem}-{name}.png", path.as_uri())


def main():
    if not shutil.which("chromium"):
        print("chromium is not installed")
        return SKIP
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if len(sys.argv) > 1:
            pages = {pathlib.Path(sys.argv[1]).resolve(): False}
        else:
            pages = {folder / "report.html": True, folder / "compared.html": False}
            made = subprocess.run([os.environ["REPORT_SAMPLE"], *pages], check=False).returncode
            if made:
                return made
        failures = 0
        for path, has_pictures in pages.items():
            print(path.name)
            failures += check_views(path, folder, has_pictures) + check_print(path, folder)
            if "ZC_SCREENSHOTS" in os.environ:
                take_screenshots(path, os.environ["ZC_SCREENSHOTS"])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
