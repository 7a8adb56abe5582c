// SPDX-License-Identifier: GPL-2.0-only
// The page's style: dark on light, for a screen of any width and for paper.
#pragma once

namespace zc::bench {

constexpr const char* kStyle = R"css(
:root { --ink: #1b1f23; --soft: #57606a; --rule: #d4d9de; --zcctl: #0072b2; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 24px 20px 64px; max-width: 1180px; background: #fff;
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
  "DejaVu Sans", sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.6em 0 0.5em; padding-top: 0.5em;
  border-top: 2px solid var(--ink); }
h3 { font-size: 1.08rem; margin: 2em 0 0.4em; }
h1, h2, h3, p, li, figcaption { overflow-wrap: anywhere; }
p, ul { max-width: 74ch; }
p { margin: 0.5em 0; }
ul { padding-left: 1.2em; margin: 0.5em 0; }
li { margin: 0.35em 0; }
code { font: 0.92em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
p code, li code { background: #f2f4f6; border-radius: 3px; padding: 0.08em 0.3em;
  overflow-wrap: anywhere; }
.subtitle { color: var(--soft); margin-bottom: 1.2em; }
.warning { border-left: 4px solid #c8560b; background: #fdf4ec; padding: 8px 14px; }
nav { margin: 1em 0; font-size: 0.92rem; }
nav a { margin-right: 1.1em; white-space: nowrap; }
a { color: #04588a; }
figure { margin: 0.8em 0 1.6em; }
figure > figcaption { max-width: 74ch; }
.title { font-weight: 650; }
.panels { display: grid; gap: 18px 26px; margin-top: 10px;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 345px), 1fr)); }
.panel { min-width: 0; break-inside: avoid; }
.panel h4 { font-size: 0.95rem; margin: 0; }
.note { color: var(--soft); font-size: 0.82rem; line-height: 1.35; margin: 0 0 4px; }
.panel .empty { color: var(--soft); border: 1px dashed var(--rule); padding: 14px; }
svg { display: block; width: 100%; max-width: 470px; height: auto; }
svg g { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
  sans-serif; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 0.88rem; color: var(--soft);
  margin: 6px 0 0; padding: 0; list-style: none; max-width: none; }
.legend li { margin: 0; }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: 6px;
  vertical-align: -1px; border: 1px solid #0003; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.mark { color: #c01000; margin-right: 6px; }
.scroll { overflow-x: auto; margin: 0.3em 0 1.4em; border-bottom: 1px solid var(--rule); }
table { border-collapse: collapse; font-size: 0.86rem; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
.caption { font-weight: 650; font-size: 0.9rem; margin: 1.4em 0 0; max-width: none; }
th { text-align: left; vertical-align: bottom; font-weight: 600; color: var(--soft);
  border-bottom: 1.5px solid var(--ink); padding: 4px 14px 4px 0; }
td { vertical-align: top; border-bottom: 1px solid #e8ebee; padding: 4px 14px 4px 0;
  max-width: 64ch; white-space: nowrap; }
th, td { min-width: 7ch; }
td + td:not(.number), th + th:not(.number) { min-width: 9ch; }
th.number, td.number { text-align: right; white-space: nowrap; }
wbr { display: none; }
td + td.wide:not(.number) { white-space: normal; min-width: 26ch; overflow-wrap: anywhere; }
tr.zcctl td:first-child { color: var(--zcctl); font-weight: 650; }
tr.baseline td:first-child { font-weight: 650; }
tr.reference td, tr.void td { color: var(--soft); }
tr.reference td:first-child { font-style: italic; }
@media (max-width: 600px) {
  body { padding: 16px 14px 40px; font-size: 15px; }
  h1 { font-size: 1.5rem; }
}
@media print {
  @page { size: A4; margin: 14mm 12mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; }
  h2, h3, figcaption, .caption, .note, .legend { break-after: avoid; }
  h2 { margin-top: 1.6em; }
  tr, .panel, figcaption, .legend, .note, .warning { break-inside: avoid; }
  .panels { grid-template-columns: repeat(2, 1fr); gap: 10px 20px; }
  .scroll { overflow: visible; }
  table { font-size: 7.2pt; }
  th, td, td + td:not(.number), th + th:not(.number) { min-width: 0;
    padding: 2.5px 7px 2.5px 0; }
  td, td:first-child, th.number { white-space: normal; }
  wbr { display: inline; }
  td.wide, td + td.wide:not(.number) { min-width: 12ch; overflow-wrap: anywhere; }
  svg rect, svg polygon, svg path { print-color-adjust: exact;
    -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace zc::bench
