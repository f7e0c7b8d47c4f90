/** The style sheet of the page: light and dark, wide and narrow, screen and paper. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2126; --muted: #5d6770; --line: #d9dee3; --raised: #f5f7f9;
  --accent: #0b67a8; --wrong: #c24a00; --other: #b4bcc4;
  --series-1: #0072b2; --series-2: #d98200; --series-3: #009e73; --series-4: #c05a93;
  --series-5: #d55e00; --series-6: #45a5dc; --series-7: #857c00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181c; --ink: #e6eaee; --muted: #9aa5af; --line: #343c44; --raised: #1d2329;
    --accent: #5cb3ef; --wrong: #ff8f4d; --other: #59636c;
    --series-1: #3d9fe0; --series-2: #f0a830; --series-3: #2fc79b; --series-4: #e08fbe;
    --series-5: #ff7f3a; --series-6: #a5dcfb; --series-7: #d8cf45;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1, h2, h3 { line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 2rem; margin: 0; }
h2 { font-size: 1.4rem; margin: 3.5rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p, ul, ol, dl { margin: .75rem 0; }
a { color: var(--accent); }
code { font-size: .875em; overflow-wrap: anywhere; }
.kind, .absent, .source, figcaption, dt { color: var(--muted); }
.kind { margin: 0; font-size: .875rem; }
.findings { list-style: none; padding: 1rem 1.25rem; background: var(--raised); border-left: 4px solid var(--accent); border-radius: 4px; }
.findings li + li { margin-top: .35rem; }
.missing, .warnings { padding: .75rem 1.25rem .75rem 2.25rem; border: 1px solid var(--wrong); border-radius: 4px; font-size: .9375rem; }
nav ol { columns: 3 14rem; padding-left: 1.5rem; font-size: .9375rem; }
figure { margin: 1.25rem 0; }
figcaption { font-size: .9rem; margin-top: .5rem; max-width: 46rem; }
.scroll { overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; }
details { margin-top: .75rem; font-size: .9375rem; }
summary { cursor: pointer; color: var(--accent); }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; margin: .5rem 0; }
th, td { padding: .3rem .75rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); font-weight: 600; }
tbody th { font-weight: 400; max-width: 26rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
td.bar { min-width: 6.5rem; padding-left: .5rem;
  background: linear-gradient(to left, color-mix(in srgb, var(--accent) 24%, transparent) calc(var(--share) * 100%), transparent 0); }
dl { font-size: .9375rem; }
dl div { display: grid; grid-template-columns: 12rem 1fr; gap: .75rem; padding: .2rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.examples, .legend { list-style: none; padding: 0; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .75rem; }
.examples li { display: flex; gap: .9rem; padding: .8rem 1rem; background: var(--raised); border-radius: 6px; break-inside: avoid; }
.examples li > div { min-width: 0; }
.examples img { width: 96px; height: 96px; object-fit: contain; flex: none; }
.examples p { margin: 0; font-size: .9rem; }
.examples .source { font-size: .8125rem; overflow-wrap: anywhere; }
blockquote { margin: .4rem 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
.label { overflow-wrap: anywhere; unicode-bidi: isolate; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .4rem; overflow-wrap: anywhere; }
.legend i { width: .75rem; height: .75rem; border-radius: 50%; flex: none; }
.legend i.ring { border: 1.5px solid var(--ink); }
@media (max-width: 36rem) {
  body { padding-top: 1.25rem; }
  h1 { font-size: 1.6rem; }
  dl div { grid-template-columns: 1fr; gap: 0; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --ink: #000000; --muted: #444444; --line: #cccccc; --raised: #f4f4f4;
    --accent: #0b67a8; --wrong: #c24a00; --other: #b4bcc4;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, details { display: none; }
  h2, h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
}
`;
